"""Two whole daemons in one process: everything is real except the chain and the network."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator
from dataclasses import dataclass
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
    SystemStatus,
)
from stardust.api.client import Client, Subscription
from stardust.api.events import (
    ContactChanged,
    ContactRequested,
    Event,
    KeysChanged,
    MessageReceived,
    MessageStateChanged,
)
from stardust.api.types import Message
from stardust.errors import StardustError
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


async def test_both_see_the_same_safety_number_and_a_scan_verifies(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    hers = await pair.alice.call(ContactsVerify("Bob"))
    his = await pair.bob.call(ContactsVerify("Alice", scanned=hers.qr))
    assert hers.safety_number == his.safety_number
    assert len(hers.safety_number.replace(" ", "")) == 60
    assert (hers.verified, his.verified) == (False, True)
    assert (await pair.alice.call(ContactsVerify("Bob", confirm=True))).verified
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
    await pair.alice.call(ContactsVerify("Bob", confirm=True))
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
        accepted = await pair.alice.call(ContactsAcceptKeys("Bob"))
        assert (accepted.keys_changed, accepted.verified, len(accepted.devices)) == (False, False, 2)
        await pair.alice.call(MessagesSend("Bob", "written after"))
        for _ in range(2):
            await until(states, MessageStateChanged, state="delivered")
        assert await bodies(bob2, await address(pair.alice)) == ["written before", "written after"]


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
        accepted = await pair.alice.call(ContactsAcceptKeys("Bob"))
        assert len(accepted.devices) == 1
        states = await pair.alice.subscribe(MessageStateChanged)
        await pair.alice.call(MessagesSend("Bob", "only to one"))
        await until(states, MessageStateChanged, state="delivered")


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
        while (await until(his, ContactChanged)).contact.name != "Alice of the Lake":
            pass
    assert (await pair.bob.call(IdentityProfileGet("Alice of the Lake"))).bio == "swims"


async def test_words_are_found_in_what_was_said(pair: Pair) -> None:
    await befriend(pair.alice, pair.bob)
    await pair.alice.call(MessagesSend("Bob", "lunch on Thursday"))
    (hit,) = (await pair.alice.call(MessagesSearch("thurs"))).hits
    assert hit.message.body == "lunch on Thursday"


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
