"""The pallet's events to several readers, each at its own pace."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Final
from weakref import WeakSet

from stardust.chain.port import ChainEvent, EventKind

MAX_WAITING: Final = 10_000
"""Events that wait for a slow reader; more are given up for one ``MISSED``."""


class Reader:
    """An asynchronous iterator over the events from its creation on. Ends with the feed."""

    def __init__(self) -> None:
        self._waiting: deque[ChainEvent] = deque()
        self._changed = asyncio.Event()
        self._closed = False

    def put(self, event: ChainEvent) -> None:
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.clear()
            self._waiting.append(ChainEvent(EventKind.MISSED, event.block))
        else:
            self._waiting.append(event)
        self._changed.set()

    def close(self) -> None:
        self._closed = True
        self._changed.set()

    def __aiter__(self) -> Reader:
        return self

    async def __anext__(self) -> ChainEvent:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._waiting.popleft()


class Feed:
    """Forgets readers that nobody holds any more."""

    def __init__(self) -> None:
        self._readers: WeakSet[Reader] = WeakSet()

    def reader(self) -> Reader:
        reader = Reader()
        self._readers.add(reader)
        return reader

    def put(self, events: Iterable[ChainEvent]) -> None:
        readers = tuple(self._readers)
        for event in events:
            for reader in readers:
                reader.put(event)

    def close(self) -> None:
        for reader in tuple(self._readers):
            reader.close()
