"""Real WebRTC between two link managers of one process; only the signaling is in memory."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from stardust.errors import UnavailableError
from stardust.identity.records import CertifiedDevice
from stardust.link.aiortc_engine import AiortcEngine
from stardust.link.engine import IceConfig
from stardust.link.manager import LinkManager
from stardust.link.port import FrameReceived, LinkClosed, LinkOpened, LinkState
from stardust.wire.signals import SignalKind
from tests.e2e.devchain import ROOT
from tests.e2e.sides import ALICE, BOB, Side, two_sides
from tests.fakes.signaling import FakeExchange, FakeSignaling


async def test_two_devices_connect_and_exchange_frames() -> None:
    async with two_sides(FakeExchange()) as (alice, bob):
        await alice.links.want(BOB)
        opened = await alice.until(LinkOpened)
        await bob.until(LinkOpened)
        assert isinstance(opened, LinkOpened)
        assert opened.route == "direct"
        assert await alice.links.send(BOB.record.device, b"hello")
        got = await bob.until(FrameReceived)
        assert isinstance(got, FrameReceived)
        assert got.frame == b"hello"
        assert await bob.links.send(ALICE.record.device, bytes(64 * 1024))
        big = await alice.until(FrameReceived)
        assert isinstance(big, FrameReceived)
        assert len(big.frame) == 64 * 1024


WITHOUT_MEDIA = """
import asyncio, sys
from stardust.link.port import FrameReceived, LinkOpened
from tests.e2e.sides import BOB, two_sides
from tests.fakes.signaling import FakeExchange

async def main():
    async with two_sides(FakeExchange()) as (alice, bob):
        await alice.links.want(BOB)
        await alice.until(LinkOpened)
        assert await alice.links.send(BOB.record.device, b"hello")
        await bob.until(FrameReceived)
    assert "aiortc" in sys.modules
    assert not [name for name in sys.modules if name.split(".")[0] == "av"]

asyncio.run(main())
"""


def test_a_link_loads_no_library_for_sound_and_pictures() -> None:
    """In a process of its own: other tests load them."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_MEDIA], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


async def test_both_connecting_at_once_end_with_one_link() -> None:
    async with two_sides(FakeExchange()) as (alice, bob):
        await asyncio.gather(alice.links.want(BOB), bob.links.want(ALICE))
        await alice.until(LinkOpened)
        await bob.until(LinkOpened)
        await asyncio.sleep(1)
        assert alice.links.state(BOB.record.device) is LinkState.OPEN
        assert bob.links.state(ALICE.record.device) is LinkState.OPEN


@pytest.mark.timeout(90)
async def test_a_closed_side_is_noticed_and_found_again() -> None:
    exchange = FakeExchange()
    async with two_sides(exchange) as (alice, bob):
        await alice.links.want(BOB)
        await alice.until(LinkOpened)
        await bob.links.close()
        await alice.until(LinkClosed)
        again = Side(exchange, BOB)
        try:
            await alice.until(LinkOpened)
            await again.until(LinkOpened)
        finally:
            await again.links.close()


async def test_an_unacceptable_device_gets_no_answer() -> None:
    exchange = FakeExchange()
    alice = Side(exchange, ALICE)
    stern = LinkManager(
        BOB.record.device,
        FakeSignaling(exchange, BOB),
        AiortcEngine(IceConfig()),
        acceptable=lambda account, device: False,
    )
    stern.start()
    try:
        await alice.links.want(BOB)
        await asyncio.sleep(1)
        assert stern.state(ALICE.record.device) is LinkState.IDLE
        assert alice.links.state(BOB.record.device) is LinkState.CONNECTING
    finally:
        await alice.links.close()
        await stern.close()


class Failing(FakeSignaling):
    """Takes nothing the first two times."""

    def __init__(self, exchange: FakeExchange) -> None:
        super().__init__(exchange, ALICE)
        self.urgent: list[bool] = []

    async def send(
        self, to: CertifiedDevice, kind: SignalKind, payload: bytes, *, urgent: bool = False
    ) -> None:
        self.urgent.append(urgent)
        if len(self.urgent) <= 2:
            raise UnavailableError("nothing is taken")
        await super().send(to, kind, payload, urgent=urgent)


async def test_time_is_short_from_the_second_attempt_on_until_the_link_is_open() -> None:
    exchange = FakeExchange()
    signaling = Failing(exchange)
    alice = Side(exchange, ALICE, signaling=signaling)
    bob = Side(exchange, BOB)
    try:
        await alice.links.want(BOB)
        await alice.until(LinkOpened)
        assert signaling.urgent == [False, True, True]
        await bob.links.close()
        await alice.until(LinkClosed)
        bob = Side(exchange, BOB)
        await alice.until(LinkOpened)
        assert signaling.urgent[3:4] in ([False], [])  # none: the other side was faster
    finally:
        await alice.links.close()
        await bob.links.close()
