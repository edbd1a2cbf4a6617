"""Backup, export and restore of a daemon's history, without IPFS: everything is real but the chain."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from stardust.api.calls import (
    BackupCreate,
    BackupVerify,
    ContactsAdd,
    ContactsList,
    ExportRun,
    IdentityLogin,
    IdentityWhoami,
    MessagesHistory,
    MessagesSend,
)
from stardust.api.client import Client
from stardust.api.events import ContactRequested, KeysChanged
from stardust.backup.errors import BackupRolledBackError
from stardust.backup.files import FileSink
from stardust.backup.keys import BackupKey
from stardust.backup.making import make_backup
from stardust.chain.port import BackupHead
from stardust.daemon import restoring, setup, vault
from stardust.daemon.config import load
from stardust.daemon.home import Home
from stardust.daemon.services.backup import ACCOUNT_SETTING
from stardust.errors import StardustError, WrongPassphraseError
from stardust.history.errors import DiskFullError
from stardust.history.store import open_store
from stardust.wire.ids import DeviceId
from tests.fakes.daemons import Person, World, befriend, person
from tests.pair.test_two_daemons import accept_keys, nothing_waits, until


async def history(client: Client) -> list[tuple[str, str]]:
    (contact,) = (await client.call(ContactsList())).contacts
    page = await client.call(MessagesHistory(contact.address))
    return [(message.id, message.body) for message in page.messages]


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> list[BackupHead | None]:
    """What the chain answers a machine that restores; this chain runs in the daemons' process only."""
    answers: list[BackupHead | None] = []

    async def ask(*_: object) -> tuple[BackupHead | None, str | None]:
        return (answers[-1], None) if answers else (None, "no node answers")

    monkeypatch.setattr(restoring, "_chain_head", ask)
    return answers


async def restore(home: Path, passphrase: str, **how: Any) -> restoring.Restored:
    """In a thread: as a command, it has an event loop of its own."""
    return await asyncio.to_thread(lambda: restoring.restore(home, passphrase, **how))


async def talk(alice: Client, bob: Client, count: int) -> None:
    await befriend(alice, bob)
    for number in range(count):
        await alice.call(MessagesSend((await alice.call(ContactsList())).contacts[0].address, f"No {number}"))


async def back_up(client: Client, path: Path) -> None:
    report = await client.call(BackupCreate("file", str(path)))
    assert report.anchored
    verified = await client.call(BackupVerify(path=str(path)))
    assert verified.newest is True


async def test_a_home_comes_back_by_its_phrase_and_goes_on(
    tmp_path: Path, nowhere: list[BackupHead | None]
) -> None:
    world = World()
    async with person(world, tmp_path / "bob", "Bob") as (_, bob):
        async with person(world, tmp_path / "alice", "Alice") as (lost, alice):
            await talk(alice, bob, 5)
            before = await history(alice)
            await back_up(alice, tmp_path / "alice.car")
            nowhere.append(await lost.chain.backup(lost.app._account))  # type: ignore[union-attr]
        made = await restore(tmp_path / "new", "", source=tmp_path / "alice.car", phrase=lost.phrase)
        assert (made.messages, made.contacts, made.newest, made.account_key) == (5, 1, True, True)
        again = Person(world, tmp_path / "new", lost.phrase)
        alice = await again.start()
        try:
            assert await history(alice) == before
            assert (await alice.call(IdentityLogin(""))).call == "add_device"
            await back_up(alice, tmp_path / "second.car")
        finally:
            await alice.close()
            await again.stop()


async def test_what_waited_in_a_restored_home_goes_out(
    tmp_path: Path, nowhere: list[BackupHead | None]
) -> None:
    world = World()
    async with (
        person(world, tmp_path / "bob", "Bob") as (bobs, bob),
        person(world, tmp_path / "carol", "Carol") as (carols, carol),
    ):
        async with person(world, tmp_path / "alice", "Alice") as (lost, alice):
            await befriend(alice, bob)
            carols_address = (await carol.call(IdentityWhoami())).address
            for daemon, client in ((bobs, bob), (carols, carol)):
                await client.close()
                await daemon.stop()
            await alice.call(MessagesSend("Bob", "waits while Bob is away"))
            await alice.call(ContactsAdd(carols_address, name="Carol"))
            await back_up(alice, tmp_path / "alice.car")
            nowhere.append(await lost.chain.backup(lost.app._account))  # type: ignore[union-attr]
        bob, carol = await bobs.start(), await carols.start()
        changes, requests = await bob.subscribe(KeysChanged), await carol.subscribe(ContactRequested)
        made = await restore(tmp_path / "new", "", source=tmp_path / "alice.car", phrase=lost.phrase)
        again = Person(world, tmp_path / "new", lost.phrase)
        device = DeviceId(bytes.fromhex(made.device))
        world.board.cut_off(device)  # nobody signals with a device that is not on chain yet
        alice = await again.start()
        try:
            await alice.call(IdentityLogin(""))
            world.board.reconnect(device)
            await until(changes, KeysChanged)
            await accept_keys(bob, "Alice")
            await alice.call(MessagesSend("Bob", "and then"))
            await nothing_waits(alice)
            assert [body for _, body in await history(bob)] == ["waits while Bob is away", "and then"]
            assert (await until(requests, ContactRequested)).contact.name == "Alice"
        finally:
            for client in (alice, bob, carol):
                await client.close()
            await again.stop()


async def test_a_home_comes_back_by_its_passphrase_with_the_account_key(
    tmp_path: Path, nowhere: list[BackupHead | None]
) -> None:
    # The chain is away: a file is enough, and what is not known is not claimed.
    secret = "correct horse"
    made = setup.create_account(tmp_path / "alice", secret, name="Alice")
    home = Home.at(tmp_path / "alice")
    secrets = vault.unseal(home, secret)
    store = open_store(home.database, secrets.database)
    store.settings.set(ACCOUNT_SETTING, home.account.read_bytes())
    key = BackupKey.from_bytes(secrets.backup)
    make_backup(store, key, FileSink(tmp_path / "alice.car"), sequence=1, made_at=1, previous=None)
    store.close()
    with pytest.raises(WrongPassphraseError):
        await restore(tmp_path / "new", "wrong", source=tmp_path / "alice.car", address=made.address)
    assert not Home.at(tmp_path / "new").exists
    back = await restore(tmp_path / "new", secret, source=tmp_path / "alice.car", address=made.address)
    assert (back.address, back.newest, back.account_key) == (made.address, None, True)
    assert setup.read_account_key(Home.at(tmp_path / "new"), secret).address == made.address


async def test_an_older_backup_is_refused_unless_wanted(
    tmp_path: Path, nowhere: list[BackupHead | None]
) -> None:
    world, old = World(), tmp_path / "old.car"
    async with (
        person(world, tmp_path / "bob", "Bob") as (_, bob),
        person(world, tmp_path / "alice", "Alice") as (lost, alice),
    ):
        await talk(alice, bob, 1)
        await back_up(alice, old)
        await back_up(alice, tmp_path / "new.car")
        nowhere.append(await lost.chain.backup(lost.app._account))  # type: ignore[union-attr]
        assert (await alice.call(BackupVerify(path=str(old)))).newest is False
    with pytest.raises(BackupRolledBackError):
        await restore(tmp_path / "new", "", source=old, phrase=lost.phrase)
    assert not Home.at(tmp_path / "new").exists
    made = await restore(tmp_path / "new", "", source=old, phrase=lost.phrase, older=True)
    assert made.newest is False


async def test_nothing_is_restored_over_an_account_or_from_an_unknown_place(
    tmp_path: Path, nowhere: list[BackupHead | None]
) -> None:
    made = setup.create_account(tmp_path / "alice", "", name="Alice")
    with pytest.raises(StardustError, match="holds an account already"):
        await restore(tmp_path / "alice", "", source=tmp_path / "x.car", phrase=made.phrase)
    with pytest.raises(StardustError, match="cannot be asked"):
        await restore(tmp_path / "new", "", phrase=made.phrase)
    nowhere.append(None)
    with pytest.raises(StardustError, match="knows no backup"):
        await restore(tmp_path / "new", "", phrase=made.phrase)
    with pytest.raises(StardustError, match="recovery phrase only"):
        await restore(tmp_path / "new", "", address=made.address)


async def test_a_restore_that_fails_leaves_no_configuration_and_a_node_named_later_counts(
    tmp_path: Path, nowhere: list[BackupHead | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DiskFullError

    world, car, home = World(), tmp_path / "alice.car", Home.at(tmp_path / "new")
    async with (
        person(world, tmp_path / "bob", "Bob") as (_, bob),
        person(world, tmp_path / "alice", "Alice") as (lost, alice),
    ):
        await talk(alice, bob, 1)
        await back_up(alice, car)
        nowhere.append(await lost.chain.backup(lost.app._account))  # type: ignore[union-attr]
    how: dict[str, Any] = {"source": car, "phrase": lost.phrase}
    with monkeypatch.context() as patched:
        patched.setattr(vault, "seal", full)
        with pytest.raises(DiskFullError):
            await restore(home.path, "", nodes=["ws://127.0.0.1:1"], **how)
    assert not home.config.exists()
    await restore(home.path, "", nodes=["ws://127.0.0.1:2"], **how)
    assert load(home.config).chain.nodes == ("ws://127.0.0.1:2",)


async def test_an_export_is_in_the_clear_for_this_user_only_and_never_written_over(tmp_path: Path) -> None:
    world, path = World(), tmp_path / "out.json"
    async with (
        person(world, tmp_path / "bob", "Bob") as (_, bob),
        person(world, tmp_path / "alice", "Alice") as (_, alice),
    ):
        await talk(alice, bob, 3)
        assert (await alice.call(ExportRun(str(path)))).messages == 3
        exported = json.loads(path.read_text())
        (conversation,) = exported["conversations"]
        assert [message["body"] for message in conversation["messages"]] == ["No 0", "No 1", "No 2"]
        assert path.stat().st_mode & 0o077 == 0
        with pytest.raises(StardustError, match="exists already"):
            await alice.call(ExportRun(str(path)))
        await alice.call(ExportRun(str(tmp_path / "out.txt"), "text", "Bob"))
        assert "No 2" in (tmp_path / "out.txt").read_text()
