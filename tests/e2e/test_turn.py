"""STUN and TURN by configuration, over a real coturn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stardust.link.engine import IceConfig
from stardust.link.port import FrameReceived, LinkOpened, LinkState
from tests.e2e.sides import ALICE, BOB, Side
from tests.fakes.signaling import FakeExchange
from tests.fixtures.coturn import Coturn


@pytest.mark.timeout(90)
async def test_somebody_who_hides_the_address_is_reached_through_turn(coturn: Coturn) -> None:
    exchange = FakeExchange()
    hidden = Side(exchange, ALICE, IceConfig(turn=coturn.access), relay_only=True)
    open_ = Side(exchange, BOB, IceConfig(stun=coturn.stun))
    try:
        await hidden.links.want(BOB)
        opened = await hidden.until(LinkOpened)
        await open_.until(LinkOpened)
        assert isinstance(opened, LinkOpened)
        assert opened.route == "relay"
        assert await hidden.links.send(BOB.record.device, b"from behind a relay")
        got = await open_.until(FrameReceived)
        assert isinstance(got, FrameReceived)
        assert got.frame == b"from behind a relay"
    finally:
        await hidden.links.close()
        await open_.links.close()


@pytest.mark.timeout(90)
async def test_without_the_turn_server_nothing_is_offered_instead(coturn: Coturn) -> None:
    exchange = FakeExchange()
    wrong = replace(coturn.access, password="not it")
    hidden = Side(exchange, ALICE, IceConfig(turn=wrong), relay_only=True)
    other = Side(exchange, BOB, IceConfig(stun=coturn.stun))
    try:
        await hidden.links.want(BOB)
        with pytest.raises(TimeoutError):
            await hidden.until(LinkOpened, limit=12)
        assert hidden.links.state(BOB.record.device) is not LinkState.OPEN
    finally:
        await hidden.links.close()
        await other.links.close()
