"""Commands against the real API server with canned people behind it."""

from __future__ import annotations

import io
import json
import shlex
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stardust.api import calls as c
from stardust.api import types as t
from stardust.cli.exits import Exit
from tests.fakes.api_daemon import CODE, LINK, NUMBER, TICKET, FakeDaemon, contact
from tests.unit.cli.conftest import Stardust


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        (("whoami",), t.Whoami),
        (("status",), t.Status),
        (("profile",), t.ProfileInfo),
        (("doctor",), t.Doctor),
        (("contact", "list"), t.Contacts),
        (("contact", "show", "bob"), t.Contact),
        (("contact", "add", "5abc", "--name", "Zoe"), t.Contact),
        (("contact", "rename", "bob", "Robert"), t.Contact),
        (("contact", "verify", "bob"), t.Verification),
        (("contact", "accept", "carol"), t.Contact),
        (("contact", "accept", "bob", "--keys", "--ticket", TICKET), t.Contact),
        (("contact", "decline", "carol"), t.Empty),
        (("contact", "block", "bob"), t.Contact),
        (("contact", "unblock", "bob"), t.Contact),
        (("send", "bob", "hello"), t.Message),
        (("history", "bob"), t.HistoryPage),
        (("search", "hello"), t.SearchPage),
        (("backup", "status"), t.BackupInfo),
        (("backup", "verify"), t.VerifyReport),
        (("backup", "create", "--path", "me.car"), t.BackupReport),
        (("export", "out.json"), t.Exported),
    ],
)
def test_json_is_the_apis_shape_and_people_get_text(
    arguments: tuple[str, ...], shape: Any, stardust: Stardust, daemon: FakeDaemon
) -> None:
    ran = stardust(*arguments, "--json")
    assert ran.code == Exit.OK
    assert ran.out.count("\n") == 1
    msgspec.convert(ran.json, shape)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("whoami",), ["Ann", "5me", "sr25519", "dd" * 32]),
        (
            ("status",),
            ["chain", "block 1204", "80 MB", "through pallet", "statements not now: no node has a store"],
        ),
        (("status",), ["announced to contacts: beats, by rendezvous"]),
        (("contact", "list"), ["Bob", "Carol", "wants to be a contact", "not verified"]),
        (("contact", "show", "carol"), ["hello", "ab" * 32]),
        (("contact", "add", "5abc"), ["New", "answers when it is there"]),
        (("history", "bob"), ["hello there", "you", "✓✓"]),
        (("search", "there"), ["hello there", "Bob"]),
        (("search", "nowhere"), ["Nothing found"]),
        (("backup", "create", "--path", "me.car"), ["120 messages", "2.0 MB", "90 kB"]),
        (("backup", "verify"), ["every block is good", "the newest"]),
        (("doctor",), ["chain", "connected"]),
        (("invite",), [LINK, "█", "For one person"]),
        (("contact", "verify", "bob"), ["00000   00001   00002   00003", "█"]),
    ],
)
def test_people_read_what_matters(
    arguments: tuple[str, ...], words: list[str], stardust: Stardust, daemon: FakeDaemon
) -> None:
    def fill(world: Any) -> None:
        world.write("bob", "hello there", outgoing=True, state="read")

    daemon.do(fill)
    ran = stardust(*arguments)
    assert ran.code == Exit.OK
    assert [word for word in words if word not in ran.out] == []


def test_an_invite_carries_link_and_code(stardust: Stardust, daemon: FakeDaemon) -> None:
    made = stardust("invite", "--json", "--for", "12h").json
    assert set(made) == {"link", "expires_at", "qr_terminal"}
    assert "█" in made["qr_terminal"]
    assert daemon.world.received[-1] == c.InvitesCreate(lifetime_s=12 * 3600)
    assert "qr_terminal" not in stardust("invite", "--json", "--no-qr").json


def test_login_opens_the_account_key(
    stardust: Stardust, daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STARDUST_PASSPHRASE", "pass")
    assert stardust("login", "--json").json["call"] == "register"
    monkeypatch.setenv("STARDUST_PASSPHRASE", "wrong")
    ran = stardust("login", "--json")
    assert ran.code == Exit.LOCAL
    assert ran.json["error"]["code"] == "wrong_passphrase"


def test_verifying_records_what_the_person_says(stardust: Stardust, daemon: FakeDaemon) -> None:
    assert stardust("contact", "verify", "bob", "--json").json["verified"] is False
    assert stardust("contact", "verify", "bob", "--confirm", "123", "--json").code == Exit.USAGE
    assert stardust("contact", "verify", "bob", "--confirm", NUMBER, "--json").json["verified"] is True
    assert stardust("contact", "verify", "bob", "--withdraw", "--json").json["verified"] is False
    scanned = stardust("contact", "verify", "bob", "--scanned", CODE, "--json").json
    assert (scanned["verified"], scanned["safety_number"]) == (True, NUMBER)


def test_changed_devices_are_accepted_as_they_were_shown(stardust: Stardust, daemon: FakeDaemon) -> None:
    daemon.do(lambda world: world.change_keys("Bob"))
    shown = stardust("contact", "show", "bob", "--json").json["ticket"]
    assert shown in stardust("contact", "show", "bob").out
    assert stardust("contact", "accept", "bob", "--keys", "--json").code == Exit.USAGE
    daemon.do(lambda world: world.change_keys("Bob"))
    assert stardust("contact", "accept", "bob", "--keys", "--ticket", shown, "--json").code == Exit.USAGE
    now = stardust("contact", "show", "bob", "--json").json["ticket"]
    accepted = stardust("contact", "accept", "bob", "--keys", "--ticket", now, "--json").json
    assert accepted["keys_changed"] is False


def test_hints_name_the_contact_as_it_can_be_typed(stardust: Stardust, daemon: FakeDaemon) -> None:
    daemon.do(lambda world: world.add(contact("Dan O'Neil")))
    name = shlex.quote("dan o'neil")

    def hint(*arguments: str) -> str:
        return str(stardust(*arguments, "--json").json["error"]["hint"])

    waiting = hint("send", "dan o'neil", "hello", "--wait", "read", "--timeout", "0.1")
    assert waiting == f"see: stardust history {name}"
    confirming = hint("contact", "verify", "dan o'neil", "--confirm", "123")
    assert confirming.endswith(f": stardust contact verify {name}")
    daemon.do(lambda world: world.change_keys("Dan O'Neil"))
    assert hint("contact", "accept", "dan o'neil", "--keys") == f"see: stardust contact show {name}"


def test_a_backup_of_which_the_chain_says_nothing(
    stardust: Stardust, daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = t.VerifyReport("bafy", 3, 40, 2_000_000, 120, 2, None, 50)
    monkeypatch.setattr(daemon.world, "on_backup_verify", lambda _: report)
    out = stardust("backup", "verify").out
    assert "3; the chain does not say whether it is the newest" in out
    made = stardust("backup", "create", "--path", "me.car", "--with", "bob").out
    assert "a selection, of which the chain is not told" in made


def test_lines_of_one_value_stand_under_one_another(stardust: Stardust, daemon: FakeDaemon) -> None:
    lines = stardust("status").out.splitlines()
    (first,) = [number for number, line in enumerate(lines) if line.startswith("signals")]
    column = lines[first].index("through pallet")
    told = [line for line in lines if "no node has a store" in line or "by a node" in line]
    assert len(told) == 2
    assert all(len(line) - len(line.lstrip()) == column for line in told)


def test_a_code_of_other_keys_is_untrusted(stardust: Stardust, daemon: FakeDaemon) -> None:
    ran = stardust("contact", "verify", "bob", "--scanned", "stardust:safety:other", "--json")
    assert ran.code == Exit.UNTRUSTED
    assert ran.json["error"]["code"] == "untrusted"


def test_sending_returns_when_the_message_is_stored(stardust: Stardust, daemon: FakeDaemon) -> None:
    ran = stardust("send", "bob", "hello", "there")
    assert ran.code == Exit.OK
    assert "as soon as the other side is there" in ran.out
    assert daemon.world.messages[-1].body == "hello there"


@pytest.mark.parametrize("wanted", ["sent", "delivered", "read"])
def test_sending_can_wait_for_the_other_side(wanted: str, stardust: Stardust, daemon: FakeDaemon) -> None:
    daemon.world.progress = ("sent", "delivered", "read")
    assert stardust("send", "bob", "hello", "--wait", wanted, "--json").json["state"] == "read"


def test_waiting_in_vain_says_that_nothing_is_lost(stardust: Stardust, daemon: FakeDaemon) -> None:
    daemon.world.progress = ("sent",)
    ran = stardust("send", "bob", "hello", "--wait", "delivered", "--timeout", "0.2", "--json")
    assert ran.code == Exit.UNAVAILABLE
    assert ran.json["error"]["code"] == "not_yet"
    assert "stored" in ran.json["error"]["message"]


def test_waiting_for_a_message_that_fails_ends_at_once(stardust: Stardust, daemon: FakeDaemon) -> None:
    daemon.world.progress = ("failed",)
    ran = stardust("send", "bob", "hello", "--wait", "read", "--json")
    assert ran.code == Exit.ERROR
    assert ran.json["error"]["code"] == "failed"


def test_a_text_can_come_from_standard_input(
    stardust: Stardust, daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("two\nlines\n"))
    assert stardust("send", "bob", "-").code == Exit.OK
    assert daemon.world.messages[-1].body == "two\nlines"
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert stardust("send", "bob").code == Exit.USAGE


def test_sending_to_changed_keys_stops_with_the_code_for_trust(
    stardust: Stardust, daemon: FakeDaemon
) -> None:
    daemon.do(lambda world: world.change_keys("Bob"))
    ran = stardust("send", "bob", "secret", "--json")
    assert ran.code == Exit.UNTRUSTED
    assert ran.json["error"]["code"] == "keys_changed"
    assert daemon.world.messages == []


@pytest.mark.parametrize("body", ["\udcff", "-"])
def test_what_is_not_utf_8_is_said_to_be_so(
    body: str, stardust: Stardust, daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9"), encoding="utf-8"))
    ran = stardust("send", "bob", body)
    assert ran.code == Exit.USAGE
    assert "not UTF-8" in ran.err


def test_accepting_a_contact_whose_keys_changed_points_to_the_option(
    stardust: Stardust, daemon: FakeDaemon
) -> None:
    assert "is a contact already" in stardust("contact", "accept", "bob").err
    daemon.do(lambda world: world.change_keys("Bob"))
    ran = stardust("contact", "accept", "bob")
    assert ran.code == Exit.USAGE
    assert "stardust contact accept Bob --keys" in ran.err


def test_an_unknown_person_is_named(stardust: Stardust, daemon: FakeDaemon) -> None:
    ran = stardust("send", "mallory", "hi")
    assert ran.code == Exit.USAGE
    assert ran.err == "error: No contact is called mallory.\n  → see: stardust contact list\n"


def test_what_others_wrote_cannot_drive_the_terminal(stardust: Stardust, daemon: FakeDaemon) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202etxt.exe"

    def fill(world: Any) -> None:
        world.add(contact("Eve", name="Eve" + evil, note=evil))
        world.write(contact("Eve").address, "look " + evil, outgoing=False)

    daemon.do(fill)
    who = contact("Eve").address
    for arguments in (("history", who), ("search", "look"), ("contact", "list"), ("contact", "show", who)):
        out = stardust(*arguments).out
        assert "\x1b" not in out
        assert "\x07" not in out
        assert "\u202e" not in out


def test_pages_reach_back(stardust: Stardust, daemon: FakeDaemon) -> None:
    daemon.do(lambda world: [world.write("bob", f"number {n}", outgoing=False) for n in range(5)])
    page = stardust("history", "bob", "-n", "2", "--json").json
    assert [one["body"] for one in page["messages"]] == ["number 3", "number 4"]
    earlier = stardust("history", "bob", "-n", "2", "--before", page["before"], "--json").json
    assert [one["body"] for one in earlier["messages"]] == ["number 1", "number 2"]


def test_the_profile_changes_field_by_field(stardust: Stardust, daemon: FakeDaemon, tmp_path: Path) -> None:
    picture = tmp_path / "me.png"
    picture.write_bytes(b"\x89PNG")
    assert stardust("profile", "--bio", "hello", "--json").json["nickname"] == "Ann"
    assert stardust("profile", "--avatar", str(picture), "--json").json["bio"] == "hello"
    assert "4 bytes" in stardust("profile").out
    assert stardust("profile", "--no-avatar", "--json").json["avatar"] == ""
    picture.write_bytes(bytes(40_000))
    assert stardust("profile", "--avatar", str(picture)).code == Exit.USAGE


def test_a_device_is_revoked_by_the_beginning_of_its_key(
    stardust: Stardust, daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STARDUST_PASSPHRASE", "pass")
    assert stardust("revoke", "dddddddd", "--json").json == {"revoked": "dd" * 32}
    assert daemon.world.received[-1] == c.IdentityRevokeDevice("dd" * 32, "pass")
    assert stardust("revoke", "eeeeeeee").code == Exit.OK
    assert daemon.world.received[-1] == c.IdentityRevokeDevice("ee" * 32, None)
    assert stardust("revoke", "dd").code == Exit.USAGE
    assert stardust("revoke", "nonsense").code == Exit.USAGE
    assert stardust("revoke", "12345678").code == Exit.USAGE
    daemon.world.chain = t.ChainInfo(False, None, None, None, None, None, "The node is away.")
    ran = stardust("revoke", "12345678")
    assert (ran.code, "The node is away." in ran.err) == (Exit.UNAVAILABLE, True)


def test_a_backup_to_a_file_needs_a_name(stardust: Stardust, daemon: FakeDaemon) -> None:
    ran = stardust("backup", "create")
    assert ran.code == Exit.USAGE
    assert "--path" in ran.err


def test_paths_are_given_to_the_daemon_absolute(
    stardust: Stardust, daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    stardust("backup", "create", "--path", "me.car", "--with", "bob")
    assert daemon.world.received[-1] == c.BackupCreate("file", str(tmp_path / "me.car"), "bob")
    daemon.world.received.clear()
    stardust("export", "all.txt", "--format", "text")
    assert daemon.world.received[0] == c.ExportRun(str(tmp_path / "all.txt"), "text")


def test_the_doctors_problems_are_an_exit_code(stardust: Stardust, daemon: FakeDaemon) -> None:
    daemon.world.findings = (t.Finding("clock", "problem", "10 min off", "set it"),)
    ran = stardust("doctor")
    assert ran.code == Exit.ERROR
    assert "set it" in ran.out


def test_up_on_a_running_daemon_changes_nothing(stardust: Stardust, daemon: FakeDaemon) -> None:
    assert stardust("up", "--json").json["started"] is False
    assert daemon.world.received == []


def test_a_lock_that_names_no_process_is_a_clear_sentence(
    stardust: Stardust, daemon: FakeDaemon, home: Path
) -> None:
    (home / "daemon.lock").write_bytes(b"")
    ran = stardust("down", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (Exit.LOCAL, "home_unusable")
    assert "daemon.lock" in ran.json["error"]["message"]


def test_names_complete_from_the_daemon(
    stardust: Stardust, daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_STARDUST_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "stardust send b")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert stardust().out.split() == ["plain,Bob"]


def test_json_is_one_document_in_utf_8(stardust: Stardust, daemon: FakeDaemon) -> None:
    daemon.do(lambda world: world.write("bob", "naïve ⭐", outgoing=False))
    assert "⭐" in stardust("history", "bob", "--json").out
    assert json.loads(stardust("history", "bob", "--json").out)["messages"][0]["body"] == "naïve ⭐"
