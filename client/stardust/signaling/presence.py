"""Presence through the ways of signals: this device's beats, and those of devices that are followed.

Opt-in, sealed to those who have the presence key, and never on chain. What beats say is decided by
``beats`` and ``sightings``; this is the part with clocks and transports.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import nacl.utils
import structlog

from stardust.errors import RemoteError, StardustError, UnavailableError
from stardust.identity.devices import DeviceKeys
from stardust.signaling.beats import EVERY_S, GONE_AFTER_S, NONCE, open_beat, seal_beat
from stardust.signaling.followed import MAX_FOLLOWED, Followed
from stardust.signaling.intake import MAX_WAYS, RateLimit
from stardust.signaling.port import BeatArrival, BeatTransport
from stardust.signaling.sightings import Sightings
from stardust.signaling.topics import beat_channel, beat_topic, epoch_of
from stardust.wire.ids import DeviceId
from stardust.wire.presence import Beat

JITTER: Final = 0.2
"""Of the time between two beats, which is shorter by up to so much: no rhythm, and one may be lost."""
AGAIN_S: Final = 5.0
"""After a beat that no transport took."""
BEATS_AT_ONCE, BEATS_PER_S = 8, 0.1
"""In the name of one device, by each transport and server, that are looked at."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A device that is followed came or went."""

    device: DeviceId
    here: bool


class PresenceService:
    """``transports`` in the order of preference; ``followed`` is what they listen by.

    ``start`` once; ``close`` ends everything, without a goodbye."""

    def __init__(
        self,
        genesis: Callable[[], bytes],
        keys: DeviceKeys,
        transports: Sequence[BeatTransport],
        followed: Followed,
        *,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._genesis, self._keys, self._transports = genesis, keys, tuple(transports)
        self._followed, self._wall_clock = followed, wall_clock
        self._key: bytes | None = None
        self._new_key = asyncio.Event()
        self._last_at = 0
        self.way: str | None = None
        """By which transport the last beat went; None: by none."""
        self.problem = "No beat was sent yet."
        """Why not."""
        self._limit = RateLimit(BEATS_AT_ONCE, BEATS_PER_S, capacity=MAX_WAYS * MAX_FOLLOWED)
        self._sightings = Sightings()
        self._somebody = asyncio.Event()
        self._news: asyncio.Queue[Sighting] = asyncio.Queue()
        self._announcing: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Needs a running event loop."""
        if not self._tasks:
            self._announcing = asyncio.create_task(self._announce(), name="beats")
            works = (self._watch(), *(self._listen(one) for one in self._transports))
            self._tasks = [self._announcing, *(asyncio.create_task(work, name="beats") for work in works)]

    def announce(self, key: bytes | None) -> None:
        """From now on beats go out under this presence key; None: none do."""
        if key != self._key:
            self._key = key
            self._new_key.set()

    def follow(self, keys: Mapping[DeviceId, bytes]) -> None:
        """Whose beats count from now on, and the presence key of each."""
        self._followed.replace(keys)
        for device in self._sightings.keep(self._followed.keys):
            self._news.put_nowait(Sighting(device, False))

    async def sightings(self) -> AsyncIterator[Sighting]:
        """Who comes and goes. One consumer."""
        while True:
            yield await self._news.get()

    async def goodbye(self) -> None:
        """The last beat, if there was a first."""
        if self._announcing is not None:
            self._announcing.cancel()
            await asyncio.gather(self._announcing, return_exceptions=True)
        if self._key is not None and self._last_at:
            await self._beat(self._key, "gone")

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    # this device
    async def _announce(self) -> None:
        while True:
            self._new_key.clear()
            wait = None
            if self._key is not None:
                taken = await self._beat(self._key, "here")
                wait = EVERY_S * (1 - JITTER * random.random()) if taken else AGAIN_S  # noqa: S311 - jitter
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._new_key.wait()

    async def _beat(self, key: bytes, state: Literal["here", "gone"]) -> bool:
        """By the first transport that takes it."""
        try:
            self.way, self.problem = await self._send(key, state), ""
        except StardustError as error:
            if self.way is not None:
                log.info("no beat", problem=str(error))
            self.way, self.problem = None, str(error)
        return self.way is not None

    async def _send(self, key: bytes, state: Literal["here", "gone"]) -> str:
        now = self._wall_clock()
        self._last_at = max(int(now * 1000), self._last_at + 1)
        beat = Beat(self._last_at, state)
        epoch, expires = epoch_of(now), int(now + GONE_AFTER_S)
        problem: StardustError = UnavailableError(
            "Neither a statement store nor a rendezvous is used here, and nothing else carries beats."
        )
        for transport in self._transports:
            topic, channel = (make(key, epoch, transport.name) for make in (beat_topic, beat_channel))
            # Sealed anew for each, so that nobody can tell that two are one.
            sealed = seal_beat(beat, self._keys, key, self._genesis(), nacl.utils.random(NONCE))
            try:
                await transport.beat(topic, channel, sealed, expires=expires)
            except StardustError as error:
                problem = error
            else:
                return transport.name
        raise problem

    # others
    async def _listen(self, transport: BeatTransport) -> None:
        while True:
            try:
                async for arrival in transport.beats():
                    self._take(transport.name, arrival)
            except StardustError as error:
                log.info("beats stopped", transport=transport.name, problem=str(error))
            except Exception:
                log.exception("beats failed unexpectedly", transport=transport.name)
            await asyncio.sleep(1)

    def _take(self, transport: str, arrival: BeatArrival) -> None:
        device, now = arrival.device, _now()
        key = self._followed.keys.get(device)
        way = f"{transport} {arrival.source}".encode()
        if key is None or not self._limit.allow(device + way, now):
            return
        try:
            beat = open_beat(arrival.sealed, device, key, self._genesis(), self._wall_clock())
        except RemoteError as error:
            log.debug("a beat was dropped", transport=transport, reason=str(error))
            return
        if self._sightings.beat(device, beat, now):
            self._news.put_nowait(Sighting(device, beat.state == "here"))
            self._somebody.set()

    async def _watch(self) -> None:
        """Who is not heard is gone."""
        while True:
            self._somebody.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._sightings.deadline):
                    await self._somebody.wait()
            for device in self._sightings.silent(_now()):
                self._news.put_nowait(Sighting(device, False))


def _now() -> float:
    return asyncio.get_running_loop().time()
