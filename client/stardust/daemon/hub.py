"""Events on their way to subscribers: numbered, kept for a while, never waited for."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from stardust.api.events import AnyEvent, EventNotice, Missed

KEPT: Final = 1024
"""Events that a cursor can reach back, and that may wait for one slow subscriber."""


class Subscriber:
    """One subscription's waiting events. ``wake`` is called when there is something to take."""

    def __init__(self, number: int, types: frozenset[str], wake: Callable[[], None]) -> None:
        self.number = number
        self._types = types
        self._wake = wake
        self._waiting: deque[EventNotice] = deque()

    def offer(self, cursor: str, event: AnyEvent) -> None:
        """Queues ``event`` if it is wanted; a reader that is too slow gets ``missed`` in place of all."""
        always = isinstance(event, Missed)
        if self._types and not always and event.__struct_config__.tag not in self._types:
            return
        if len(self._waiting) >= KEPT:
            self._waiting.clear()
            event = Missed("slow")
        self._waiting.append(EventNotice(self.number, cursor, event))
        self._wake()

    def take(self) -> EventNotice | None:
        return self._waiting.popleft() if self._waiting else None


class EventHub:
    """Publishes to all subscribers. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._run = secrets.token_hex(4)
        self._count = 0
        self._kept: deque[tuple[int, AnyEvent]] = deque(maxlen=KEPT)
        self._subscribers: set[Subscriber] = set()

    @property
    def cursor(self) -> str:
        """After the newest event."""
        return self._cursor(self._count)

    def publish(self, event: AnyEvent) -> None:
        self._count += 1
        self._kept.append((self._count, event))
        for subscriber in tuple(self._subscribers):
            subscriber.offer(self._cursor(self._count), event)

    def add(self, subscriber: Subscriber, cursor: str | None) -> None:
        """From now on, and what was published after ``cursor`` before that."""
        if cursor is not None:
            for at, event in self._since(cursor):
                subscriber.offer(self._cursor(at), event)
        self._subscribers.add(subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        self._subscribers.discard(subscriber)

    def _since(self, cursor: str) -> Iterable[tuple[int, AnyEvent]]:
        run, _, number = cursor.partition(":")
        at = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else -1
        oldest = self._count - len(self._kept)
        if run != self._run or not oldest <= at <= self._count:
            return [(self._count, Missed("cursor"))]
        return [entry for entry in self._kept if entry[0] > at]

    def _cursor(self, number: int) -> str:
        return f"{self._run}:{number}"
