"""Follows one connection's heads and brings their events to the feed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from stardust.chain.age import Age
from stardust.chain.connection import Connection
from stardust.chain.cursor import Ask, Block, EventCursor, Read, Restart, Step, Wait
from stardust.chain.errors import BadNodeError, ChainUnavailableError, StandsStillError
from stardust.chain.feed import Feed
from stardust.chain.jsonrpc import Subscription
from stardust.chain.port import ChainEvent, EventKind, Head
from stardust.chain.records import chain_events

STILL_S: Final = 180.0
"""Seconds without a higher block: thirty blocks of a network. A chain with blocks on demand may stand."""
AGE_S: Final = 30.0
"""Seconds between two questions for the newest block's time, which a light client has proven."""
AGE_AGAIN_S: Final = 6.0
"""The same while that is odd or not known."""
TOLD_FOR: Final = 600.0
"""Seconds for which the status says that a chain began anew."""


class Follower:
    """Keeps its place over connections: ``follow`` is called with one after the other. ``leaves`` is asked
    when the node stands still, whether to go to another (``StandsStillError``).

    ``problem`` says what is odd about the chain although it answers, ``age`` how old its newest block is.
    """

    def __init__(self, feed: Feed, on_head: Callable[[], None], leaves: Callable[[], bool]) -> None:
        self._feed = feed
        self._on_head = on_head
        self._leaves = leaves
        self._cursor = EventCursor()
        self._highest = -1
        self._rose_at = float("-inf")
        self._anew_at = float("-inf")
        self.head: Head | None = None
        self.problem: str | None = None
        self.age = Age(time.monotonic())

    async def follow(self, connection: Connection) -> None:
        """Until the connection ends, which raises."""
        self.age = Age(time.monotonic())
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._heads(connection))
                tasks.create_task(self._versions(connection))
                tasks.create_task(self._ages(connection))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    async def _heads(self, connection: Connection) -> None:
        subscription = connection.rpc.subscribe("chain_subscribeNewHeads", "chain_unsubscribeNewHeads")
        async with subscription as heads:
            block, parent = await connection.best()
            await self._take(connection, block, parent)
            judged = time.monotonic()
            while True:
                since = float("inf") if connection.on_demand else max(judged, self._rose_at)
                header = await _within(since + STILL_S - time.monotonic(), heads)
                if header is None:
                    self._stands_still(connection)
                    judged = time.monotonic()
                    continue
                block, parent = connection.block_of(header)
                await self._take(connection, block, parent)

    def _stands_still(self, connection: Connection) -> None:
        still = time.monotonic() - self._rose_at
        self.problem = f"{connection.rpc.stillness} for {still / 60:.0f} minutes."
        if self._leaves():
            raise StandsStillError(self.problem)

    async def _versions(self, connection: Connection) -> None:
        subscription = connection.rpc.subscribe(
            "state_subscribeRuntimeVersion", "state_unsubscribeRuntimeVersion"
        )
        async with subscription as versions:
            while True:
                version = await versions.next()
                if not isinstance(version, dict):
                    raise BadNodeError("The node does not tell its runtime's version.")
                if version.get("specVersion") != connection.codec.spec_version:
                    await connection.load()

    async def _ages(self, connection: Connection) -> None:
        while not connection.on_demand:
            try:
                stamp = await connection.timestamp()
                self.age.saw(time.monotonic(), None if stamp is None else time.time() - stamp)
            except ChainUnavailableError:  # the age of what was seen last goes on
                pass
            well = self.age.seen is not None and self.age.problem(time.monotonic()) is None
            await asyncio.sleep(AGE_S if well else AGE_AGAIN_S)

    async def _take(self, connection: Connection, block: Block, parent: bytes) -> None:
        step = self._cursor.head(block, parent)
        if isinstance(step, Ask):
            step = self._cursor.hashes(step.first, await connection.hashes(step.first, step.last))
        self.head = Head(block.number, block.hash, time.monotonic())
        self._judge(step, block)
        if isinstance(step, Read):
            await self._read(connection, step.blocks)
        elif isinstance(step, Restart):
            self._feed.put([ChainEvent(EventKind.MISSED, step.at.number)])
        self._on_head()

    async def _read(self, connection: Connection, blocks: tuple[Block, ...]) -> None:
        for block in blocks:
            records = await connection.events(block.hash)
            self._feed.put(self._cursor.read(block, chain_events(block.number, records)))

    def _judge(self, step: Step, head: Block) -> None:
        if isinstance(step, Restart) and step.anew:
            self.problem = (
                f"The chain began anew: block {self._highest} was seen, and it is at {head.number} now. "
                "What stood on it may be gone."
            )
            self._anew_at, self._highest = time.monotonic(), head.number
        elif isinstance(step, Wait) and step.behind and head.number < self._highest:
            self.problem = f"The node is behind: at block {head.number}, {self._highest} was seen already."
        elif head.number > self._highest and time.monotonic() - self._anew_at > TOLD_FOR:
            self.problem = None
        if head.number > self._highest or (isinstance(step, Restart) and step.anew):
            self._rose_at = time.monotonic()
        self._highest = max(self._highest, head.number)


async def _within(seconds: float, heads: Subscription) -> Any:
    """The next header; None when ``seconds`` are over before."""
    if seconds <= 0:
        return None
    try:
        async with asyncio.timeout(seconds if seconds < float("inf") else None):
            return await heads.next()
    except TimeoutError:
        return None
