"""Signals through the pallet: a call to send, an event to notice, the inbox on chain to read.

Works on every chain of ours and is public in who, to whom and when (docs/threats.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential

from stardust.chain.errors import CallFailedError, CallRefusedError, Refusal
from stardust.chain.port import Chain, ChainSignal, EventKind
from stardust.errors import StardustError, UnavailableError, UsageError
from stardust.signaling.errors import SignalRefusedError
from stardust.signaling.port import Arrival, TransportHealth
from stardust.wire.ids import DeviceId
from stardust.wire.signals import SignalKind

CLEAR_AFTER_S: Final = 1.0
"""What was read is cleared together: a call for each signal would use up the free ones."""
READ_AGAIN_S: Final = 2.0
"""At most; the first attempts follow one another faster, because a daemon starts before its chain."""

_REFUSALS: Final = {
    "Blocked": "This person does not take anything from you.",
    "InboxFull": "The other device's inbox on the chain is full.",
    "SenderLimit": "The other device has not read the last signals yet.",
    "UnknownReceiver": "The other device is not on the chain any more.",
    "NotRegistered": "This device is not on the chain.",
    "NotADevice": "This device is not on the chain.",
}

log = structlog.get_logger(__name__)


class _News:
    """That there is something to read. At first there may be."""

    def __init__(self) -> None:
        self.there = asyncio.Event()
        self.there.set()
        self._missed = False

    def put(self, *, missed: bool) -> None:
        self._missed = self._missed or missed
        self.there.set()

    def take(self) -> bool:
        """Whether blocks were missed since the last time."""
        missed, self._missed = self._missed, False
        self.there.clear()
        return missed


class PalletTransport:
    """Keeps the interface ``Transport``."""

    name: Final = "pallet"

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._clearing: asyncio.Task[None] | None = None
        self._clear_to = -1

    async def publish(
        self,
        to: DeviceId,
        kind: SignalKind,
        envelope: bytes,
        *,
        known: bool,  # noqa: ARG002 - one inbox for everybody
        expires: int,  # noqa: ARG002 - the chain counts blocks
    ) -> None:
        try:
            await self._chain.send_signaling(to, kind, envelope)
        except CallFailedError as error:
            raise SignalRefusedError(_REFUSALS.get(error.name, str(error))) from None
        except CallRefusedError as error:
            if error.reason is Refusal.NOT_REGISTERED:
                raise SignalRefusedError(_REFUSALS["NotRegistered"]) from None
            raise UnavailableError(str(error)) from None
        except UsageError as error:  # this device makes no calls now
            raise SignalRefusedError(str(error)) from None

    async def subscribe(self, device: DeviceId) -> AsyncIterator[Arrival]:
        # Events first, so that nothing falls between reading the inbox and listening.
        news = _News()
        listening = asyncio.create_task(self._listen(device, news), name="pallet-signals")
        seen = -1
        try:
            while True:
                await news.there.wait()
                if news.take():
                    # The chain may have begun anew, and its numbers with it. What comes twice counts once.
                    seen = self._clear_to = -1
                for signal in await self._read(device):
                    if signal.id > seen:
                        seen = signal.id
                        yield Arrival(signal.payload, signal.sender_device)
                        self._clear_soon(seen)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _read(self, device: DeviceId) -> list[ChainSignal]:
        attempts = AsyncRetrying(
            wait=wait_exponential(multiplier=0.05, max=READ_AGAIN_S),
            retry=retry_if_exception_type(StardustError),
        )
        async for attempt in attempts:
            with attempt:
                inbox = await self._chain.inbox(device)
        return sorted(inbox, key=lambda signal: signal.id)

    async def _listen(self, device: DeviceId, news: _News) -> None:
        while True:
            try:
                async for event in self._chain.events():
                    missed = event.kind is EventKind.MISSED
                    if missed or (event.kind is EventKind.SIGNAL_SENT and event.device == device):
                        news.put(missed=missed)
            except StardustError as error:
                log.info("chain events stopped", problem=str(error))
            await asyncio.sleep(READ_AGAIN_S)

    def _clear_soon(self, up_to: int) -> None:
        self._clear_to = max(self._clear_to, up_to)
        if self._clearing is None or self._clearing.done():
            self._clearing = asyncio.create_task(self._clear(), name="clear-signals")

    async def _clear(self) -> None:
        cleared = -1
        while cleared < self._clear_to:
            await asyncio.sleep(CLEAR_AFTER_S)
            cleared = self._clear_to
            if cleared < 0:  # the chain began anew meanwhile
                return
            try:
                await self._chain.clear_signaling(cleared)
            except StardustError as error:
                # They expire by themselves after 100 blocks.
                log.info("signals were not cleared", problem=str(error))

    async def health(self) -> TransportHealth:
        status = self._chain.status()
        if not status.connected:
            return TransportHealth(self.name, False, status.problem or "No node of the chain can be reached.")
        return TransportHealth(self.name, True, f"calls and events on the chain, by {status.node}")

    async def close(self) -> None:
        if self._clearing is not None:
            self._clearing.cancel()
            await asyncio.gather(self._clearing, return_exceptions=True)
