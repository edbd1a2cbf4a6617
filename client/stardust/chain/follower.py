"""Follows one connection's heads and brings their events to the feed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from stardust.chain.connection import Connection
from stardust.chain.cursor import Ask, Block, EventCursor, Read, Restart, Step, Wait
from stardust.chain.errors import BadNodeError
from stardust.chain.feed import Feed
from stardust.chain.port import ChainEvent, EventKind, Head
from stardust.chain.records import chain_events

TOLD_FOR: Final = 600.0
"""Seconds for which the status says that a chain began anew."""


class Follower:
    """Keeps its place over connections: ``follow`` is called with one after the other.

    ``problem`` says what is odd about the chain although it answers.
    """

    def __init__(self, feed: Feed, on_head: Callable[[], None]) -> None:
        self._feed = feed
        self._on_head = on_head
        self._cursor = EventCursor()
        self._highest = 0
        self._anew_at = float("-inf")
        self.head: Head | None = None
        self.problem: str | None = None

    async def follow(self, connection: Connection) -> None:
        """Until the connection ends, which raises."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._heads(connection))
                tasks.create_task(self._versions(connection))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    async def _heads(self, connection: Connection) -> None:
        subscription = connection.rpc.subscribe("chain_subscribeNewHeads", "chain_unsubscribeNewHeads")
        async with subscription as heads:
            block, parent = await connection.best()
            await self._take(connection, block, parent)
            while True:
                block, parent = connection.block_of(await heads.next())
                await self._take(connection, block, parent)

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
        elif isinstance(step, Wait) and step.behind:
            self.problem = f"The node is behind: at block {head.number}, {self._highest} was seen already."
        elif head.number > self._highest and time.monotonic() - self._anew_at > TOLD_FOR:
            self.problem = None
        self._highest = max(self._highest, head.number)
