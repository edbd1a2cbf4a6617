"""Several nodes of one chain, of which some fail: nothing is missed, and what is wrong is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from stardust.chain import age, connection, follower
from stardust.chain.examine import Level, examine_nodes
from stardust.chain.port import EventKind
from stardust.chain.rpc import RpcChain
from tests.contract.test_lying_node import Lie, lying_node
from tests.e2e.relay import Relay
from tests.fakes.people import Person, join
from tests.fixtures.devchain import DevChain

pytestmark = [pytest.mark.chain, pytest.mark.timeout(120)]

WITHIN_S = 30.0


class Watcher:
    """What ``chain`` tells of profiles, in order."""

    def __init__(self, chain: RpcChain) -> None:
        self._events = chain.events()

    async def next(self) -> EventKind:
        async with asyncio.timeout(WITHIN_S):
            async for event in self._events:
                if event.kind in (EventKind.PROFILE_SET, EventKind.MISSED):
                    return event.kind
        raise AssertionError("the events ended")

    async def sees(self, count: int) -> None:
        """So many changes of a profile, and no block was missed."""
        assert [await self.next() for _ in range(count)] == [EventKind.PROFILE_SET] * count


@asynccontextmanager
async def somebody(url: str) -> AsyncIterator[RpcChain]:
    """Registered, and with a node of their own."""
    person = Person.fresh()
    chain = RpcChain([url], signer=person.device)
    await chain.connect()
    try:
        await join(chain, person)
        yield chain
    finally:
        await chain.close()


async def until(chain: RpcChain, *, node: str | None, problem: str | None = None) -> None:
    """``chain`` is on ``node`` (None: on none) and says ``problem``."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            status = chain.status()
            said = problem is None or problem in (status.problem or "")
            if status.connected == (node is not None) and status.node in (node, None) and said:
                return
            await asyncio.sleep(0.05)


async def test_the_next_node_takes_over_and_nothing_is_missed(dev_chain: DevChain) -> None:
    async with Relay(dev_chain.port) as one, Relay(dev_chain.port) as two, somebody(dev_chain.url) as other:
        chain = RpcChain([one.url, two.url])
        await chain.connect()
        watcher = Watcher(chain)
        await other.set_profile(b"0")
        await watcher.sees(1)
        assert chain.status().node == one.url
        await one.cut()
        await other.set_profile(b"1")
        await until(chain, node=two.url)
        await other.set_profile(b"2")
        await watcher.sees(2)
        await two.cut()
        await until(chain, node=None)
        await other.set_profile(b"3")
        await one.mend()
        await until(chain, node=one.url)
        await watcher.sees(1)
        await chain.close()


def stuck() -> Lie:
    """Shows the first head that it hears of for ever, also when it is asked."""
    first: dict[str, object] = {}

    def lie(text: str) -> str:
        message = json.loads(text)
        params = message.get("params")
        header = params.get("result") if isinstance(params, dict) else message.get("result")
        if not isinstance(header, dict) or "parentHash" not in header:
            return text
        if not first:
            first.update(header)
        if isinstance(params, dict):
            params["result"] = first
        else:
            message["result"] = first
        return json.dumps(message)

    return lie


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the dev chain made blocks by the clock. What its blocks say of the time is not judged: made on
    demand, one after the other, they run ahead of it."""
    monkeypatch.setattr(follower, "STILL_S", 1.0)
    monkeypatch.setattr(connection, "ON_DEMAND", "")
    monkeypatch.setattr(age, "CLOCK_TOLERANCE", float("inf"))
    monkeypatch.setattr(age, "OLD_S", float("inf"))


async def test_a_chain_with_blocks_on_demand_may_stand(
    dev_chain: DevChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "STILL_S", 0.2)
    chain = RpcChain([dev_chain.url])
    await chain.connect()
    before = await chain.head()
    await asyncio.sleep(1)
    assert (await chain.head()).number == before.number
    assert chain.status().problem is None
    await chain.close()


async def test_a_node_whose_head_stands_still_is_left_for_the_next(
    dev_chain: DevChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch)
    async with lying_node(dev_chain.url, answered=stuck()) as url, somebody(dev_chain.url) as other:
        chain = RpcChain([url, dev_chain.url])
        await chain.connect()
        watcher = Watcher(chain)
        assert chain.status().node == url
        await other.set_profile(b"1")
        await until(chain, node=dev_chain.url)
        await watcher.sees(1)
        await chain.close()


async def test_when_all_nodes_stand_still_one_is_kept_and_it_is_told(
    dev_chain: DevChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch)
    async with Relay(dev_chain.port) as one, Relay(dev_chain.port) as two:
        chain = RpcChain([one.url, two.url])
        await chain.connect()
        await until(chain, node=two.url, problem="no new block")
        assert await chain.head()
        await chain.close()


async def test_the_only_node_is_kept_and_the_standstill_is_told(
    dev_chain: DevChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch)
    async with somebody(dev_chain.url) as other:
        chain = RpcChain([dev_chain.url])
        await chain.connect()
        await until(chain, node=dev_chain.url, problem="no new block")
        assert await chain.head()
        monkeypatch.setattr(follower, "STILL_S", 3600.0)
        await other.set_profile(b"1")
        async with asyncio.timeout(WITHIN_S):
            while chain.status().problem is not None:
                await asyncio.sleep(1)  # an account has 16 calls
                await other.set_profile(b"2")
        assert chain.status().connected
        await chain.close()


async def test_the_doctor_finds_a_node_that_serves(dev_chain: DevChain) -> None:
    (good,) = await examine_nodes([dev_chain.url], None)
    assert good.level is Level.OK
    assert good.message.endswith("made on demand")
    (other,) = await examine_nodes([dev_chain.url], bytes(32))
    assert other.level is Level.PROBLEM
    assert "another chain" in other.message
