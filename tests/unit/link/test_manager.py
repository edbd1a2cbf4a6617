"""What the pool does with signals, over an engine that connects nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from stardust.link import negotiation, reconnect
from stardust.link.engine import Callbacks, Connection
from stardust.link.manager import LinkManager
from stardust.link.port import LinkAsked, LinkStateChanged
from stardust.wire.descriptions import Description
from stardust.wire.signals import SignalKind
from tests.e2e.sides import ALICE, BOB
from tests.fakes.signaling import FakeExchange, FakeSignaling
from tests.vectors.forms import SMALLEST


class Nowhere:
    """An engine and its connections."""

    async def prepare(self) -> None:
        pass

    def connection(self, callbacks: Callbacks, *, relay_only: bool) -> Connection:
        return self

    async def offer(self) -> Description:
        return SMALLEST

    async def answer(self, offer: Description) -> Description:
        return SMALLEST

    async def take_answer(self, answer: Description) -> None:
        pass

    async def send(self, message: bytes) -> None:
        pass

    async def close(self) -> None:
        pass


@asynccontextmanager
async def links_of_alice(exchange: FakeExchange, *, acceptable: bool = True) -> AsyncIterator[LinkManager]:
    signaling = FakeSignaling(exchange, ALICE)
    links = LinkManager(
        ALICE.record.device, signaling, Nowhere(), acceptable=lambda account, device: acceptable
    )
    links.start()
    try:
        yield links
    finally:
        await links.close()


async def test_a_ping_is_told_and_nothing_else_is_done() -> None:
    exchange = FakeExchange()
    async with links_of_alice(exchange) as links, asyncio.timeout(10):
        await FakeSignaling(exchange, BOB).send(ALICE, SignalKind.PING, b"")
        assert await anext(links.events()) == LinkAsked(BOB)
        assert exchange.sent == [(ALICE.record.device, SignalKind.PING)]


async def test_a_ping_of_who_was_blocked_is_not_told() -> None:
    exchange = FakeExchange()
    async with links_of_alice(exchange, acceptable=False) as links:
        await FakeSignaling(exchange, BOB).send(ALICE, SignalKind.PING, b"")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await anext(links.events())


@pytest.mark.parametrize("urgent", [True, False])
async def test_only_a_link_that_somebody_waits_for_is_asked_for_by_all_ways(
    urgent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(negotiation, "OFFER_LIMIT_S", 0.1)
    monkeypatch.setattr(reconnect, "FIRST_S", 0.05)
    exchange = FakeExchange()
    async with links_of_alice(exchange) as links, asyncio.timeout(20):
        await links.want(BOB, urgent=urgent)
        async for event in links.events():
            assert isinstance(event, LinkStateChanged)
            if len(exchange.urgent) >= 3:
                break
    assert exchange.urgent[:3] == [False, urgent, urgent]
