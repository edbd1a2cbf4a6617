"""Signals through rendezvous servers: sealed envelopes under topics that change by the day.

A server sees which topics one connection listens to and writes to (docs/threats.md). Up to two of
those that are configured are used at once: what is published goes to both, and what both bring is
one signal, so one that loses or withholds does no harm. Each brings an envelope once, whatever the
other has brought: junk of one must not hide what the other has.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any, Final

import nacl.utils
import structlog

from stardust.chain.nodes import Nodes
from stardust.errors import StardustError, UnavailableError, UntrustedError
from stardust.identity.devices import DeviceKeys
from stardust.signaling.followed import Followed
from stardust.signaling.intake import SeenOnce
from stardust.signaling.lanes import CAPACITY, Lanes
from stardust.signaling.places import Place, Places
from stardust.signaling.port import Arrival, BeatArrival, Following, Listening, TransportHealth
from stardust.signaling.rendezvous_client import RendezvousConnection, RendezvousRefusedError
from stardust.wire.ids import DeviceId
from stardust.wire.rendezvous import MAX_LIFETIME, Arrived
from stardust.wire.signals import SignalKind

AT_ONCE: Final = 2
"""Servers in use at a time."""
CONNECTION_S: Final = 2.0
"""How long publishing waits for a connection that is being made."""
RECHECK_S: Final = 60.0
"""The day may have changed, or a server may take again what it refused."""
MAX_LIVE: Final = 256
"""A server takes as many at once."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Live:
    """An envelope of our own that is still of use: a server that was restarted gets it again."""

    place: Place
    envelope: bytes
    ends: float

    async def publish(self, connection: RendezvousConnection) -> None:
        left = round(self.ends - time.monotonic())
        if left > 0:
            await connection.publish(self.place.topics[0], self.place.channel, left, self.envelope)


class RendezvousTransport:
    """Keeps the interfaces ``Transport`` and ``BeatTransport``.

    ``urls``: in order of preference. ``genesis`` gives that of the chain, ``UnavailableError`` until it
    is known.
    """

    name: Final = "rendezvous"

    def __init__(
        self,
        genesis: Callable[[], bytes],
        keys: DeviceKeys,
        urls: Sequence[str],
        listening: Listening,
        *,
        followed: Following | None = None,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._genesis, self._keys, self._urls = genesis, keys, tuple(dict.fromkeys(urls))
        self._listening, self._followed = listening, followed or Followed()
        self._wall_clock = wall_clock
        self._known_places: Places | None = None
        self._wanted: tuple[bytes, ...] = ()
        self._changed = asyncio.Event()
        self._lanes = Lanes()
        self._beats: asyncio.Queue[BeatArrival] = asyncio.Queue(CAPACITY)
        self._seen = SeenOnce()
        self._live: OrderedDict[bytes, _Live] = OrderedDict()
        self._open: dict[str, RendezvousConnection] = {}
        self._problems: dict[str, str] = {}
        self._settled = asyncio.Event()
        """There is a connection, or there will be none soon."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def publish(
        self, to: DeviceId, kind: SignalKind, envelope: bytes, *, known: bool, expires: int
    ) -> None:
        self._start()
        ping = kind is SignalKind.PING
        place = self._places().outgoing(to, known=known, ping=ping, now=self._wall_clock())
        await self._bring(place, envelope, expires)

    async def beat(self, topic: bytes, channel: bytes, sealed: bytes, *, expires: int) -> None:
        self._start()
        await self._bring(Place(channel, (topic,)), sealed, expires)

    async def _bring(self, place: Place, envelope: bytes, expires: int) -> None:
        lifetime = max(1.0, min(expires - self._wall_clock(), MAX_LIFETIME))
        live = _Live(place, envelope, time.monotonic() + lifetime)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CONNECTION_S):
                await self._settled.wait()
        await self._publish(live)
        self._live[place.channel] = live
        self._live.move_to_end(place.channel)
        if len(self._live) > MAX_LIVE:
            self._live.popitem(last=False)

    async def beats(self) -> AsyncIterator[BeatArrival]:
        self._start()
        while True:
            yield await self._beats.get()

    async def subscribe(self, device: DeviceId) -> AsyncIterator[Arrival]:
        assert device == self._keys.device, "only one's own topics can be known"
        self._start()
        while True:
            yield await self._lanes.get()

    async def health(self) -> TransportHealth:
        if self._open:
            servers = " and ".join(self._open)
            return TransportHealth(self.name, True, f"sealed envelopes through {servers}")
        return TransportHealth(self.name, False, self._problem(), failed=bool(self._problems))

    async def close(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # what goes out
    async def _publish(self, live: _Live) -> None:
        """Done when one server has it; the others get it too."""
        if not self._open:
            raise UnavailableError(self._problem())
        pending = {self._task(live.publish(one), "publish") for one in self._open.values()}
        problem: BaseException | None = None
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                problem = task.exception()
                if problem is None:
                    return
        assert problem is not None, "there was at least one"
        raise problem

    def _problem(self) -> str:
        return " ".join(self._problems.values()) or "No rendezvous is connected yet."

    # what comes in
    def _arrived(self, url: str, arrived: Arrived) -> None:
        devices = self._followed.topics(self._wall_clock(), self.name).get(arrived.topic, ())
        for device in devices:
            with contextlib.suppress(asyncio.QueueFull):  # the next one comes in less than a minute
                self._beats.put_nowait(BeatArrival(device, arrived.envelope, url))
        if devices:
            return
        try:
            sender = self._places().sender((arrived.topic,))
        except (UntrustedError, UnavailableError):
            return  # not listened to any more, or never
        now = time.monotonic()
        # For each sender by itself: who brings what another sent must not hide it.
        digest = blake2b(arrived.envelope, digest_size=16, key=sender or b"").digest()
        if not self._seen.first(digest + url.encode(), now + 2 * MAX_LIFETIME, now):
            return
        if not self._lanes.put(Arrival(arrived.envelope, sender, url)):
            log.info("signals come faster than they can be looked at")

    # connections
    def _start(self) -> None:
        if self._tasks:
            return
        places = asyncio.Semaphore(AT_ONCE)
        self._task(self._follow(), "topics")
        for url in self._urls:
            self._task(self._keep(url, places), "server")

    def _task(self, work: Coroutine[Any, Any, None], what: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=f"rendezvous-{what}")
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        # That one server refuses is told to who waited, unless another one took it.
        if error is not None and not isinstance(error, StardustError):
            log.error("the rendezvous failed unexpectedly", exc_info=error)

    async def _keep(self, url: str, places: asyncio.Semaphore) -> None:
        """One server: connected whenever there is a place for it. Who fails makes room for the next."""
        tries = Nodes([url])
        while True:
            async with places:
                await self._use(url, tries)
            tries.failed(url, time.monotonic(), random.random())  # noqa: S311 - jitter
            picked = tries.pick(time.monotonic())
            await asyncio.sleep(picked[1] if picked else 0)

    async def _use(self, url: str, tries: Nodes) -> None:
        """Until the connection ends."""
        try:
            connection = await RendezvousConnection.open(url, partial(self._arrived, url))
        except UnavailableError as error:
            self._failed(url, error)
            if len(self._problems) >= min(AT_ONCE, len(self._urls)):
                self._settled.set()
            return
        try:
            await self._listen(connection, tries)
        except UnavailableError as error:
            self._failed(url, error)
        finally:
            self._open.pop(url, None)
            if not self._open:
                self._settled.clear()
            await connection.close()

    def _failed(self, url: str, error: UnavailableError) -> None:
        if url not in self._problems:
            log.info("a rendezvous is away", problem=str(error))
        self._problems[url] = str(error)

    async def _listen(self, connection: RendezvousConnection, tries: Nodes) -> None:
        """Until the connection ends: ``UnavailableError``."""
        subscribed: set[bytes] = set()
        while not connection.closed.is_set():
            changed, wanted = self._changed, self._wanted
            await self._adjust(connection, subscribed, wanted)
            if connection.url not in self._open:
                await self._publish_again(connection)
                self._open[connection.url] = connection
                self._problems.pop(connection.url, None)
                self._settled.set()
                tries.worked(connection.url)
            await _any_of(changed.wait(), connection.closed.wait(), limit=RECHECK_S)
        raise UnavailableError(connection.problem)

    async def _adjust(
        self, connection: RendezvousConnection, subscribed: set[bytes], wanted: tuple[bytes, ...]
    ) -> None:
        """Listens to ``wanted``, as far as the server goes along."""
        outdated = subscribed.difference(wanted)
        try:
            await connection.unsubscribe(outdated)
            subscribed -= outdated
            missing = [topic for topic in wanted if topic not in subscribed]
            missing = missing[: connection.most_topics - len(subscribed)]
            await connection.subscribe(missing)
            subscribed.update(missing)
        except RendezvousRefusedError as error:
            log.info("a rendezvous does not listen to all topics", problem=str(error))

    async def _publish_again(self, connection: RendezvousConnection) -> None:
        """The newest first, as many as the server takes."""
        with contextlib.suppress(RendezvousRefusedError):
            for live in reversed(tuple(self._live.values())):
                await live.publish(connection)

    # topics
    async def _follow(self) -> None:
        """Keeps ``_wanted`` up to date."""
        known = self._listening.devices
        while True:
            keys = self._followed.keys
            try:
                wanted = await self._topics(known)
            except UnavailableError:  # the chain was never seen
                await asyncio.sleep(1)
                continue
            if wanted != self._wanted:
                self._wanted = wanted
                self._changed.set()
                self._changed = asyncio.Event()
            await _any_of(self._listening.changed(known), self._followed.changed(keys), limit=RECHECK_S)
            known = self._listening.devices

    async def _topics(self, devices: frozenset[DeviceId]) -> tuple[bytes, ...]:
        """Those of strangers first and of beats last: a server that takes few takes the first of them."""
        places, met = self._places(), []
        for number, device in enumerate(devices, 1):
            if places.meet(device):
                met.append(device)
            if number % 32 == 0:
                await asyncio.sleep(0)
        now = self._wall_clock()
        wanted, beats = places.listen(met, now), self._followed.topics(now, self.name)
        return (*sorted(wanted.first), *sorted(wanted.pairs), *sorted(beats))

    def _places(self) -> Places:
        if self._known_places is None:
            self._known_places = Places(self._keys, self._genesis(), nacl.utils.random(32), self.name)
        return self._known_places


async def _any_of(*works: Coroutine[Any, Any, object], limit: float) -> None:
    """Until one of them is done, ``limit`` seconds at most."""
    waiting = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(waiting, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
