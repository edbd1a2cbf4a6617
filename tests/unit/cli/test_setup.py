"""init and account files: on a real home folder, without a daemon."""

from __future__ import annotations

import io
import json
import sys
import tomllib
from pathlib import Path

import pytest

from stardust.cli import secret
from stardust.cli.exits import Exit
from stardust.daemon.home import Home
from stardust.identity.accounts import AccountKey
from stardust.identity.keystore import export_keystore, import_keystore
from tests.unit.cli.conftest import Stardust

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"


@pytest.fixture
def passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text("correct horse\nsecond line\n")
    monkeypatch.setenv(secret.FILE_VARIABLE, str(file))
    return file


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ("correct horse", ""),
        ("hunter2", "easily guessed"),
        ("", "Without a passphrase"),
        ("a" * 1024, "guessed"),
    ],
)
def test_a_passphrase_that_is_easily_guessed_is_said(
    stardust: Stardust, tmp_path: Path, chosen: str, said: str
) -> None:
    file = tmp_path / "chosen"
    file.write_text(chosen)
    ran = stardust("init", "--passphrase-file", str(file))
    assert ran.code == Exit.OK
    assert said in ran.err
    assert bool(ran.err) == bool(said)


def test_a_new_account_shows_its_phrase_once(stardust: Stardust, home: Path, passphrase: Path) -> None:
    ran = stardust("init", "--json", "--name", "Ann", "--node", "ws://127.0.0.1:1234", "--words", "24")
    assert ran.code == Exit.OK
    assert set(ran.json) == {"address", "device", "home", "phrase"}
    assert len(ran.json["phrase"].split()) == 24
    assert AccountKey.from_uri(ran.json["phrase"]).address == ran.json["address"]
    assert tomllib.loads((home / "config.toml").read_text())["chain"]["nodes"] == ["ws://127.0.0.1:1234"]
    written = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert ran.json["phrase"].encode() not in written


def test_people_see_the_phrase_as_numbered_words(stardust: Stardust, passphrase: Path) -> None:
    out = stardust("init").out
    assert "  1 " in out
    assert " 12 " in out
    assert "on paper" in out


def test_a_second_account_in_the_same_home_is_refused(
    stardust: Stardust, home: Path, passphrase: Path
) -> None:
    stardust("init")
    before = (home / "account.json").read_bytes()
    ran = stardust("init")
    assert ran.code == Exit.USAGE
    assert "already" in ran.err
    assert (home / "account.json").read_bytes() == before


def test_a_phrase_is_imported_from_a_file(stardust: Stardust, tmp_path: Path, passphrase: Path) -> None:
    key, phrase = AccountKey.create()
    file = tmp_path / "phrase"
    file.write_text(f"  {phrase.upper()}  \n")
    ran = stardust("init", "--json", "--phrase-file", str(file))
    assert ran.json["address"] == key.address
    assert ran.json["phrase"] is None


def test_a_wrong_phrase_is_refused_and_not_repeated(
    stardust: Stardust, tmp_path: Path, home: Path, passphrase: Path
) -> None:
    file = tmp_path / "phrase"
    file.write_text("abandon " * 12)
    ran = stardust("init", "--phrase-file", str(file))
    assert ran.code == Exit.USAGE
    assert "abandon" not in ran.err
    assert not Home.at(home).exists


@pytest.mark.parametrize("way", ["option", "file variable", "variable", "standard input"])
def test_an_account_file_is_opened_without_a_terminal(
    stardust: Stardust, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passphrase: Path, way: str
) -> None:
    key = AccountKey.create()[0]
    wallet, secret = tmp_path / "wallet.json", tmp_path / "wallet.pass"
    wallet.write_bytes(export_keystore(key, "of the wallet"))
    secret.write_text("of the wallet\n")
    options: tuple[str, ...] = ()
    match way:
        case "option":
            options = ("--account-passphrase-file", str(secret))
        case "file variable":
            monkeypatch.setenv("STARDUST_ACCOUNT_PASSPHRASE_FILE", str(secret))
        case "variable":
            monkeypatch.setenv("STARDUST_ACCOUNT_PASSPHRASE", "of the wallet")
        case _:
            monkeypatch.setattr(sys, "stdin", io.StringIO("of the wallet\nmy own\n"))
            options = ("--account-passphrase-file", "-", "--passphrase-file", "-")
    ran = stardust("init", "--json", "--account-file", str(wallet), *options)
    assert ran.code == Exit.OK
    assert ran.json["address"] == key.address


def test_an_account_file_that_cannot_be_opened_makes_no_home(
    stardust: Stardust, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, passphrase: Path
) -> None:
    wallet = tmp_path / "wallet.json"
    wallet.write_bytes(export_keystore(AccountKey.create()[0], "of the wallet"))
    error = stardust("init", "--json", "--account-file", str(wallet)).json["error"]
    assert (error["code"], error["hint"]) == ("usage", "--account-passphrase-file FILE")
    monkeypatch.setenv("STARDUST_ACCOUNT_PASSPHRASE", "another")
    ran = stardust("init", "--json", "--account-file", str(wallet))
    assert (ran.code, ran.json["error"]["code"]) == (Exit.LOCAL, "wrong_passphrase")
    assert stardust("init", "--account-passphrase-file", str(wallet)).code == Exit.USAGE
    assert not home.exists()


def test_a_development_account_needs_its_option(stardust: Stardust, tmp_path: Path, passphrase: Path) -> None:
    file = tmp_path / "phrase"
    file.write_text("//Alice")
    assert stardust("init", "--json", "--phrase-file", str(file)).json["error"]["code"] == "dev_account"
    for other in ("Alice", "", "/Alice"):
        ran = stardust("init", "--dev", other)
        assert (ran.code, f"{other!r} is no development account." in ran.err) == (Exit.USAGE, True)
    assert stardust("init", "--json", "--dev", "//Alice").json["address"] == ALICE


def test_two_ways_to_import_are_one_too_many(stardust: Stardust, tmp_path: Path, passphrase: Path) -> None:
    ran = stardust("init", "--dev", "//Alice", "--phrase")
    assert ran.code == Exit.USAGE
    assert "one way" in ran.err


def test_without_a_terminal_a_missing_passphrase_is_an_error(stardust: Stardust, home: Path) -> None:
    ran = stardust("init", "--json")
    assert ran.code == Exit.USAGE
    assert ran.json["error"]["hint"] == "--passphrase-file FILE"
    assert not Home.at(home).exists


def test_a_passphrase_file_that_cannot_be_read_is_named(stardust: Stardust) -> None:
    ran = stardust("init", "--passphrase-file", "/nonexistent/file")
    assert ran.code == Exit.LOCAL
    assert "/nonexistent/file" in ran.err


def test_the_account_key_is_exported_for_wallets(
    stardust: Stardust, tmp_path: Path, passphrase: Path
) -> None:
    address = stardust("init", "--json").json["address"]
    path = tmp_path / "key.json"
    assert stardust("export", str(path), "--account").code == Exit.OK
    assert import_keystore(path.read_bytes(), "correct horse").address == address
    assert path.stat().st_mode & 0o077 == 0
    assert json.loads(path.read_bytes())["encoding"]["version"] == "3"
    assert stardust("export", str(path), "--account").code == Exit.USAGE


def test_a_wrong_passphrase_is_a_clear_sentence(stardust: Stardust, tmp_path: Path, passphrase: Path) -> None:
    stardust("init")
    passphrase.write_text("something else\n")
    ran = stardust("export", str(tmp_path / "key.json"), "--account", "--json")
    assert ran.code == Exit.LOCAL
    assert ran.json["error"]["code"] == "wrong_passphrase"


def test_the_doctor_knows_a_home_without_a_daemon(stardust: Stardust, home: Path, passphrase: Path) -> None:
    stardust("init", "--node", "ws://127.0.0.1:1", "--ipfs", "http://127.0.0.1:1")
    (home / "account.json").chmod(0o644)
    findings = stardust("doctor", "--json").json["findings"]
    assert {one["name"]: one["severity"] for one in findings} == {
        "home": "ok",
        "settings": "ok",
        "keys": "ok",
        "history": "ok",
        "chain": "problem",
        "clock": "ok",
        "STUN": "warning",
        "TURN": "warning",
        "IPFS": "warning",
        "disk": "ok",
        "rights": "problem",
        "daemon": "problem",
    }
    assert all(one["advice"] for one in findings if one["severity"] != "ok")
    (chain,) = [one["finding"] for one in findings if one["name"] == "chain"]
    assert "ws://127.0.0.1:1 cannot be reached" in chain


@pytest.mark.parametrize(
    ("file", "damage", "name"),
    [
        ("config.toml", b"foo = 1", "settings"),
        ("config.toml", b"[chain", "settings"),
        ("device.keys", b"STARKEYS", "keys"),
    ],
)
def test_the_doctor_finds_what_will_stop_the_daemon(
    stardust: Stardust, home: Path, passphrase: Path, file: str, damage: bytes, name: str
) -> None:
    stardust("init", "--node", "ws://127.0.0.1:1")
    (home / file).write_bytes(damage)
    found = {one["name"]: one for one in stardust("doctor", "--json").json["findings"]}
    assert {key for key, one in found.items() if one["severity"] == "problem"} - {"chain"} == {name, "daemon"}
    assert found[name]["finding"] in stardust("up").err


def test_the_doctor_knows_why_the_last_start_failed(stardust: Stardust, home: Path, passphrase: Path) -> None:
    stardust("init")
    history = home / "history.db"
    whole = history.read_bytes()
    history.write_bytes(b"overwritten" * 1000)
    failed = stardust("up", "--json").json["error"]
    (said,) = [one for one in stardust("doctor", "--json").json["findings"] if one["name"] == "daemon"]
    assert failed["code"] == "database_key"
    assert failed["message"] in said["finding"]
    assert said["advice"] == failed["hint"]
    history.write_bytes(whole)
    assert stardust("up").code == Exit.OK
    assert stardust("down").code == Exit.OK
    (said,) = [one for one in stardust("doctor", "--json").json["findings"] if one["name"] == "daemon"]
    assert "last time" not in said["finding"]


@pytest.mark.parametrize("file", ["device.keys", "history.db"])
def test_what_a_damaged_home_is_told_to_do_works(
    stardust: Stardust, home: Path, passphrase: Path, tmp_path: Path, file: str
) -> None:
    (tmp_path / "phrase").write_text(stardust("init", "--json").json["phrase"])
    (home / file).write_bytes(b"damaged")
    hint = stardust("up", "--json").json["error"]["hint"]
    assert hint.startswith(f"move {home} out of the way, then: stardust restore")
    home.rename(tmp_path / "away")
    assert "holds an account" not in stardust("restore", "--from", str(tmp_path / "none")).err
    assert stardust("init", "--phrase-file", str(tmp_path / "phrase")).code == Exit.OK


@pytest.mark.parametrize("left", [None, b""])
def test_a_home_whose_history_is_gone_does_not_begin_an_empty_one(
    stardust: Stardust, home: Path, passphrase: Path, left: bytes | None
) -> None:
    stardust("init")
    assert stardust("doctor", "--json").json["findings"][3]["severity"] == "ok"
    history = home / "history.db"
    history.unlink()
    if left is not None:
        history.write_bytes(left)
    passphrase.unlink()  # before the passphrase is asked for
    refused = stardust("up", "--json")
    error = refused.json["error"]
    assert (refused.code, error["code"]) == (Exit.LOCAL, "database_missing")
    assert str(history) in error["message"]
    assert error["hint"].startswith(f"put it back; else move {home} out of the way, then: stardust restore")
    assert history.exists() == (left is not None)
    (found,) = [one for one in stardust("doctor", "--json").json["findings"] if one["name"] == "history"]
    assert (found["severity"], found["finding"]) == ("problem", error["message"])
    assert found["advice"] == error["hint"]


def test_a_home_whose_keys_are_gone_is_not_sent_in_a_circle(
    stardust: Stardust, home: Path, passphrase: Path, tmp_path: Path
) -> None:
    (tmp_path / "phrase").write_text(stardust("init", "--json").json["phrase"])
    (home / "device.keys").unlink()
    passphrase.unlink()
    for command in (("up",), ("export", str(tmp_path / "key.json"), "--account")):
        ran = stardust(*command, "--json")
        error = ran.json["error"]
        assert (ran.code, error["code"]) == (Exit.LOCAL, "keys_missing")
        assert "not the keys to it (device.keys)" in error["message"]
        assert error["hint"].startswith(f"put device.keys back; else move {home} out of the way, then: ")
    (found,) = [one for one in stardust("doctor", "--json").json["findings"] if one["name"] == "home"]
    assert (found["severity"], found["advice"]) == ("problem", error["hint"])
    for command in (("init",), ("restore",)):  # before a secret is asked for
        assert stardust(*command, "--json").json["error"]["code"] == "home_taken"
    home.rename(tmp_path / "away")
    passphrase.write_text("correct horse")
    assert stardust("init", "--phrase-file", str(tmp_path / "phrase")).code == Exit.OK


def test_an_account_key_that_is_left_is_not_written_over(
    stardust: Stardust, home: Path, passphrase: Path, tmp_path: Path
) -> None:
    address = stardust("init", "--json").json["address"]
    for name in ("device.keys", "history.db"):
        (home / name).unlink()
    key = (home / "account.json").read_bytes()
    for command in (("init",), ("restore",)):
        assert stardust(*command, "--json").json["error"]["code"] == "home_taken"
    assert (home / "account.json").read_bytes() == key
    (home / "account.json").rename(tmp_path / "moved.json")
    options = ("--account-file", str(tmp_path / "moved.json"), "--account-passphrase-file", str(passphrase))
    assert stardust("init", "--json", *options).json["address"] == address


def test_without_a_passphrase_nobody_is_asked_for_one(stardust: Stardust, home: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n")
    stardust("init", "--passphrase-file", str(empty))
    assert stardust("export", str(tmp_path / "key.json"), "--account").code == Exit.OK
    wallet = AccountKey.create()[0]
    (home / "account.json").write_bytes(export_keystore(wallet, "of the wallet"))
    ran = stardust("export", str(tmp_path / "other.json"), "--account")
    assert "Passphrase is needed" in ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("restore", "--from", "/nonexistent/me.car"), "There is no file /nonexistent/me.car."),
        (("restore", "--node", "http://x"), "ws:// or wss://"),
        (("init", "--node", "http://x"), "ws:// or wss://"),
        (("export", "key.json", "--account"), "There is no account"),
        (("restore", "--network", "/nonexistent/net.json"), "/nonexistent/net.json"),
        (("init", "--network", "/nonexistent/net.json"), "/nonexistent/net.json"),
    ],
)
def test_what_cannot_work_is_said_before_a_secret_is_asked_for(
    arguments: tuple[str, ...], words: str, stardust: Stardust
) -> None:
    ran = stardust(*arguments)
    assert ran.code == (Exit.LOCAL if "--network" in arguments else Exit.USAGE)
    assert words in ran.err


def test_a_file_in_the_way_is_found_before_the_passphrase_is(
    stardust: Stardust, home: Path, passphrase: Path, tmp_path: Path
) -> None:
    stardust("init")
    passphrase.write_text("wrong\n")
    (tmp_path / "key.json").touch()
    assert "exists already" in stardust("export", str(tmp_path / "key.json"), "--account").err


def test_what_to_go_on_with_acts_on_the_same_home(
    stardust: Stardust, home: Path, passphrase: Path, tmp_path: Path
) -> None:
    assert "Go on with: stardust up, then stardust login" in stardust("init").out
    other = tmp_path / "another home"
    out = stardust("init", "--home", str(other)).out
    assert f"Go on with: stardust up --home '{other}', then stardust login --home '{other}'" in out
