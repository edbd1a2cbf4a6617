"""Backup, export and restore of a daemon's history, without IPFS: everything is real but the chain."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from stardust.api.calls import (
    BackupCreate,
    BackupStatus,
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
from stardust.backup.errors import BackupRolledBackError, BackupUncheckedError
from stardust.backup.files import FileSink
from stardust.backup.keys import BackupKey
from stardust.backup.making import make_backup
from stardust.chain.errors import CallNotFinalError, ChainUnavailableError
from stardust.chain.port import BackupHead, CallReceipt
from stardust.daemon import restoring, setup, vault
from stardust.daemon.config import load
from stardust.daemon.errors import DeviceRevokedError, HomeTakenError
from stardust.daemon.home import Home, write_private
from stardust.daemon.services.backup import ACCOUNT_SETTING
from stardust.errors import StardustError, WrongPassphraseError
from stardust.history.errors import DiskFullError
from stardust.history.store import open_store
from stardust.identity.accounts import AccountKey
from stardust.wire.ids import DeviceId
from tests.fakes import daemons
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
        assert made.whole
        again = Person(world, tmp_path / "new", lost.phrase)
        alice = await again.start()
        try:
            assert await history(alice) == before
            assert (await alice.call(IdentityLogin(""))).call == "add_device"
            await back_up(alice, tmp_path / "second.car")
        finally:
            await alice.close()
            await again.stop()


async def test_verifying_without_a_backup_says_that_there_is_none(tmp_path: Path) -> None:
    async with person(World(), tmp_path / "alice", "Alice") as (_, alice):

        async def refusal(**which: str) -> StardustError:
            with pytest.raises(StardustError) as caught:
                await alice.call(BackupVerify(**which))
            return caught.value

        none = await refusal()
        assert str(none) == "There is no backup yet."
        file = tmp_path / "my backup.car"
        missing = await refusal(path=str(file))
        assert str(missing) == f"There is no backup at {file}."
        assert missing.hint == f"make one: stardust backup create --path '{file}'"
        await back_up(alice, file)
        file.rename(tmp_path / "moved.car")
        moved = await refusal()
        assert "is not there any more" in str(moved)
        assert {none.code, missing.code, moved.code} == {"usage"}


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


async def anchored_later(daemon: Person, client: Client) -> None:
    """Once the chain is there again."""
    daemon.chain.come_back()
    assert daemon.app is not None
    daemon.app._core.chain_keeper.look_again()

    async def anchored() -> bool:
        return (await client.call(BackupStatus())).anchored

    await daemons.until(anchored)


async def test_a_backup_whose_anchor_went_in_without_a_receipt_is_known_as_anchored(tmp_path: Path) -> None:
    async with person(World(), tmp_path / "alice", "Alice") as (daemon, alice):
        anchor = daemon.chain.set_chat_backup

        async def no_receipt(cid: bytes, sequence: int, digest: bytes) -> CallReceipt:
            await anchor(cid, sequence, digest)
            raise CallNotFinalError("set_chat_backup")

        daemon.chain.set_chat_backup = no_receipt  # type: ignore[method-assign]
        made = await alice.call(BackupCreate("file", str(tmp_path / "me.car")))
        assert not made.anchored
        daemon.chain.set_chat_backup = anchor  # type: ignore[method-assign]
        before = daemon.chain.calls()
        await anchored_later(daemon, alice)
        assert daemon.chain.calls() == before


async def test_a_revoked_device_says_why_its_backup_is_not_on_chain(tmp_path: Path) -> None:
    async with person(World(), tmp_path / "alice", "Alice") as (daemon, alice):
        device = DeviceId(bytes.fromhex((await alice.call(IdentityWhoami())).device))
        await daemon.chain.revoke_device(device, AccountKey.from_uri(daemon.phrase))

        async def noticed() -> bool:
            return (await alice.call(IdentityWhoami())).revoked

        await daemons.until(noticed)
        made = await alice.call(BackupCreate("file", str(tmp_path / "me.car")))
        assert (made.anchored, made.anchor_problem) == (False, str(DeviceRevokedError()))


async def test_the_backup_after_a_restore_has_a_greater_number_also_without_the_chain(
    tmp_path: Path, nowhere: list[BackupHead | None]
) -> None:
    world = World()
    async with person(world, tmp_path / "alice", "Alice") as (lost, alice):
        assert lost.app is not None
        account = lost.app._account
        for number in range(3):
            await back_up(alice, tmp_path / f"{number}.car")
        nowhere.append(await lost.chain.backup(account))
    # An older one, of number 2: the chain's 3 counts all the same.
    await restore(tmp_path / "new", "", source=tmp_path / "1.car", phrase=lost.phrase, older=True)
    again = Person(world, tmp_path / "new", lost.phrase)
    alice = await again.start()
    try:
        assert (await alice.call(BackupStatus())).sequence == 3
        await alice.call(IdentityLogin(""))
        again.chain.go_away()
        made = await alice.call(BackupCreate("file", str(tmp_path / "3.car")))
        assert (made.sequence, made.anchored) == (4, False)
        assert made.anchor_problem == str(ChainUnavailableError())
        await anchored_later(again, alice)
        head = await again.chain.backup(account)
        assert head is not None
        assert head.sequence == 4
    finally:
        await alice.close()
        await again.stop()


async def test_a_home_comes_back_by_its_passphrase_with_the_account_key(
    tmp_path: Path, nowhere: list[BackupHead | None]
) -> None:
    # The chain is away, and whoever restores does not want to wait: what is not known is not claimed.
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
        await restore(
            tmp_path / "new", "wrong", source=tmp_path / "alice.car", address=made.address, older=True
        )
    assert not Home.at(tmp_path / "new").exists
    back = await restore(
        tmp_path / "new", secret, source=tmp_path / "alice.car", address=made.address, older=True
    )
    assert (back.address, back.newest, back.account_key) == (made.address, None, True)
    assert setup.read_account_key(Home.at(tmp_path / "new"), secret).address == made.address


async def test_what_comes_back_of_a_selection_is_said_to_be_a_part(
    tmp_path: Path, nowhere: list[BackupHead | None]
) -> None:
    world, car = World(), tmp_path / "part.car"
    async with (
        person(world, tmp_path / "bob", "Bob") as (_, bob),
        person(world, tmp_path / "alice", "Alice") as (lost, alice),
    ):
        await talk(alice, bob, 1)
        await alice.call(BackupCreate("file", str(car), contact="Bob"))
    nowhere.append(None)
    made = await restore(tmp_path / "new", "", source=car, phrase=lost.phrase)
    assert not made.whole


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


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([], "no node answers"),
        # Another chain, or a node that hides what it knows.
        ([None], "knows no backup of this account"),
    ],
)
async def test_without_a_word_of_the_chain_a_backup_is_refused_unless_wanted(
    tmp_path: Path, nowhere: list[BackupHead | None], answers: list[BackupHead | None], why: str
) -> None:
    world, path = World(), tmp_path / "alice.car"
    async with person(world, tmp_path / "alice", "Alice") as (lost, alice):
        await back_up(alice, path)
    nowhere.extend(answers)
    with pytest.raises(BackupUncheckedError, match=why):
        await restore(tmp_path / "new", "", source=path, phrase=lost.phrase)
    assert not Home.at(tmp_path / "new").exists
    made = await restore(tmp_path / "new", "", source=path, phrase=lost.phrase, older=True)
    assert made.newest is None


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


async def test_a_restore_that_was_killed_is_done_over(
    tmp_path: Path, nowhere: list[BackupHead | None]
) -> None:
    world, new = World(), Home.at(tmp_path / "new")
    async with (
        person(world, tmp_path / "bob", "Bob") as (_, bob),
        person(world, tmp_path / "alice", "Alice") as (lost, alice),
    ):
        await talk(alice, bob, 2)
        await back_up(alice, tmp_path / "alice.car")
        nowhere.append(await lost.chain.backup(lost.app._account))  # type: ignore[union-attr]
    # As far as a process came that was killed right before the vault: it had no time to clean up.
    new.create()
    write_private(new.unfinished, b"")
    for left in (
        new.database,
        new.account,
        new.path / ".history.db.77.restore",
        new.path / ".device.keys.77.new",
    ):
        left.write_bytes(b"of the killed attempt")
    made = await restore(new.path, "", source=tmp_path / "alice.car", phrase=lost.phrase)
    assert made.messages == 2
    assert not new.unfinished.exists()
    assert not list(new.path.glob(".*"))


async def test_a_history_that_nobody_can_open_is_not_thrown_away(
    tmp_path: Path, nowhere: list[BackupHead | None]
) -> None:
    world, new = World(), Home.at(tmp_path / "new")
    async with person(world, tmp_path / "alice", "Alice") as (lost, alice):
        await back_up(alice, tmp_path / "alice.car")
        nowhere.append(await lost.chain.backup(lost.app._account))  # type: ignore[union-attr]
    new.create()
    new.database.write_bytes(b"its vault was moved away")
    with pytest.raises(HomeTakenError, match="not the keys"):
        await restore(new.path, "", source=tmp_path / "alice.car", phrase=lost.phrase)
    with pytest.raises(HomeTakenError, match="not the keys"):
        setup.create_account(new.path, "")
    assert new.database.read_bytes() == b"its vault was moved away"


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
