"""Signaling between devices of one process, losing, repeating and delaying as told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from stardust.identity.records import CertifiedDevice
from stardust.signaling.port import ReceivedSignal, TransportHealth
from stardust.wire.ids import DeviceId
from stardust.wire.signals import SignalKind


@dataclass
class FakeExchange:
    """Carries signals between ``FakeSignaling``s. ``lose`` decides about each signal on its way."""

    lose: Callable[[], bool] = field(default=lambda: False)
    repeat: Callable[[], bool] = field(default=lambda: False)
    queues: dict[DeviceId, asyncio.Queue[ReceivedSignal]] = field(default_factory=dict)
    sent: list[tuple[DeviceId, SignalKind]] = field(default_factory=list)
    urgent: list[bool] = field(default_factory=list)
    """Of each of ``sent``."""

    def queue(self, device: DeviceId) -> asyncio.Queue[ReceivedSignal]:
        return self.queues.setdefault(device, asyncio.Queue())


class FakeSignaling:
    """Keeps the interface ``Signaling``."""

    def __init__(self, exchange: FakeExchange, me: CertifiedDevice) -> None:
        self._exchange = exchange
        self._me = me

    async def send(
        self, to: CertifiedDevice, kind: SignalKind, payload: bytes, *, urgent: bool = False
    ) -> None:
        await asyncio.sleep(0)
        self._exchange.sent.append((to.record.device, kind))
        self._exchange.urgent.append(urgent)
        if self._exchange.lose():
            return
        signal = ReceivedSignal(random.randbytes(16), kind, self._me.account, self._me, payload)
        for _ in range(2 if self._exchange.repeat() else 1):
            self._exchange.queue(to.record.device).put_nowait(signal)

    async def received(self) -> AsyncIterator[ReceivedSignal]:
        while True:
            yield await self._exchange.queue(self._me.record.device).get()

    async def health(self) -> tuple[TransportHealth, ...]:
        return (TransportHealth("fake", True, "in this process"),)
