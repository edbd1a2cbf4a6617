"""What comes in: opened, checked, each signal once, and nobody at the cost of others.

Two lanes. What comes in the name of a known device is looked at first. Everybody else shares one
narrow lane: each envelope of a stranger costs an opening and a question to the chain, and anybody can
make thousands. In both the ways (a transport, or one server of it) take turns: a flood in one leaves
the others open.

Two bounds for each device. How many envelopes are opened in its name is counted for each way by
itself, since a rendezvous can put junk in anybody's place. How many signals it may send is counted
over all ways, and only by what it has signed and was not there before.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Final

import structlog

from stardust.chain.port import Chain
from stardust.errors import RemoteError, StardustError, UnavailableError
from stardust.identity.devices import DeviceKeys
from stardust.identity.records import CertifiedDevice
from stardust.signaling.directory import Directory
from stardust.signaling.envelope import CLOCK_TOLERANCE_S, open_envelope
from stardust.signaling.errors import EnvelopeError
from stardust.signaling.intake import MAX_WAYS, Pace, RateLimit, SeenOnce
from stardust.signaling.lanes import Turns
from stardust.signaling.listening import MAX_LISTENED
from stardust.signaling.port import Arrival, Listening, ReceivedSignal, Spent, Transport
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.signals import SignalKind

MAX_WAITING: Final = 256
"""Signals that wait for the link layer."""
AT_ONCE, PER_S = 24, 1.0
"""In the name of one known device, envelopes of each way that are opened; of one device, signals of all
ways together that are taken."""
STRANGERS_AT_ONCE: Final = 32
STRANGERS_PER_S: Final = 4.0

log = structlog.get_logger(__name__)

Waiting = tuple[Arrival, str]
"""And by which transport it came."""


class Reception:
    """``spent`` remembers over restarts what was taken; None: only this process does. ``on_received``
    is told of every signal that holds, with the transport that brought it."""

    def __init__(
        self,
        chain: Chain,
        keys: DeviceKeys,
        listening: Listening,
        *,
        spent: Spent | None,
        on_received: Callable[[DeviceId, SignalKind, str], None],
        wall_clock: Callable[[], float],
    ) -> None:
        self._chain, self._keys, self._listening = chain, keys, listening
        self._spent, self._on_received, self._wall_clock = spent, on_received, wall_clock
        self._directory = Directory(chain)
        self._seen = SeenOnce()
        self._work = RateLimit(AT_ONCE, PER_S, capacity=MAX_WAYS * MAX_LISTENED)
        self._share = RateLimit(AT_ONCE, PER_S)
        self._strangers_pace = Pace(STRANGERS_AT_ONCE, STRANGERS_PER_S)
        self._known: Turns[Waiting] = Turns()
        self._strangers: Turns[Waiting] = Turns()
        self._received: asyncio.Queue[ReceivedSignal] = asyncio.Queue(MAX_WAITING)

    async def run(self, transports: Sequence[Transport]) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._directory.run(), name="signal-directory")
            group.create_task(self._take_known(), name="signals-known")
            group.create_task(self._take_strangers(), name="signals-strangers")
            for transport in transports:
                group.create_task(self._listen(transport), name=f"signals-{transport.name}")

    async def next(self) -> ReceivedSignal:
        return await self._received.get()

    async def _listen(self, transport: Transport) -> None:
        while True:
            try:
                async for arrival in transport.subscribe(self._keys.device):
                    self._sort((arrival, transport.name))
            except StardustError as error:
                log.info("signals stopped", transport=transport.name, problem=str(error))
            except Exception:
                log.exception("signals failed unexpectedly", transport=transport.name)
            await asyncio.sleep(1)

    def _sort(self, waiting: Waiting) -> None:
        arrival, transport = waiting
        hint, way = arrival.sender_hint, f"{transport} {arrival.source}"
        known = hint is not None and hint in self._listening.devices
        if hint is not None and known and not self._work.allow(hint + way.encode(), time.monotonic()):
            log.debug("too much comes in a sender's name", device=hint.hex(), way=way)
            return
        if not (self._known if known else self._strangers).put(way, waiting):
            log.debug("a signal found no room", way=way, stranger=not known)

    async def _take_known(self) -> None:
        while True:
            await self._take(*await self._known.get())

    async def _take_strangers(self) -> None:
        while True:
            waiting = await self._strangers.get()
            await asyncio.sleep(self._strangers_pace.delay(time.monotonic()))
            await self._take(*waiting)

    async def _take(self, arrival: Arrival, transport: str) -> None:
        try:
            signal = await self._check(arrival)
        except RemoteError as error:
            log.info("an envelope was dropped", transport=transport, reason=str(error))
            return
        except StardustError as error:
            log.warning("a signal could not be looked at", transport=transport, problem=str(error))
            return
        except Exception:
            log.exception("a signal failed unexpectedly", transport=transport)
            return
        if signal is not None:
            self._on_received(signal.device.record.device, signal.kind, transport)
            await self._received.put(signal)

    async def _check(self, arrival: Arrival) -> ReceivedSignal | None:
        """None for one that came before, or too many of one sender."""
        now = self._wall_clock()
        signal = open_envelope(arrival.envelope, self._keys, self._chain.genesis, now)
        device = DeviceId(signal.sender_device)
        if arrival.sender_hint not in (None, device):
            raise EnvelopeError("An envelope was brought by another device than its sender.")
        name = device + signal.id
        if name in self._seen:
            return None  # what is brought again takes nothing of what its sender may send
        if not self._share.allow(device, time.monotonic()):
            log.debug("a sender is too fast", device=device.hex())
            return None
        certified = await self._sender(AccountId(signal.sender_account), device)
        # Only now is the id the sender's own; a stranger must not be able to use it up.
        if not await self._is_first(name, signal.expires + CLOCK_TOLERANCE_S, now):
            return None
        return ReceivedSignal(signal.id, signal.kind, certified.account, certified, signal.payload)

    async def _is_first(self, name: bytes, forget_at: int, now: float) -> bool:
        """What one transport brings and then another is known without a look at what is stored."""
        if not self._seen.first(name, forget_at, now):
            return False
        return self._spent is None or await self._spent(
            blake2b(name, digest_size=16).digest(), forget_at, int(now)
        )

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
