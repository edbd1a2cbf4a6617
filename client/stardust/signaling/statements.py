"""Signals through the statement store of nodes that have one: free, off chain, in under a second.

What comes from several nodes is merged, what goes out goes to all of them, so that one of them may
drop what it likes. Nodes are not believed in anything. ``publish`` returns when what was sent has
come back; a statement that does not is signed again, and after that it is another transport's turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Final

import structlog
from nacl.utils import random

from stardust.chain.errors import ChainUnavailableError
from stardust.chain.port import Chain
from stardust.errors import RemoteError, StardustError, UnavailableError
from stardust.identity.devices import DeviceKeys
from stardust.signaling import statement
from stardust.signaling.followed import Followed
from stardust.signaling.intake import SeenOnce
from stardust.signaling.lanes import CAPACITY, Lanes
from stardust.signaling.own_statements import Own, OwnStatements
from stardust.signaling.places import Places, Wanted
from stardust.signaling.port import Arrival, BeatArrival, Following, Listening, TransportHealth
from stardust.signaling.store_node import StoreNode
from stardust.signaling.store_pool import StorePool
from stardust.signaling.store_rpc import Outcome
from stardust.wire.ids import DeviceId
from stardust.wire.signals import MAX_ENVELOPE, SignalKind

BACK_S: Final = 5.0
"""In which an own statement has to come back; between two nodes it takes up to two."""
TRIES: Final = 2
CORRECTIONS: Final = 3
"""Of a priority or a clock, before a statement counts as refused."""
REST_S: Final = 60.0
"""For which nothing is sent here after statements did not come back."""
SEEN: Final = 32_768

log = structlog.get_logger(__name__)


class StatementTransport:
    """Keeps the interfaces ``Transport`` and ``BeatTransport``. ``nodes``: WebSocket addresses in order of
    preference."""

    name: Final = "statements"

    def __init__(
        self,
        chain: Chain,
        keys: DeviceKeys,
        nodes: Sequence[str],
        listening: Listening,
        *,
        followed: Following | None = None,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._chain, self._keys, self._listening, self._wall_clock = chain, keys, listening, wall_clock
        self._pool = StorePool(nodes, wanted=self._wanted, take=self._take, opened=self._bring_back)
        self._places: Places | None = None
        self._met: frozenset[DeviceId] = frozenset()
        self._followed = followed or Followed()
        self._own = OwnStatements(keys, wall_clock)
        self._lost_at: float | None = None
        """When statements did not come back."""
        self._seen = SeenOnce(SEEN)
        self._lanes = Lanes()
        self._beats: asyncio.Queue[BeatArrival] = asyncio.Queue(CAPACITY)
        self._tasks: set[asyncio.Task[None]] = set()

    # sending
    async def publish(
        self, to: DeviceId, kind: SignalKind, envelope: bytes, *, known: bool, expires: int
    ) -> None:
        places = await self._ready()
        ping = kind is SignalKind.PING
        place = places.outgoing(to, known=known, ping=ping, now=self._wall_clock())
        await self._bring(Own(place, envelope, expires))

    async def beat(self, topic: bytes, channel: bytes, sealed: bytes, *, expires: int) -> None:
        places = await self._ready()
        await self._bring(Own(places.beat(topic, channel, self._wall_clock()), sealed, expires))

    async def _ready(self) -> Places:
        self._start()
        if self._resting():
            raise UnavailableError("The statement store did not keep what this device sent before.")
        await self._pool.ready()
        assert self._places is not None, "made before the first node is asked"
        return self._places

    async def _bring(self, own: Own) -> None:
        for _ in range(TRIES):
            if await self._send(own):
                self._lost_at = None
                return
        self._lost_at = _now()
        raise UnavailableError("The statement store takes what this device sends and does not keep it.")

    async def _send(self, own: Own) -> bool:
        """Whether it came back. ``UnavailableError`` when no node takes it."""
        try:
            await self._submit(own)
        except ChainUnavailableError:
            await self._pool.ready()  # a node that comes back gets it in ``_bring_back``
        if await _within(own.back, BACK_S):
            self._soon(self._look_after(own, own.digest))
            return True
        # Perhaps it was only the subscription that fell silent: then a fresh one shows it.
        for examined in self._suspect(own.digest):
            await _within(examined, BACK_S)
        return own.back.is_set()

    async def _submit(self, own: Own) -> None:
        """Signs until a node takes it."""
        outcome = Outcome()
        for _ in range(CORRECTIONS):
            self._own.sign(own)
            outcome = await self._pool.hand_over(own.encoded)
            if outcome.taken:
                return
            if not self._own.can_mend(own, outcome):
                break
        raise UnavailableError(outcome.sentence)

    async def _look_after(self, own: Own, digest: bytes) -> None:
        """Also the nodes that others were faster than have to show it."""
        await asyncio.sleep(BACK_S)
        if self._own.is_newest(own, digest):
            self._suspect(digest)

    def _suspect(self, digest: bytes) -> list[asyncio.Event]:
        return [node.suspect(digest) for node in self._pool.live if not node.shows(digest)]

    def _bring_back(self, node: StoreNode) -> None:
        """What is still of use, and a node that was away does not have."""
        missing = [own for own in self._own.alive() if not node.shows(own.digest)]
        if missing:
            self._soon(self._submit_again(node, missing))

    async def _submit_again(self, node: StoreNode, missing: list[Own]) -> None:
        try:
            for own in missing:
                await node.submit(own.encoded)
        except StardustError as error:
            log.info("signals were not brought back", node=node.rpc.url, problem=str(error))

    def _resting(self) -> bool:
        return self._lost_at is not None and _now() - self._lost_at < REST_S

    # receiving
    async def subscribe(self, device: DeviceId) -> AsyncIterator[Arrival]:
        assert device == self._keys.device
        self._start()
        while True:
            yield await self._lanes.get()

    async def beats(self) -> AsyncIterator[BeatArrival]:
        self._start()
        while True:
            yield await self._beats.get()

    def _take(self, digest: bytes, encoded: bytes) -> None:
        self._own.came_back(digest)
        now = self._wall_clock()
        if not self._seen.first(digest, now + statement.LONGEST_S, now):
            return
        try:
            arrival = self._arrival(encoded, now)
        except RemoteError as error:
            log.debug("a statement was dropped", reason=str(error))
            return
        if isinstance(arrival, BeatArrival):
            with contextlib.suppress(asyncio.QueueFull):  # the next one comes in less than a minute
                self._beats.put_nowait(arrival)
        elif arrival is not None and not self._lanes.put(arrival):
            log.debug("statements come faster than they can be looked at")

    def _arrival(self, encoded: bytes, now: float) -> Arrival | BeatArrival | None:
        """None for one of this device. A stranger's signature is not checked here: the one inside the
        envelope is what counts, and work for strangers has to be small."""
        found = statement.decode(encoded)
        if found.signer == self._keys.device or self._places is None:
            return None
        statement.check_expiry(found, now)
        if len(found.data) > MAX_ENVELOPE:
            raise RemoteError("A statement carries more than an envelope.")
        followed = self._followed.topics(now, self.name)
        for topic in found.topics:
            if topic in followed:
                return self._beat(found, followed[topic])
        sender = self._places.sender(found.topics)
        if sender is None and found.signer not in self._met:
            return Arrival(found.data)
        if sender not in (None, found.signer) or not found.is_signed:
            raise RemoteError("A statement is not signed by the device that its topic is for.")
        return Arrival(found.data, found.signer)

    @staticmethod
    def _beat(found: statement.Statement, devices: tuple[DeviceId, ...]) -> BeatArrival:
        """All contacts of a device know the topic of its beats."""
        if found.signer not in devices or not found.is_signed:
            raise RemoteError("A statement is not signed by the device whose beats come under its topic.")
        return BeatArrival(found.signer, found.data)

    def _wanted(self) -> Wanted:
        assert self._places is not None, "made before the first node is asked"
        now = self._wall_clock()
        beats = frozenset(self._followed.topics(now, self.name))
        return replace(self._places.listen(self._met, now), beats=beats)

    # running
    def _start(self) -> None:
        if not self._tasks:
            self._soon(self._run())

    async def _run(self) -> None:
        while True:  # the chain knows its genesis once it was reached
            try:
                genesis = self._chain.genesis
                break
            except ChainUnavailableError:
                await asyncio.sleep(0.25)
        self._places = Places(self._keys, genesis, random(32), self.name)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_listening(self._places), name="statement-topics")
            group.create_task(self._follow_beats(), name="statement-beats")
            group.create_task(self._pool.run(genesis), name="statement-nodes")

    async def _follow_listening(self, places: Places) -> None:
        devices: frozenset[DeviceId] = frozenset()
        while True:
            devices = await self._listening.changed(devices)
            met = []
            for number, device in enumerate(devices, 1):
                if places.meet(device):
                    met.append(device)
                if number % 32 == 0:
                    await asyncio.sleep(0)
            self._met = frozenset(met)
            self._pool.look_again()

    async def _follow_beats(self) -> None:
        keys = self._followed.keys
        while True:
            await self._followed.changed(keys)
            keys = self._followed.keys
            self._pool.look_again()

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task of the statement transport failed", error=repr(task.exception()))

    async def health(self) -> TransportHealth:
        if not self._pool.live:
            return TransportHealth(self.name, False, self._pool.problem(), failed=self._pool.failed)
        detail = f"statements, by {self._pool.detail()}"
        if self._resting():
            detail = f"{detail}; what this device sent was not kept"
            return TransportHealth(self.name, False, detail, failed=True)
        return TransportHealth(self.name, True, detail)

    async def close(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


def _now() -> float:
    return asyncio.get_running_loop().time()
