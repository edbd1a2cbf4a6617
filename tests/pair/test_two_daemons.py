"""Two whole daemons in one process: everything is real except the chain and the network."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest

from stardust.api.calls import (
    ChatsOpen,
    ContactsAccept,
    ContactsAcceptKeys,
    ContactsAdd,
    ContactsBlock,
    ContactsDecline,
    ContactsGet,
    ContactsList,
    ContactsRename,
    ContactsUnblock,
    ContactsVerify,
    IdentityLogin,
    IdentityProfileGet,
    IdentityProfileSet,
    IdentityRevokeDevice,
    IdentityWhoami,
    InvitesCreate,
    MessagesHistory,
    MessagesMarkRead,
    MessagesSearch,
    MessagesSend,
    PresenceListed,
    SystemDoctor,
    SystemStatus,
)
from stardust.api.client import Client, Subscription
from stardust.api.events import (
    ChainChanged,
    ContactChanged,
    ContactRequested,
    Event,
    KeysChanged,
    LinkChanged,
    MessageReceived,
    MessageStateChanged,
)
from stardust.api.types import Contact, Message
from stardust.chain.age import Age
from stardust.daemon import inbox, teller
from stardust.daemon.errors import DeviceRevokedError
from stardust.daemon.inbox import MAX_MESSAGES_OF_A_REQUEST
from stardust.delivery.events import Submission
from stardust.errors import StardustError
from stardust.history.messages import MAX_PAGE
from stardust.identity import trust
from stardust.identity.accounts import AccountKey
from stardust.wire.ids import DeviceId
from stardust.wire.items import ContactRequest
from tests.fakes import daemons
from tests.fakes.daemons import PASSPHRASE, Person, World, befriend, person

E = TypeVar("E", bound=Event)


@dataclass
class Pair:
    world: World
    alice: Client
    bob: Client
    alice_daemon: Person
    bob_daemon: Person


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    world = World()
    async with (
        person(world, tmp_path / "alice", "Alice") as (alice_daemon, alice),
        person(world, tmp_path / "bob", "Bob") as (bob_daemon, bob),
    ):
        yield Pair(world, alice, bob, alice_daemon, bob_daemon)


async def until(events: Subscription, kind: type[E], *, state: str | None = None) -> E:
    async with asyncio.timeout(20):
        while True:
            event = await events.next()
            assert event is not None, "the daemon went away"
            if isinstance(event, kind) and (state is None or getattr(event, "state", None) == state):
                return event


async def bodies(client: Client, contact: str) -> list[str]:
    return [message.body for message in (await client.call(MessagesHistory(contact))).messages]


async def whole(client: Client, contact: str) -> list[str]:
    """All pages."""
    found: list[str] = []
    before: str | None = None
    while True:
        page = await client.call(MessagesHistory(contact, before=before, limit=200))
        found = [*(message.body for message in page.messages), *found]
        before = page.before
        if before is None:
            return found


async def accept_keys(client: Client, contact: str) -> Contact:
    """As they are now."""
    shown = await client.call(ContactsGet(contact))
    return await client.call(ContactsAcceptKeys(contact, shown.ticket))


async def address(client: Client) -> str:
    return (await client.call(IdentityWhoami())).address


async def test_an_invite_makes_two_contacts_who_know_each_others_names(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    (hers,) = (await pair.alice.call(ContactsList())).contacts
    (his,) = (await pair.bob.call(ContactsList())).contacts
    assert (hers.name, hers.state, his.name, his.state) == ("Bob", "accepted", "Alice", "accepted")
    assert his.link == "open"
    assert (await pair.bob.call(PresenceListed())).contacts[0].online


async def test_a_message_goes_from_queued_to_read(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    states, arrivals = (
        await pair.alice.subscribe(MessageStateChanged),
        await pair.bob.subscribe(MessageReceived),
    )
    sent = await pair.alice.call(MessagesSend("bob", "hello"))
    assert sent.state == "queued"
    assert (await until(arrivals, MessageReceived)).message.body == "hello"
    await until(states, MessageStateChanged, state="delivered")
    assert (await pair.bob.call(ContactsGet("Alice"))).unread == 1
    assert (await pair.bob.call(MessagesMarkRead("Alice"))).marked == 1
    await until(states, MessageStateChanged, state="read")
    (message,) = (await pair.alice.call(MessagesHistory("Bob"))).messages
    assert message.state == "read"
    assert message.sent_to_peer_at is not None
    assert message.delivered_at is not None
    assert (await pair.bob.call(ContactsGet("Alice"))).unread == 0


async def test_what_is_written_to_somebody_absent_comes_once_and_in_order(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    await pair.bob.close()
    await pair.bob_daemon.stop()
    for number in range(30):
        await pair.alice.call(MessagesSend("Bob", f"{number}"))
    assert (await pair.alice.call(SystemStatus())).waiting == 30
    states = await pair.alice.subscribe(MessageStateChanged)
    bob = await pair.bob_daemon.start()
    for _ in range(30):
        await until(states, MessageStateChanged, state="delivered")
    assert await bodies(bob, "Alice") == [f"{number}" for number in range(30)]
    await bob.close()


async def test_messages_cross_a_cut_in_both_directions(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    device = bytes.fromhex((await pair.bob.call(IdentityWhoami())).device)
    pair.world.board.cut_off(device)  # type: ignore[arg-type]
    hers, his = await pair.alice.subscribe(MessageReceived), await pair.bob.subscribe(MessageReceived)
    await pair.alice.call(MessagesSend("Bob", "from her"))
    await pair.bob.call(MessagesSend("Alice", "from him"))
    pair.world.board.reconnect(device)  # type: ignore[arg-type]
    assert (await until(hers, MessageReceived)).message.body == "from him"
    assert (await until(his, MessageReceived)).message.body == "from her"


async def test_a_message_sent_again_with_its_id_is_there_once(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    arrivals = await pair.bob.subscribe(MessageReceived)
    first = await pair.alice.call(MessagesSend("Bob", "once", id="01999999999970008000000000000001"))
    again = await pair.alice.call(MessagesSend("Bob", "once", id="01999999999970008000000000000001"))
    await pair.alice.call(MessagesSend("Bob", "then"))
    assert first.id == again.id
    assert [(await until(arrivals, MessageReceived)).message.body for _ in range(2)] == ["once", "then"]


async def test_many_callers_at_once_keep_their_order(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    arrivals = await pair.bob.subscribe(MessageReceived)
    sent: list[Message] = []
    for start in range(0, 200, 50):
        sent += await asyncio.gather(
            *(pair.alice.call(MessagesSend("Bob", str(n))) for n in range(start, start + 50))
        )
    got = [(await until(arrivals, MessageReceived)).message for _ in sent]
    assert [message.body for message in got] == [str(number) for number in range(200)]
    assert [message.id for message in got] == [message.id for message in sent]


async def test_an_invite_lets_one_person_in(pair: Pair, tmp_path: Path) -> None:
    invite = await pair.alice.call(InvitesCreate())
    requests = await pair.alice.subscribe(ContactRequested, ContactChanged)
    await pair.bob.call(ContactsAdd(invite.link))
    changed = await until(requests, ContactChanged)
    assert changed.contact.state == "accepted"
    async with person(pair.world, tmp_path / "carol", "Carol") as (_, carol):
        await carol.call(ContactsAdd(invite.link))
        request = await until(requests, ContactRequested)
        assert (request.contact.name, request.contact.state) == ("Carol", "request_received")


async def test_a_request_waits_with_its_messages_until_it_is_accepted(pair: Pair) -> None:
    requests = await pair.alice.subscribe(ContactRequested)
    await pair.bob.call(ContactsAdd(await address(pair.alice), name="A", note="we met at the lake"))
    await pair.bob.call(MessagesSend("A", "do you remember?"))
    request = await until(requests, ContactRequested)
    assert request.contact.note == "we met at the lake"
    with pytest.raises(StardustError) as caught:
        await pair.alice.call(MessagesSend("Bob", "yes"))
    assert caught.value.code == "not_a_contact"
    his = await pair.bob.subscribe(ContactChanged)
    accepted = await pair.alice.call(ContactsAccept("Bob"))
    assert accepted.state == "accepted"
    async with asyncio.timeout(20):
        while (await until(his, ContactChanged)).contact.state != "accepted":
            pass
    states = await pair.alice.subscribe(MessageStateChanged)
    await pair.alice.call(MessagesSend("Bob", "yes"))
    await until(states, MessageStateChanged, state="delivered")
    assert await bodies(pair.alice, "Bob") == ["do you remember?", "yes"]


async def test_more_than_a_request_may_bring_waits_with_its_sender(pair: Pair) -> None:
    total = MAX_MESSAGES_OF_A_REQUEST + 10
    requests, arrivals = (
        await pair.alice.subscribe(ContactRequested),
        await pair.alice.subscribe(MessageReceived),
    )
    states = await pair.bob.subscribe(MessageStateChanged)
    await pair.bob.call(ContactsAdd(await address(pair.alice), name="A"))
    await until(requests, ContactRequested)
    for number in range(total):
        await pair.bob.call(MessagesSend("A", f"{number}"))
        if number < MAX_MESSAGES_OF_A_REQUEST:  # one after the other: together they would be one frame
            await until(states, MessageStateChanged, state="delivered")
        else:
            await until(states, MessageStateChanged, state="sent")
    assert await bodies(pair.alice, "Bob") == [f"{number}" for number in range(MAX_MESSAGES_OF_A_REQUEST)]
    assert (await pair.bob.call(SystemStatus())).waiting == 10
    await pair.alice.call(ContactsAccept("Bob"))
    for _ in range(total):
        await until(arrivals, MessageReceived)
    assert await bodies(pair.alice, "Bob") == [f"{number}" for number in range(total)]


async def test_a_stranger_waits_while_too_many_requests_do(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MAX_REQUESTS", 1)
    requests = await pair.alice.subscribe(ContactRequested)
    await pair.bob.call(ContactsAdd(await address(pair.alice), name="A"))
    await until(requests, ContactRequested)
    async with person(pair.world, tmp_path / "carol", "Carol") as (_, carol):
        states = await carol.subscribe(MessageStateChanged)
        await carol.call(ContactsAdd(await address(pair.alice), name="A"))
        await carol.call(MessagesSend("A", "me too"))
        await until(states, MessageStateChanged, state="sent")
        assert len((await pair.alice.call(ContactsList())).contacts) == 1
        await pair.alice.call(ContactsAccept("Bob"))
        assert (await until(requests, ContactRequested)).contact.name == "Carol"
        await until(states, MessageStateChanged, state="delivered")


async def test_a_declined_request_is_forgotten_and_said(pair: Pair) -> None:
    requests = await pair.alice.subscribe(ContactRequested)
    his = await pair.bob.subscribe(ContactChanged)
    await pair.bob.call(ContactsAdd(await address(pair.alice)))
    await until(requests, ContactRequested)
    await pair.alice.call(ContactsDecline("Bob"))
    assert (await pair.alice.call(ContactsList())).contacts == ()
    async with asyncio.timeout(20):
        while (await until(his, ContactChanged)).contact.state != "declined":
            pass


@pytest.mark.parametrize("beyond", [0, 5])
async def test_after_a_decline_nothing_of_the_request_comes_any_more(pair: Pair, beyond: int) -> None:
    """``beyond``: how many messages more than may wait with a request."""
    requests = await pair.alice.subscribe(ContactRequested)
    his, states = await pair.bob.subscribe(ContactChanged), await pair.bob.subscribe(MessageStateChanged)
    await pair.bob.call(ContactsAdd(await address(pair.alice), name="A"))
    await until(requests, ContactRequested)
    for number in range(MAX_MESSAGES_OF_A_REQUEST + beyond):
        await pair.bob.call(MessagesSend("A", f"{number}"))
        state = "delivered" if number < MAX_MESSAGES_OF_A_REQUEST else "sent"
        await until(states, MessageStateChanged, state=state)
    await pair.alice.call(ContactsDecline("Bob"))
    async with asyncio.timeout(20):
        while (await until(his, ContactChanged)).contact.state != "declined":
            pass
    for _ in range(beyond):
        failed = await until(states, MessageStateChanged, state="failed")
        assert "declined" in (failed.reason or "")
    assert (await pair.alice.call(ContactsList())).contacts == ()
    # Whoever asks again is let in again.
    await pair.bob.call(ContactsAdd(await address(pair.alice)))
    assert (await until(requests, ContactRequested)).contact.name == "Bob"
    assert (await pair.alice.call(SystemStatus())).problems == ()


async def test_both_see_the_same_safety_number_and_a_scan_verifies(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    hers = await pair.alice.call(ContactsVerify("Bob"))
    his = await pair.bob.call(ContactsVerify("Alice", scanned=hers.qr))
    assert hers.safety_number == his.safety_number
    assert len(hers.safety_number.replace(" ", "")) == 60
    assert (hers.verified, his.verified) == (False, True)
    with pytest.raises(StardustError, match="ticket"):
        await pair.alice.call(ContactsVerify("Bob", confirm=True))
    assert (await pair.alice.call(ContactsVerify("Bob", confirm=True, ticket=hers.ticket))).verified
    assert not (await pair.alice.call(ContactsVerify("Bob", confirm=False))).verified
    with pytest.raises(StardustError):
        await pair.alice.call(ContactsVerify("Bob", scanned=hers.qr))


async def test_a_blocked_person_gets_nothing_through_until_unblocked(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    assert (await pair.alice.call(ContactsBlock("Bob"))).blocked
    with pytest.raises(StardustError) as caught:
        await pair.alice.call(MessagesSend("Bob", "no"))
    assert caught.value.code == "contact_blocked"
    await pair.bob.call(MessagesSend("Alice", "hello?"))
    arrivals = await pair.alice.subscribe(MessageReceived)
    await pair.alice.call(ContactsUnblock("Bob"))
    await pair.alice.call(ChatsOpen("Bob"))
    assert (await until(arrivals, MessageReceived)).message.body == "hello?"


async def test_a_new_device_stops_sending_until_it_is_accepted(pair: Pair, tmp_path: Path) -> None:
    await befriend(pair.alice, pair.bob)
    shown = await pair.alice.call(ContactsVerify("Bob"))
    await pair.alice.call(ContactsVerify("Bob", confirm=True, ticket=shown.ticket))
    await pair.bob.close()
    await pair.bob_daemon.stop()
    await pair.alice.call(MessagesSend("Bob", "written before"))
    changes, states = await pair.alice.subscribe(KeysChanged), await pair.alice.subscribe(MessageStateChanged)
    phrase = pair.bob_daemon.phrase
    async with person(pair.world, tmp_path / "bob2", "Bob", phrase=phrase) as (_, bob2):
        changed = await until(changes, KeysChanged)
        assert [device.device for device in changed.added] == [(await bob2.call(IdentityWhoami())).device]
        assert (changed.contact.keys_changed, changed.contact.verified) == (True, False)
        with pytest.raises(StardustError) as caught:
            await pair.alice.call(MessagesSend("Bob", "not sent"))
        assert caught.value.code == "keys_changed"
        accepted = await accept_keys(pair.alice, "Bob")
        assert (accepted.keys_changed, accepted.verified, len(accepted.devices)) == (False, False, 2)
        await pair.alice.call(MessagesSend("Bob", "written after"))
        for _ in range(2):
            await until(states, MessageStateChanged, state="delivered")
        assert await bodies(bob2, await address(pair.alice)) == ["written before", "written after"]


async def test_nobody_verifies_or_accepts_devices_that_were_not_shown(pair: Pair, tmp_path: Path) -> None:
    await befriend(pair.alice, pair.bob)
    shown = await pair.alice.call(ContactsVerify("Bob"))
    before = await pair.alice.call(ContactsGet("Bob"))
    changes = await pair.alice.subscribe(KeysChanged)
    # Between the look and the yes, somebody with Bob's account key adds a device.
    phrase = pair.bob_daemon.phrase
    async with person(pair.world, tmp_path / "mallory", "Bob", phrase=phrase):
        changed = await until(changes, KeysChanged)
        assert changed.contact.ticket != before.ticket
        with pytest.raises(StardustError, match="changed again"):
            await pair.alice.call(ContactsVerify("Bob", confirm=True, ticket=shown.ticket))
        with pytest.raises(StardustError, match="changed again"):
            await pair.alice.call(ContactsAcceptKeys("Bob", before.ticket))
        bob = await pair.alice.call(ContactsGet("Bob"))
        assert (bob.verified, bob.keys_changed) == (False, True)
        assert [device.trusted for device in bob.devices].count(True) == 1
        again = await pair.alice.call(ContactsVerify("Bob"))
        assert again.safety_number != shown.safety_number


async def test_everything_that_waits_goes_to_a_new_device(pair: Pair, tmp_path: Path) -> None:
    total = MAX_PAGE + 100
    await befriend(pair.alice, pair.bob)
    await pair.bob.close()
    await pair.bob_daemon.stop()
    for start in range(0, total, 50):
        await asyncio.gather(
            *(pair.alice.call(MessagesSend("Bob", str(n))) for n in range(start, start + 50))
        )
    changes = await pair.alice.subscribe(KeysChanged)
    phrase = pair.bob_daemon.phrase
    async with person(pair.world, tmp_path / "bob2", "Bob", phrase=phrase) as (_, bob2):
        await until(changes, KeysChanged)
        contact = await pair.alice.call(ContactsGet("Bob"))
        requests = await bob2.subscribe(ContactRequested)
        await accept_keys(pair.alice, "Bob")
        alice = await address(pair.alice)
        # Bob's new device knows nobody: Alice is somebody who wants to be known.
        await until(requests, ContactRequested)
        await bob2.call(ContactsAccept(alice))
        await nothing_waits(pair.alice)
        assert contact.waiting == total
        assert await whole(bob2, alice) == [str(number) for number in range(total)]


async def nothing_waits(client: Client) -> None:
    async with asyncio.timeout(60):
        while True:
            if not (await client.call(SystemStatus())).waiting:
                return
            await asyncio.sleep(0.05)


async def test_what_a_kill_left_undone_after_keys_were_accepted_is_done_after_the_start(
    pair: Pair, tmp_path: Path
) -> None:
    await befriend(pair.alice, pair.bob)
    lost = bytes.fromhex((await pair.bob.call(IdentityWhoami())).device)
    await pair.bob.close()
    await pair.bob_daemon.stop()
    await pair.alice.call(MessagesSend("Bob", "written before"))
    changes = await pair.alice.subscribe(KeysChanged)
    phrase = pair.bob_daemon.phrase
    async with person(pair.world, tmp_path / "bob2", "Bob", phrase=phrase) as (_, bob2):
        await until(changes, KeysChanged)
        await bob2.call(IdentityRevokeDevice(lost.hex(), PASSPHRASE))
        await until(changes, KeysChanged)
        await pair.alice.close()
        await pair.alice_daemon.stop()
        with pair.alice_daemon.history() as store:  # as far as the killed process came
            (bob,) = store.contacts.all()
            assert bob.trust is not None
            store.contacts.save(replace(bob, trust=trust.accept(bob.trust, bob.trust.ticket)))
            assert store.streams.waiting() == (lost,)
        alice = await pair.alice_daemon.start()
        await alice.call(MessagesSend("Bob", "written after"))
        await nothing_waits(alice)
        assert await bodies(bob2, await address(alice)) == ["written before", "written after"]
        await alice.close()
        await pair.alice_daemon.stop()
        with pair.alice_daemon.history() as store:
            assert store.streams.waiting() == ()


async def test_a_second_look_finds_nothing_to_do(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    await pair.bob.close()
    await pair.bob_daemon.stop()
    await pair.alice.call(MessagesSend("Bob", "once"))
    for _ in range(2):
        await pair.alice.close()
        await pair.alice_daemon.stop()
        with pair.alice_daemon.history() as store:
            (device,) = store.streams.waiting()
            stream = store.streams.outgoing(device)
            assert stream is not None
            assert stream.next - stream.acked == 1
        pair.alice = await pair.alice_daemon.start()
    await pair.alice.call(ContactsBlock("Bob"))
    await pair.alice.call(ContactsUnblock("Bob"))
    bob = await pair.bob_daemon.start()
    await nothing_waits(pair.alice)
    assert await bodies(bob, "Alice") == ["once"]
    await bob.close()


async def test_a_revoked_device_is_no_longer_written_to(pair: Pair, tmp_path: Path) -> None:
    phrase = pair.bob_daemon.phrase
    async with person(pair.world, tmp_path / "bob2", "Bob", phrase=phrase) as (second, bob2):
        await befriend(pair.alice, pair.bob)
        changes = await pair.alice.subscribe(KeysChanged)
        lost = (await bob2.call(IdentityWhoami())).device
        await bob2.close()
        await second.stop()
        await pair.bob.call(IdentityRevokeDevice(lost, PASSPHRASE))
        assert (await until(changes, KeysChanged)).removed == (lost,)
        accepted = await accept_keys(pair.alice, "Bob")
        assert len(accepted.devices) == 1
        states = await pair.alice.subscribe(MessageStateChanged)
        await pair.alice.call(MessagesSend("Bob", "only to one"))
        await until(states, MessageStateChanged, state="delivered")


async def test_a_decision_about_devices_that_changed_meanwhile_names_whose(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    with pytest.raises(StardustError) as refused:
        await pair.alice.call(ContactsVerify("Bob", confirm=True, ticket="00" * 32))
    assert str(refused.value) == "The devices of Bob changed again meanwhile."
    assert refused.value.hint == "look at the contact once more: stardust contact show Bob"


async def test_who_asks_again_and_again_is_not_answered_each_time(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    await befriend(pair.alice, pair.bob)
    assert pair.alice_daemon.app is not None
    assert pair.bob_daemon.app is not None
    hers, his = pair.alice_daemon.app._core, pair.bob_daemon.app._core
    arrivals = await pair.alice.subscribe(MessageReceived)

    async def ask(times: int) -> int:
        """Items that Alice has queued for Bob's device since it began."""
        for _ in range(times):
            await his.runner.submit([Submission(hers.keys.device, ContactRequest(b"", "Bob"))])
        await pair.bob.call(MessagesSend("Alice", "that was all"))
        await until(arrivals, MessageReceived)
        stream = await hers.thread.run(hers.records.store.streams.outgoing, his.keys.device)
        assert stream is not None
        return stream.next

    monkeypatch.setattr(teller, "ANSWER_EVERY", 3.0)
    before = await ask(0)
    assert await ask(100) - before < 50
    async with asyncio.timeout(20):  # but nobody is forgotten
        while True:
            bob = hers.people.get(his.account)
            if bob is not None and bob.answered:
                return
            await asyncio.sleep(0.05)


async def test_a_home_that_was_set_back_says_what_it_lacks(pair: Pair, tmp_path: Path) -> None:
    await befriend(pair.alice, pair.bob)

    async def arrive(client: Client, body: str) -> None:
        arrivals = await client.subscribe(MessageReceived)
        await pair.alice.call(MessagesSend("Bob", body))
        assert (await until(arrivals, MessageReceived)).message.body == body
        await nothing_waits(pair.alice)

    await arrive(pair.bob, "kept")
    await pair.bob.close()
    await pair.bob_daemon.stop()
    shutil.copytree(tmp_path / "bob", tmp_path / "copy")
    bob = await pair.bob_daemon.start()
    for number in range(3):
        await arrive(bob, f"lost {number}")
    await bob.close()
    await pair.bob_daemon.stop()
    shutil.rmtree(tmp_path / "bob")
    shutil.copytree(tmp_path / "copy", tmp_path / "bob")
    bob = await pair.bob_daemon.start()
    await arrive(bob, "after")
    assert await bodies(bob, "Alice") == ["kept", "after"]
    (problem,) = (await bob.call(SystemStatus())).problems
    assert problem.code == "items_missing"
    assert problem.message.startswith("3 messages or receipts of Alice")
    await bob.close()
    await pair.bob_daemon.stop()
    with pair.bob_daemon.history() as store:
        assert [entry.kind for entry in store.audit.newest()] == ["items_missing"]


async def test_a_device_that_was_revoked_says_so_also_after_a_restart(pair: Pair, tmp_path: Path) -> None:
    phrase = pair.bob_daemon.phrase
    async with person(pair.world, tmp_path / "bob2", "Bob", phrase=phrase) as (second, bob2):
        who = await bob2.call(IdentityWhoami())
        assert (who.registered, who.revoked) == (True, False)
        await pair.bob.call(IdentityRevokeDevice(who.device, PASSPHRASE))
        async with asyncio.timeout(20):
            while not (await bob2.call(SystemStatus())).revoked:
                pass
        await bob2.close()
        await second.stop()
        again = await second.start()
        with pytest.raises(StardustError) as caught:
            await again.call(InvitesCreate())
        assert caught.value.code == "device_revoked"
        assert [one.code for one in (await again.call(SystemStatus())).problems] == ["device_revoked"]
        assert (await again.call(IdentityLogin(PASSPHRASE))).call == "add_device"
        assert not (await again.call(IdentityWhoami())).revoked
        await again.close()


async def test_a_revoked_device_makes_no_calls_sends_nothing_and_loses_nothing(
    pair: Pair, tmp_path: Path
) -> None:
    await befriend(pair.alice, pair.bob)
    pair.world.board.cut_off(pair.bob_daemon.links.device)
    await pair.bob.call(MessagesSend("Alice", "waits"))
    key = AccountKey.from_uri(pair.bob_daemon.phrase)
    device = DeviceId(bytes.fromhex((await pair.bob.call(IdentityWhoami())).device))
    pair.world.ledger.not_final[device] = key.account
    await pair.bob_daemon.chain.revoke_device(device, key)
    await asyncio.sleep(0.2)
    assert not (await pair.bob.call(SystemStatus())).revoked  # the block could still be taken back
    pair.world.ledger.not_final.clear()

    async def noticed() -> bool:
        return (await pair.bob.call(SystemStatus())).revoked

    await daemons.until(noticed)
    pair.world.ledger.rich.add(bytes(device))  # a call would be paid for, and not be refused
    before = pair.bob_daemon.chain.calls()
    with pytest.raises(StardustError, match="nothing can be sent from here") as refused:
        await pair.bob.call(MessagesSend("Alice", "too late"))
    assert refused.value.code == "device_revoked"
    assert "stardust login" in (refused.value.hint or "")
    with pytest.raises(DeviceRevokedError):
        await pair.bob_daemon.chain.clear_signaling(1)
    assert pair.bob_daemon.chain.calls() == before
    assert [one.code for one in (await pair.bob.call(SystemStatus())).problems] == ["device_revoked"]
    found = {one.name: one for one in (await pair.bob.call(SystemDoctor())).findings}
    assert found["registration"].severity == "problem"
    assert await bodies(pair.bob, "Alice") == ["waits"]
    arrivals = await pair.alice.subscribe(MessageReceived)
    assert (await pair.bob.call(IdentityLogin(PASSPHRASE))).call == "add_device"
    await pair.bob.call(MessagesSend("Alice", "again"))
    if (await pair.alice.call(ContactsGet("Bob"))).keys_changed:
        await accept_keys(pair.alice, "Bob")
    pair.world.board.reconnect(pair.bob_daemon.links.device)
    assert [(await until(arrivals, MessageReceived)).message.body for _ in range(2)] == ["waits", "again"]


@pytest.mark.parametrize(
    ("who", "code"),
    [("hello", "bad_address"), ("stardust:invite:AQ", "invite"), ("stardust:invite:", "invite")],
)
async def test_what_cannot_be_an_invite_is_said_before_the_chain_is_asked(
    pair: Pair, who: str, code: str
) -> None:
    pair.alice_daemon.chain.go_away()
    while (await pair.alice.call(SystemStatus())).chain.connected:
        pass
    with pytest.raises(StardustError) as caught:
        await pair.alice.call(ContactsAdd(who))
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["Carol", "Carol; rm -rf /", "it's me"])
async def test_a_hint_can_be_typed_as_it_stands(pair: Pair, name: str) -> None:
    await befriend(pair.alice, pair.bob)
    bob = await pair.alice.call(ContactsRename("Bob", name))
    await pair.alice.call(ContactsBlock(bob.address))
    with pytest.raises(StardustError) as caught:
        await pair.alice.call(MessagesSend(bob.address, "hi"))
    assert caught.value.hint is not None
    assert shlex.split(caught.value.hint) == ["stardust", "contact", "unblock", name]


async def test_a_profile_reaches_the_contacts(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    his = await pair.bob.subscribe(ContactChanged)
    await pair.alice.call(IdentityProfileSet("Alice of the Lake", bio="swims"))
    async with asyncio.timeout(20):
        while (await until(his, ContactChanged)).contact.nickname != "Alice of the Lake":
            pass
    assert (await pair.bob.call(IdentityProfileGet("Alice of the Lake"))).bio == "swims"


async def test_nobody_slips_into_the_name_of_another(pair: Pair, tmp_path: Path) -> None:
    await befriend(pair.alice, pair.bob)
    async with person(pair.world, tmp_path / "carol", "Carol") as (_, carol):
        await befriend(carol, pair.bob)
        carols = (await carol.call(IdentityWhoami())).address
        his = await pair.bob.subscribe(ContactChanged)
        for client, nickname in ((carol, "Karoline"), (pair.alice, "Carol")):
            await client.call(IdentityProfileSet(nickname))
            async with asyncio.timeout(20):
                while (await until(his, ContactChanged)).contact.nickname != nickname:
                    pass
        called = {one.name: one.nickname for one in (await pair.bob.call(ContactsList())).contacts}
        assert called == {"Alice": "Carol", "Carol": "Karoline"}
        assert (await pair.bob.call(ContactsGet("Carol"))).address == carols
        assert (await pair.bob.call(ContactsRename(carols, ""))).name == "Karoline"


async def test_words_are_found_in_what_was_said(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    await pair.alice.call(MessagesSend("Bob", "lunch on Thursday"))
    (hit,) = (await pair.alice.call(MessagesSearch("thurs"))).hits
    assert hit.message.body == "lunch on Thursday"


async def test_where_the_chain_may_hide_a_revocation_it_is_said_and_chats_go_on(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    old = Age(0.0)
    old.saw(0.0, 3600.0)
    told = pair.alice_daemon.chain.odd = str(old.problem(0.0))
    changes = await pair.alice.subscribe(ChainChanged)
    while (await until(changes, ChainChanged)).chain.problem != told:
        pass
    assert [one.message for one in (await pair.alice.call(SystemStatus())).problems] == [told]
    found = {one.name: one for one in (await pair.alice.call(SystemDoctor())).findings}
    assert found["chain"].severity == "warning"
    assert told in found["chain"].finding
    states = await pair.alice.subscribe(MessageStateChanged)
    await pair.alice.call(MessagesSend("Bob", "all the same"))
    await until(states, MessageStateChanged, state="delivered")


async def test_a_chain_that_is_away_is_a_state_and_not_the_end(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    pair.alice_daemon.chain.go_away()
    status = await pair.alice.call(SystemStatus())
    assert not status.chain.connected
    assert "chain_unavailable" in [problem.code for problem in status.problems]
    states = await pair.alice.subscribe(MessageStateChanged)
    await pair.alice.call(MessagesSend("Bob", "still here"))
    await until(states, MessageStateChanged, state="delivered")


async def test_a_second_login_changes_nothing(pair: Pair) -> None:
    assert (await pair.alice.call(IdentityLogin(PASSPHRASE))).call == "none"
    with pytest.raises(StardustError) as caught:
        await pair.bob.call(ContactsAdd(await address(pair.bob)))
    assert caught.value.code == "own_account"


async def test_who_was_heard_from_is_known_after_a_restart(pair: Pair) -> None:
    bobs = bytes.fromhex((await pair.bob.call(IdentityWhoami())).device)
    assert pair.world.heard[pair.alice_daemon.home] == ()
    await befriend(pair.alice, pair.bob)
    await pair.alice_daemon.stop()
    await pair.alice_daemon.start()
    assert pair.world.heard[pair.alice_daemon.home] == (bobs,)


async def test_which_signals_were_acted_on_is_known_after_a_restart(pair: Pair) -> None:
    signal, later, now = bytes(16), 2_000, 1_000
    home = pair.bob_daemon.home
    assert await pair.world.spent[home](signal, later, now)
    await pair.bob_daemon.stop()
    client = await pair.bob_daemon.start()
    assert not await pair.world.spent[home](signal, later, now)
    assert await pair.world.spent[home](signal, later, later)
    await client.close()


async def test_a_peer_that_sends_garbage_loses_its_link_for_a_while(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    hostile, victim = pair.alice_daemon.links, pair.bob_daemon.links
    changes = await pair.bob.subscribe(LinkChanged)
    for number in range(50):
        await hostile.send(victim.device, b"garbage %d" % number)
    while (await until(changes, LinkChanged)).link.state == "open":
        pass
    assert victim.shunned == {hostile.device}
