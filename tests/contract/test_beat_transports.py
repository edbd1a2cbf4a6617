"""What every transport of beats keeps, over parts in memory and real ones."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from stardust.signaling.beats import SEALED
from stardust.signaling.followed import Followed
from stardust.signaling.port import BeatArrival
from stardust.signaling.topics import beat_channel, beat_topic, epoch_of
from stardust.wire.ids import DeviceId
from tests.fakes.grounds import GENESIS, BeatGround, beats_by_rendezvous, beats_by_statements
from tests.fakes.people import Resident
from tests.fakes.rendezvous import rendezvous
from tests.fakes.statement_node import statement_nodes

WITHIN_S = 30.0


@pytest.fixture(
    params=[
        "statements",
        "statements of two nodes",
        "rendezvous",
        "two rendezvous",
        pytest.param("statements of a network", marks=pytest.mark.network),
    ]
)
async def ground(request: pytest.FixtureRequest) -> AsyncIterator[BeatGround]:
    async with AsyncExitStack() as stack:
        match request.param:
            case "statements":
                nodes = await stack.enter_async_context(statement_nodes(GENESIS))
                yield beats_by_statements(stack, [node.url for node in nodes])
            case "statements of two nodes":
                nodes = await stack.enter_async_context(statement_nodes(GENESIS, 2))
                yield beats_by_statements(stack, [node.url for node in nodes])
            case "rendezvous":
                yield beats_by_rendezvous(stack, [await stack.enter_async_context(rendezvous())])
            case "two rendezvous":
                servers = [await stack.enter_async_context(rendezvous()) for _ in range(2)]
                yield beats_by_rendezvous(stack, servers)
            case _:
                yield beats_by_statements(stack, request.getfixturevalue("network_nodes"), real=True)


class Heart:
    """Somebody's beats; transports do not look inside."""

    def __init__(self, ground: BeatGround, who: Resident) -> None:
        self.who, self.key = who, os.urandom(32)
        self._transport = ground.transport(who, Followed())

    async def beat(self, number: int, *, key: bytes | None = None) -> bytes:
        now, used = time.time(), key or self.key
        sealed = bytes([number]) * SEALED
        epoch = epoch_of(now)
        topic, channel = (make(used, epoch, self._transport.name) for make in (beat_topic, beat_channel))
        await self._transport.beat(topic, channel, sealed, expires=int(now) + 100)
        return sealed


class Ear:
    """What somebody hears who follows others."""

    def __init__(self, ground: BeatGround, who: Resident, *hearts: Heart) -> None:
        self.followed = Followed()
        self.follow(*hearts)
        self._source = ground.transport(who, self.followed).beats()

    def follow(self, *hearts: Heart) -> None:
        self.followed.replace({DeviceId(one.who.keys.device): one.key for one in hearts})

    async def until(self, wanted: bytes, within: float = WITHIN_S) -> BeatArrival:
        """The arrival of ``wanted``; others may come before it."""
        async with asyncio.timeout(within):
            async for arrival in self._source:
                if arrival.sealed == wanted:
                    return arrival
        raise AssertionError("the subscription ended")


async def test_a_beat_reaches_who_follows_and_says_whose_it_is(ground: BeatGround) -> None:
    alice, bob, carol = await ground.residents(3)
    hers, his = Heart(ground, alice), Heart(ground, carol)
    ear = Ear(ground, bob, hers, his)
    for number, heart in enumerate((hers, his)):
        assert (await ear.until(await heart.beat(number))).device == heart.who.keys.device


async def test_who_comes_later_finds_the_newest_beat(ground: BeatGround) -> None:
    alice, bob = await ground.residents(2)
    heart = Heart(ground, alice)
    await heart.beat(1)
    newest = await heart.beat(2)
    assert (await Ear(ground, bob, heart).until(newest)).device == alice.keys.device


async def test_who_is_followed_from_now_on_is_heard(ground: BeatGround) -> None:
    alice, bob = await ground.residents(2)
    heart, ear = Heart(ground, alice), Ear(ground, bob)
    waiting = asyncio.create_task(ear.until(await heart.beat(1)))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    ear.follow(heart)
    assert (await waiting).device == alice.keys.device


async def test_under_another_key_nothing_is_heard(ground: BeatGround) -> None:
    """As after a rotation."""
    alice, bob = await ground.residents(2)
    heart = Heart(ground, alice)
    ear = Ear(ground, bob, heart)
    other = await heart.beat(1, key=os.urandom(32))
    assert (await ear.until(await heart.beat(2))).sealed != other
    with pytest.raises(TimeoutError):
        await ear.until(other, within=0.5)
