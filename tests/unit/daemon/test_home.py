from __future__ import annotations

import stat
from pathlib import Path

import pytest

from stardust.api.locate import socket_path
from stardust.daemon import setup, vault
from stardust.daemon.config import load
from stardust.daemon.errors import (
    AccountKeyMissingError,
    AlreadyRunningError,
    ConfigError,
    HomeTakenError,
    HomeUnusableError,
    NoHomeError,
    VaultDamagedError,
)
from stardust.daemon.home import Home, write_private
from stardust.errors import UsageError, WrongPassphraseError


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> setup.Created:
    return setup.create_account(tmp_path_factory.mktemp("homes") / "alice", "open sesame", name="Alice")


def test_everything_in_a_new_home_is_private(made: setup.Created) -> None:
    home = Home.at(made.home)
    assert home.loose_permissions() == ()
    for path in (home.path, *home.path.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_permissions_that_others_could_use_are_named(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.vault.touch()
    home.vault.chmod(0o644)
    tmp_path.chmod(0o755)
    assert set(home.loose_permissions()) == {tmp_path, home.vault}


def test_the_vault_opens_under_its_passphrase_only(made: setup.Created) -> None:
    secrets = vault.unseal(Home.at(made.home), "open sesame")
    assert secrets.database.hex() not in repr(secrets)
    with pytest.raises(WrongPassphraseError):
        vault.unseal(Home.at(made.home), "open says me")
    with pytest.raises(WrongPassphraseError):
        setup.export_account_file(made.home, "open says me")


def test_a_home_without_a_passphrase_opens_by_its_own_file(tmp_path: Path) -> None:
    made = setup.create_account(tmp_path / "bob", "")
    assert not setup.needs_passphrase(made.home)
    assert vault.unseal(Home.at(made.home), "").account
    Home.at(made.home).unlock.write_text("0" * 64)
    with pytest.raises(WrongPassphraseError):
        vault.unseal(Home.at(made.home), "")


@pytest.mark.parametrize("damage", [b"", b"STARKEYS", b"\xff" * 200])
def test_a_damaged_vault_is_said_to_be_damaged(tmp_path: Path, damage: bytes) -> None:
    home = Home.at(tmp_path)
    home.vault.write_bytes(damage)
    with pytest.raises(VaultDamagedError):
        vault.unseal(home, "x")


def test_a_vault_cannot_ask_for_all_memory(made: setup.Created, tmp_path: Path) -> None:
    data = bytearray(Home.at(made.home).vault.read_bytes())
    data[13:17] = (2**32 - 1).to_bytes(4, "little")
    home = Home.at(tmp_path)
    home.vault.write_bytes(data)
    with pytest.raises(VaultDamagedError):
        vault.unseal(home, "open sesame")


def test_a_second_account_cannot_be_made_in_a_home(made: setup.Created) -> None:
    before = Home.at(made.home).vault.read_bytes()
    with pytest.raises(HomeTakenError):
        setup.create_account(made.home, "other")
    assert Home.at(made.home).vault.read_bytes() == before


def test_an_empty_folder_is_no_home(tmp_path: Path) -> None:
    assert not Home.at(tmp_path).exists
    with pytest.raises(NoHomeError):
        setup.needs_passphrase(tmp_path)


def test_the_phrase_makes_the_same_account_again(made: setup.Created, tmp_path: Path) -> None:
    assert made.phrase is not None
    assert made.phrase not in repr(made)
    again = setup.import_account(tmp_path / "again", made.phrase, "p")
    assert again.address == made.address
    assert again.device != made.device


def test_an_exported_account_file_can_be_imported(made: setup.Created, tmp_path: Path) -> None:
    data = setup.export_account_file(made.home, "open sesame")
    again = setup.import_account_file(tmp_path / "again", data, "open sesame", "p")
    assert again.address == made.address


def test_a_home_whose_account_key_is_elsewhere_says_so(tmp_path: Path) -> None:
    made = setup.create_account(tmp_path / "cold", "p")
    Home.at(made.home).account.unlink()
    with pytest.raises(AccountKeyMissingError):
        setup.export_account_file(made.home, "p")


def test_a_wrong_node_makes_no_home(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        setup.create_account(tmp_path / "x", "p", nodes=["http://127.0.0.1"])
    assert not (tmp_path / "x").exists()


def test_a_failed_attempt_leaves_no_configuration_for_the_next(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nickname"):
        setup.create_account(tmp_path / "x", "", name="n" * 65, nodes=["ws://127.0.0.1:1"])
    assert not (tmp_path / "x").exists()
    setup.create_account(tmp_path / "x", "", nodes=["ws://127.0.0.1:2"])
    assert load(Home.at(tmp_path / "x").config).chain.nodes == ("ws://127.0.0.1:2",)


def test_a_configuration_of_ones_own_stays_and_what_it_does_not_say_is_refused(tmp_path: Path) -> None:
    mine = '# my own\n[chain]\nnodes = ["ws://127.0.0.1:1"]\n'
    home = Home.at(tmp_path)
    home.config.write_text(mine)
    for other in ({"nodes": ["ws://127.0.0.1:2"]}, {"genesis": "0x" + "ab" * 32}, {"ipfs": "http://other"}):
        with pytest.raises(ConfigError, match="is there already"):
            setup.create_account(tmp_path, "", **other)
    with pytest.raises(UsageError, match="nickname"):
        setup.create_account(tmp_path, "", name="n" * 65)
    assert home.config.read_text() == mine
    setup.create_account(tmp_path, "", nodes=["ws://127.0.0.1:1"])
    assert home.config.read_text() == mine


def test_one_process_holds_a_home(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    with home.locked(), pytest.raises(AlreadyRunningError), home.locked():
        pass
    with home.locked():
        pass


def test_a_file_that_cannot_be_written_leaves_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "inside").touch()
    with pytest.raises(HomeUnusableError):
        write_private(target, b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_long_home_path_still_has_a_socket(tmp_path: Path) -> None:
    assert socket_path(tmp_path / "h") == tmp_path / "h" / "api.sock"
    long = tmp_path / ("x" * 120)
    assert len(str(socket_path(long))) < 100
    assert socket_path(long) != socket_path(tmp_path / ("y" * 120))


def test_an_attempt_that_fails_takes_back_what_it_made(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "alice")
    home.create()

    def fails() -> None:
        with home.furnishing():
            home.database.write_bytes(b"half")
            home.account.write_bytes(b"half")
            raise ConfigError

    with pytest.raises(ConfigError):
        fails()
    assert not home.database.exists()
    assert not home.account.exists()
    assert not home.unfinished.exists()


def test_an_attempt_that_fails_leaves_only_the_folders_that_were_there(tmp_path: Path) -> None:
    def fails(home: Home) -> None:
        with home.furnishing():
            raise ConfigError

    there = tmp_path / "there"
    there.mkdir()
    for home in (Home.at(there), Home.at(tmp_path / "deep" / "in" / "it")):
        with pytest.raises(ConfigError):
            fails(home)
    assert list(tmp_path.iterdir()) == [there]


def test_an_attempt_that_was_killed_is_taken_back_by_the_next_one(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "alice")
    home.create()
    write_private(home.unfinished, b"")
    home.database.write_bytes(b"under another key")
    assert setup.create_account(home.path, "").home == home.path
    assert vault.unseal(home, "").account


def test_two_attempts_at_once_do_not_mix(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "alice")
    home.create()
    with home.locked(), pytest.raises(AlreadyRunningError):
        setup.create_account(home.path, "")
    assert not home.exists
