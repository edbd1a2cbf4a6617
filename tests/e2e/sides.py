"""Two ends of a link in one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from stardust.identity.records import CertifiedDevice, DeviceRecord, Scheme
from stardust.link.aiortc_engine import AiortcEngine
from stardust.link.engine import IceConfig
from stardust.link.manager import LinkManager
from stardust.link.port import LinkEvent
from stardust.signaling.port import Signaling
from stardust.wire.ids import AccountId, DeviceId
from tests.fakes.signaling import FakeExchange, FakeSignaling


def device(number: int) -> CertifiedDevice:
    """A device whose certificate nobody looks at here."""
    key = bytes([number]) * 32
    record = DeviceRecord(DeviceId(key), key, key, bytes(1216))
    return CertifiedDevice(AccountId(key), record, 1, bytes(64), Scheme.ED25519, bytes(64))


ALICE, BOB = device(1), device(2)


class Side:
    """A link manager on real WebRTC. ``relay_only``: it offers and accepts relayed addresses only."""

    def __init__(
        self,
        exchange: FakeExchange,
        me: CertifiedDevice,
        ice: IceConfig | None = None,
        *,
        relay_only: bool = False,
        signaling: Signaling | None = None,
    ) -> None:
        self.links = LinkManager(
            me.record.device,
            signaling or FakeSignaling(exchange, me),
            AiortcEngine(ice or IceConfig()),
            acceptable=lambda account, device: True,
            relay_only=lambda account: relay_only,
        )
        self._events = self.links.events()
        self.links.start()

    async def until(self, kind: type[LinkEvent], *, limit: float = 30) -> LinkEvent:
        async with asyncio.timeout(limit):
            async for event in self._events:
                if isinstance(event, kind):
                    return event
        raise AssertionError("no more events")


@asynccontextmanager
async def two_sides(exchange: FakeExchange) -> AsyncIterator[tuple[Side, Side]]:
    alice, bob = Side(exchange, ALICE), Side(exchange, BOB)
    try:
        yield alice, bob
    finally:
        await alice.links.close()
        await bob.links.close()
