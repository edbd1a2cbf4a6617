"""Two daemons, each a process, on a real chain, over real WebRTC."""

from __future__ import annotations

import pytest

from stardust.api.calls import ContactsList, ContactsVerify, MessagesMarkRead, MessagesSend, SystemStatus
from stardust.api.events import MessageReceived, MessageStateChanged
from tests.e2e.daemon import Person, until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(180)]


async def test_two_people_meet_and_talk_both_ways(friends: tuple[Person, Person]) -> None:
    alice, bob = friends
    (hers,) = (await alice.client.call(ContactsList())).contacts
    assert (hers.name, hers.state) == ("Bob", "accepted")
    number = await alice.client.call(ContactsVerify("Bob"))
    assert (await bob.client.call(ContactsVerify("Alice", scanned=number.qr))).verified
    for sender, receiver in ((alice, bob), (bob, alice)):
        states = await sender.client.subscribe(MessageStateChanged)
        arrivals = await receiver.client.subscribe(MessageReceived)
        sent = await sender.client.call(MessagesSend(receiver.name, f"hello from {sender.name}"))
        got = await until(arrivals, MessageReceived)
        assert (got.message.id, got.message.body) == (sent.id, f"hello from {sender.name}")
        await until(states, MessageStateChanged, id=sent.id, state="delivered")
        await receiver.client.call(MessagesMarkRead(sender.name))
        await until(states, MessageStateChanged, id=sent.id, state="read")
    status = await alice.client.call(SystemStatus())
    assert [(link.state, link.route) for link in status.links] == [("open", "direct")]


async def test_a_killed_daemon_catches_up_once_and_in_order(friends: tuple[Person, Person]) -> None:
    alice, bob = friends
    states = await alice.client.subscribe(MessageStateChanged)
    first = await alice.client.call(MessagesSend("Bob", "before"))
    await until(states, MessageStateChanged, id=first.id, state="delivered")
    await bob.kill()
    sent = [await alice.client.call(MessagesSend("Bob", f"while away {number}")) for number in range(40)]
    await bob.up()
    await until(states, MessageStateChanged, id=sent[-1].id, state="delivered", within=90)
    expected = [first.id, *(message.id for message in sent)]
    assert [message.id for message in await bob.messages("Alice")] == expected
    assert [message.id for message in await alice.messages("Bob")] == expected
