"""Signals through rendezvous servers: sealed envelopes under topics that change by the day.

A server sees which topics one connection listens to and writes to (docs/threats.md). Up to two of
those that are configured are used at once: what is published goes to both, and what both bring is
one arrival, so one that loses or withholds does no harm.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import nacl.utils
import structlog

from stardust.chain.nodes import Nodes
from stardust.errors import UnavailableError, UntrustedError
from stardust.identity.devices import DeviceKeys
from stardust.signaling.intake import SeenOnce
from stardust.signaling.port import Arrival, Listening, TransportHealth
from stardust.signaling.rendezvous_client import RendezvousConnection, RendezvousRefusedError
from stardust.signaling.topics import (
    SLOTS,
    PairKeys,
    channel,
    epoch_of,
    epochs_of,
    first_contact_topic,
    pair_topic,
)
from stardust.wire.ids import DeviceId
from stardust.wire.rendezvous import MAX_LIFETIME, Arrived
from stardust.wire.signals import SignalKind

AT_ONCE: Final = 2
"""Servers in use at a time."""
LIFETIME_S: Final = 120
PING_LIFETIME_S: Final = 600
"""How long a signal waits for its receiver: as long as it is valid."""
FIRST_CONNECTION_S: Final = 2.0
"""How long publishing waits for a connection that is being made."""
RECHECK_S: Final = 60.0
"""The day may have changed, or a server takes again what it refused."""
MAX_LIVE: Final = 512
MAX_RECEIVERS: Final = 4_096
MAX_WAITING: Final = 1_024

log = structlog.get_logger(__name__)

Topics = dict[bytes, DeviceId | None]
"""Topic → the only other device that knows it; None: of first contact, which anybody can know."""


@dataclass(frozen=True, slots=True)
class _Live:
    """An envelope of our own that is still valid: a server that was restarted gets it again."""

    topic: bytes
    channel: bytes
    envelope: bytes
    ends: float

    async def publish(self, connection: RendezvousConnection) -> None:
        left = int(self.ends - time.monotonic())
        if left > 0:
            await connection.publish(self.topic, self.channel, left, self.envelope)


class _Consumer:
    """What one ``subscribe`` has not taken yet. What finds no room is fetched again."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Arrival] = asyncio.Queue(MAX_WAITING)
        self.missed = False
        self._seen = SeenOnce()

    def put(self, arrival: Arrival) -> None:
        if self.queue.full():
            self.missed = True
            return
        now = time.monotonic()
        if self._seen.first(_digest(arrival.envelope), now + 2 * MAX_LIFETIME, now):
            self.queue.put_nowait(arrival)


class RendezvousTransport:
    """Keeps the interface ``Transport``.

    ``urls``: in order of preference. ``genesis``: of the chain; ``UnavailableError`` until it is known.
    """

    name: Final = "rendezvous"

    def __init__(
        self,
        urls: Sequence[str],
        keys: DeviceKeys,
        genesis: Callable[[], bytes],
        listening: Listening,
        *,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._urls = tuple(dict.fromkeys(urls))
        self._keys = keys
        self._genesis = genesis
        self._listening = listening
        self._wall_clock = wall_clock
        self._pairs: PairKeys | None = None
        self._stranger = nacl.utils.random(32)
        """Names the channels of first contact, so that nobody else can name one."""
        self._wanted: Topics = {}
        self._changed = asyncio.Event()
        self._consumers: set[_Consumer] = set()
        self._replays = 0
        self._open: dict[str, RendezvousConnection] = {}
        self._problems: dict[str, str] = {}
        self._settled = asyncio.Event()
        """There is a connection, or there will be none soon."""
        self._live: OrderedDict[bytes, _Live] = OrderedDict()
        self._slots: OrderedDict[bytes, int] = OrderedDict()
        self._tasks: list[asyncio.Task[None]] = []

    async def publish(self, to: DeviceId, kind: SignalKind, envelope: bytes, *, known: bool) -> None:
        self._start()
        topic, place = self._place(to, known)
        lifetime = PING_LIFETIME_S if kind is SignalKind.PING else LIFETIME_S
        live = _Live(topic, place, envelope, time.monotonic() + lifetime + 1)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_CONNECTION_S):
                await self._settled.wait()
        await self._publish(live)
        self._live[place] = live
        self._live.move_to_end(place)
        if len(self._live) > MAX_LIVE:
            self._live.popitem(last=False)

    async def subscribe(self, device: DeviceId) -> AsyncIterator[Arrival]:
        assert device == self._keys.device, "topics of another device cannot be known"
        consumer = _Consumer()
        self._consumers.add(consumer)
        self._start()
        self._replay()
        try:
            while True:
                if consumer.missed and consumer.queue.empty():
                    consumer.missed = False
                    self._replay()
                yield await consumer.queue.get()
        finally:
            self._consumers.discard(consumer)

    async def health(self) -> TransportHealth:
        if self._open:
            servers = " and ".join(self._open)
            return TransportHealth(self.name, True, f"sealed envelopes through {servers}")
        return TransportHealth(self.name, False, self._problem())

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    # what is sent
    def _place(self, to: DeviceId, known: bool) -> tuple[bytes, bytes]:
        """Topic and channel of the next envelope for ``to``."""
        epoch = epoch_of(self._wall_clock())
        if known:
            key = self._pair_keys().of(to)
            topic = pair_topic(key, to, epoch)
        else:
            key = self._stranger
            topic = first_contact_topic(self._genesis(), to, epoch)
        slot = self._slots.pop(topic, 0)
        self._slots[topic] = (slot + 1) % SLOTS
        if len(self._slots) > MAX_RECEIVERS:
            self._slots.popitem(last=False)
        return topic, channel(key, to, epoch, slot)

    async def _publish(self, live: _Live) -> None:
        """Done when one server has it; the others get it too."""
        if not self._open:
            raise UnavailableError(self._problem())
        pending = {asyncio.create_task(live.publish(one)) for one in self._open.values()}
        problem: BaseException | None = None
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            problems = [task.exception() for task in done]
            if None in problems:
                return
            problem = problems[0]
        assert problem is not None, "there was at least one"
        raise problem

    def _problem(self) -> str:
        return " ".join(self._problems.values()) or "No rendezvous is connected yet."

    # what arrives
    def _arrived(self, arrived: Arrived) -> None:
        if arrived.topic not in self._wanted:
            return  # not any more
        for consumer in self._consumers:
            consumer.put(Arrival(arrived.envelope, self._wanted[arrived.topic]))

    def _replay(self) -> None:
        self._replays += 1
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    # connections
    def _start(self) -> None:
        if self._tasks:
            return
        places = asyncio.Semaphore(AT_ONCE)
        self._tasks = [asyncio.create_task(self._follow(), name="rendezvous-topics")]
        self._tasks += [asyncio.create_task(self._keep(url, places), name="rendezvous") for url in self._urls]

    async def _keep(self, url: str, places: asyncio.Semaphore) -> None:
        """One server: connected whenever there is a place for it. Who fails makes room for the next."""
        tries = Nodes([url])
        while True:
            async with places:
                try:
                    await self._use(url, tries)
                except UnavailableError as error:
                    if url not in self._problems:
                        log.info("a rendezvous is away", problem=str(error))
                    self._problems[url] = str(error)
            if len(self._problems) >= min(AT_ONCE, len(self._urls)):
                self._settled.set()
            tries.failed(url, time.monotonic(), random.random())  # noqa: S311 - jitter
            picked = tries.pick(time.monotonic())
            await asyncio.sleep(picked[1] if picked else 0)

    async def _use(self, url: str, tries: Nodes) -> None:
        """Until the connection ends, which is raised."""
        connection = await RendezvousConnection.open(url, self._arrived)
        try:
            await self._listen(connection, tries)
        finally:
            self._open.pop(url, None)
            if not self._open:
                self._settled.clear()
            await connection.close()

    async def _listen(self, connection: RendezvousConnection, tries: Nodes) -> None:
        subscribed: set[bytes] = set()
        replays = self._replays
        while not connection.closed.is_set():
            changed, wanted = self._changed, self._wanted
            if replays != self._replays:
                replays = self._replays
                subscribed &= wanted.keys() ^ wanted.keys()
            await self._adjust(connection, subscribed, wanted)
            if connection.url not in self._open:
                await self._publish_again(connection)
                self._open[connection.url] = connection
                self._problems.pop(connection.url, None)
                self._settled.set()
                tries.worked(connection.url)
            await _either(changed, connection.closed, RECHECK_S)
        raise UnavailableError(connection.problem)

    async def _adjust(self, connection: RendezvousConnection, subscribed: set[bytes], wanted: Topics) -> None:
        """Listens to ``wanted``, as far as the server allows."""
        outdated = subscribed - wanted.keys()
        if outdated:
            await connection.unsubscribe(outdated)
            subscribed -= outdated
        missing = [topic for topic in wanted if topic not in subscribed]
        try:
            await connection.subscribe(missing[: connection.most_topics - len(subscribed)])
            subscribed.update(missing)
        except RendezvousRefusedError as error:
            log.info("a rendezvous listens to a part of the topics only", problem=str(error))

    async def _publish_again(self, connection: RendezvousConnection) -> None:
        for live in tuple(self._live.values()):
            with contextlib.suppress(RendezvousRefusedError):
                await live.publish(connection)

    # topics
    async def _follow(self) -> None:
        """Keeps ``_wanted`` up to date."""
        known = self._listening.devices
        while True:
            try:
                wanted = await self._topics(known)
            except UnavailableError:  # the chain was never seen
                await asyncio.sleep(1)
                continue
            if wanted != self._wanted:
                self._wanted = wanted
                self._tell()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RECHECK_S):
                    known = await self._listening.changed(known)

    async def _topics(self, devices: frozenset[DeviceId]) -> Topics:
        pairs, own = self._pair_keys(), self._keys.device
        epochs = epochs_of(self._wall_clock())
        topics: Topics = {first_contact_topic(self._genesis(), own, epoch): None for epoch in epochs}
        for number, device in enumerate(devices):
            if number % 64 == 0:
                await asyncio.sleep(0)  # each is worth a good part of a millisecond
            with contextlib.suppress(UntrustedError):
                topics |= {pair_topic(pairs.of(device), own, epoch): device for epoch in epochs}
        return topics

    def _pair_keys(self) -> PairKeys:
        if self._pairs is None:
            self._pairs = PairKeys(self._keys, self._genesis())
        return self._pairs


async def _either(one: asyncio.Event, other: asyncio.Event, limit: float) -> None:
    """Until one of both is set, ``limit`` seconds at most."""
    waiting = [asyncio.create_task(event.wait()) for event in (one, other)]
    try:
        await asyncio.wait(waiting, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


def _digest(envelope: bytes) -> bytes:
    return blake2b(envelope, digest_size=16).digest()
