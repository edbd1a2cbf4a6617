"""Arrivals that wait to be looked at: those of known senders first, and never more than there is room for."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import Final, Generic, TypeVar

from stardust.signaling.port import Arrival

CAPACITY: Final = 256
"""Arrivals that wait in each lane; the newest are dropped beyond it."""


T = TypeVar("T")


class Lanes:
    """Two queues, for arrivals with a hint of their sender and for those of strangers."""

    def __init__(self) -> None:
        self._known: deque[Arrival] = deque()
        self._strangers: deque[Arrival] = deque()
        self._news = asyncio.Event()

    def put(self, arrival: Arrival) -> bool:
        """Whether there was room for it."""
        lane = self._strangers if arrival.sender_hint is None else self._known
        if len(lane) >= CAPACITY:
            return False
        lane.append(arrival)
        self._news.set()
        return True

    async def get(self) -> Arrival:
        """The oldest with a hint, else the oldest."""
        while not self._known and not self._strangers:
            self._news.clear()
            await self._news.wait()
        return (self._known or self._strangers).popleft()


class Turns(Generic[T]):
    """Queues of which each gets its turn, so that a flood in one does not close the others."""

    def __init__(self) -> None:
        self._queues: OrderedDict[str, deque[T]] = OrderedDict()
        self._news = asyncio.Event()

    def put(self, queue: str, thing: T) -> bool:
        """Whether there was room for it in the queue of that name."""
        waiting = self._queues.setdefault(queue, deque())
        if len(waiting) >= CAPACITY:
            return False
        waiting.append(thing)
        self._news.set()
        return True

    async def get(self) -> T:
        """The oldest of the queue whose turn it is."""
        while True:
            for queue, waiting in self._queues.items():
                if waiting:
                    self._queues.move_to_end(queue)
                    return waiting.popleft()
            self._news.clear()
            await self._news.wait()
