"""Whole daemons: what waits for somebody who was away is there soon after they are back, unseen by all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from stardust.api.calls import (
    ChainCallsMade,
    ContactsAdd,
    ContactsBlock,
    ContactsList,
    IdentityWhoami,
    MessagesHistory,
    MessagesSend,
)
from stardust.api.client import Client
from stardust.daemon import pings
from stardust.wire.ids import DeviceId
from tests.fakes.daemons import Person, World, befriend, person, until
from tests.fakes.links import FakeLinks


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pings, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(pings, "FIRST_S", 0.1)


class Stage:
    """Presence is off, as it is unless it is chosen."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self.world = World()
        self._folder, self._stack = folder, stack

    async def enter(self, name: str) -> tuple[Person, Client]:
        return await self._stack.enter_async_context(person(self.world, self._folder / name, name))

    def links(self, who: Person) -> FakeLinks:
        assert who.app is not None
        links = who.app._network.links
        assert isinstance(links, FakeLinks)
        return links

    async def until_pinged(self, device: DeviceId) -> None:
        async with asyncio.timeout(20):
            while all(receiver != device for _, receiver in self.world.pings):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        yield Stage(tmp_path, stack)


def device_of(who: Person) -> DeviceId:
    assert who.app is not None
    return who.app._keys.device


async def leave(who: Person, client: Client) -> None:
    await client.close()
    await who.stop()


async def until_delivered(client: Client, contact: str) -> None:
    async def delivered() -> bool:
        return (await client.call(MessagesHistory(contact))).messages[-1].state == "delivered"

    await until(delivered)


async def test_a_message_that_waited_is_delivered_when_its_receiver_comes_back(stage: Stage) -> None:
    (alice, hers), (bob, his) = await stage.enter("Alice"), await stage.enter("Bob")
    await befriend(hers, his)
    device = device_of(bob)
    stage.world.board.patient = False  # who wrote has given up long ago when the receiver comes
    await leave(bob, his)
    before = (await hers.call(ChainCallsMade())).calls
    await hers.call(MessagesSend("Bob", "when you are back"))
    await stage.until_pinged(device)
    his = await bob.start()
    await until_delivered(hers, "Bob")
    assert (await hers.call(ChainCallsMade())).calls == before
    assert (await his.call(ChainCallsMade())).calls == ()
    # Bob's links, which the ping made, were none that may cost a call.
    assert stage.links(bob).asked == [(device_of(alice), False)]
    await his.close()


async def test_a_request_that_waited_comes_through_too(stage: Stage) -> None:
    (_, hers), (bob, his) = await stage.enter("Alice"), await stage.enter("Bob")
    device, address = device_of(bob), (await his.call(IdentityWhoami())).address
    stage.world.board.patient = False
    await leave(bob, his)
    await hers.call(ContactsAdd(address))
    await stage.until_pinged(device)
    his = await bob.start()

    async def came() -> bool:
        return bool((await his.call(ContactsList())).contacts)

    await until(came)
    await his.close()


async def test_nobody_is_pinged_for_whom_nothing_waits(stage: Stage) -> None:
    (_, hers), (bob, his) = await stage.enter("Alice"), await stage.enter("Bob")
    await befriend(hers, his)
    await hers.call(MessagesSend("Bob", "now"))
    await until_delivered(hers, "Bob")
    await leave(bob, his)
    await asyncio.sleep(0.5)
    assert stage.world.pings == []


async def test_who_was_blocked_gets_no_link_by_a_ping(stage: Stage) -> None:
    (alice, hers), (bob, his) = await stage.enter("Alice"), await stage.enter("Bob")
    await befriend(hers, his)
    (certified,) = stage.world.ledger.devices[await account_of(alice)]
    await his.call(ContactsBlock("Alice"))
    asked = len(stage.links(bob).asked)
    for _ in range(5):
        stage.links(bob).asked_by(certified)
    await asyncio.sleep(0.5)
    assert len(stage.links(bob).asked) == asked


async def test_who_pings_without_end_makes_few_links(stage: Stage) -> None:
    (alice, hers), (bob, his) = await stage.enter("Alice"), await stage.enter("Bob")
    await befriend(hers, his)
    (certified,) = stage.world.ledger.devices[await account_of(alice)]
    await leave(alice, hers)
    stage.world.board.patient = False
    before = len(stage.links(bob).asked)
    for _ in range(100):
        stage.links(bob).asked_by(certified)
        await asyncio.sleep(0.01)
    assert len(stage.links(bob).asked) - before <= pings.GREETINGS


async def account_of(who: Person) -> bytes:
    assert who.app is not None
    return who.app._account
