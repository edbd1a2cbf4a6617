"""Signaling over several transports: seals what goes out; checks, merges and limits what comes in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

import structlog
from nacl.utils import random

from stardust.chain.port import Chain
from stardust.errors import RemoteError, StardustError, UnavailableError
from stardust.identity.devices import DeviceKeys
from stardust.identity.records import CertifiedDevice
from stardust.signaling.directory import Directory
from stardust.signaling.envelope import CLOCK_TOLERANCE_S, open_envelope, seal
from stardust.signaling.errors import EnvelopeError
from stardust.signaling.intake import RateLimit, SeenOnce
from stardust.signaling.port import Arrival, ReceivedSignal, Transport, TransportHealth
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.signals import Signal, SignalKind

LIFETIME_S: Final = 120
MAX_WAITING: Final = 256
"""Signals that wait to be taken by the link layer; beyond it the transports wait."""

log = structlog.get_logger(__name__)


class SignalingService:
    """Keeps the interface ``Signaling``. ``transports`` in the order of preference: the next one is
    used when one is not available. ``start`` once; ``close`` ends everything."""

    def __init__(
        self,
        chain: Chain,
        account: AccountId,
        keys: DeviceKeys,
        transports: Sequence[Transport],
        *,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._chain = chain
        self._account = account
        self._keys = keys
        self._transports = tuple(transports)
        self._wall_clock = wall_clock
        self._directory = Directory(chain)
        self._seen = SeenOnce()
        self._limit = RateLimit()
        self._heard: set[DeviceId] = set()
        self._received: asyncio.Queue[ReceivedSignal] = asyncio.Queue(MAX_WAITING)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Listens from now on; needs a running event loop."""
        if self._tasks:
            return
        self._tasks = [asyncio.create_task(self._directory.run(), name="signal-directory")]
        for transport in self._transports:
            self._tasks.append(asyncio.create_task(self._listen(transport), name=f"signals-{transport.name}"))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        for transport in self._transports:
            await transport.close()

    async def send(self, to: CertifiedDevice, kind: SignalKind, payload: bytes) -> None:
        """Seals and hands over by the first transport that takes it.

        Raises what the last transport raised: ``UnavailableError`` or ``SignalRefusedError``.
        """
        signal = Signal(
            id=random(16),
            kind=kind,
            genesis=self._chain.genesis,
            sender_account=self._account,
            sender_device=self._keys.device,
            receiver_device=to.record.device,
            expires=int(self._wall_clock()) + LIFETIME_S,
            payload=payload,
        )
        envelope = seal(signal, self._keys, to.record)
        known = to.record.device in self._heard
        problem: StardustError = UnavailableError("There is no way to send signals.")
        for transport in self._transports:
            try:
                await transport.publish(to.record.device, kind, envelope, known=known, expires=signal.expires)
                return
            except StardustError as error:
                problem = error
        raise problem

    async def received(self) -> AsyncIterator[ReceivedSignal]:
        while True:
            yield await self._received.get()

    async def health(self) -> tuple[TransportHealth, ...]:
        return tuple([await transport.health() for transport in self._transports])

    async def _listen(self, transport: Transport) -> None:
        while True:
            try:
                async for arrival in transport.subscribe(self._keys.device):
                    await self._take(arrival, transport.name)
            except StardustError as error:
                log.info("signals stopped", transport=transport.name, problem=str(error))
            except Exception:
                log.exception("signals failed unexpectedly", transport=transport.name)
            await asyncio.sleep(1)

    async def _take(self, arrival: Arrival, transport: str) -> None:
        try:
            signal = await self._check(arrival.envelope)
        except RemoteError as error:
            log.info("an envelope was dropped", transport=transport, reason=str(error))
            return
        if signal is not None:
            await self._received.put(signal)

    async def _check(self, envelope: bytes) -> ReceivedSignal | None:
        """None for one that came before, or too many of one sender."""
        now = self._wall_clock()
        signal = open_envelope(envelope, self._keys, self._chain.genesis, now)
        device = DeviceId(signal.sender_device)
        if not self._limit.allow(device, time.monotonic()):
            log.info("a sender is too fast", device=device.hex())
            return None
        certified = await self._sender(AccountId(signal.sender_account), device)
        # Only now is the id the sender's own; a stranger must not be able to use it up.
        if not self._seen.first(device + signal.id, signal.expires + CLOCK_TOLERANCE_S, now):
            return None
        self._heard.add(device)
        return ReceivedSignal(signal.id, signal.kind, certified.account, certified, signal.payload)

    async def _sender(self, account: AccountId, device: DeviceId) -> CertifiedDevice:
        """Waits for the chain where it is away: a signal is not lost because a node restarts."""
        while True:
            try:
                certified = await self._directory.find(account, device)
            except UnavailableError:
                await asyncio.sleep(1)
                continue
            if certified is None:
                raise EnvelopeError("An envelope names a device that is not its account's on chain.")
            return certified
