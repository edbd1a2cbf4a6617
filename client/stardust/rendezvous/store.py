"""Sealed envelopes by topic, until they expire; bounded, and shared fairly between addresses. Pure.

Where there is no more room the oldest envelope of whoever holds most has to go: so somebody with
many envelopes cannot keep others from leaving one (the rule of the inboxes on chain, docs/chain.md).
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from dataclasses import dataclass
from typing import Final, TypeVar

from stardust.rendezvous.limits import Limits

K = TypeVar("K")
L = TypeVar("L")

OVERHEAD: Final = 640
"""Bytes that one envelope takes beside its own, about."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """``frame``: as it is handed out. ``number`` grows over all topics. ``ends``: whole seconds."""

    topic: bytes
    channel: bytes
    source: bytes
    number: int
    ends: int
    frame: bytes

    @property
    def size(self) -> int:
        return len(self.frame) + OVERHEAD


class _Source:
    """What came from one address, oldest first."""

    def __init__(self) -> None:
        self.kept: dict[int, Kept] = {}
        self.bytes = 0

    def oldest(self) -> Kept:
        return next(iter(self.kept.values()))


class Store:
    """All times are seconds of one clock that does not go back."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._numbers = itertools.count(1)
        self._topics: dict[bytes, dict[bytes, Kept]] = {}
        """Topic → channel → envelope, each topic in ascending order of numbers."""
        self._sources: dict[bytes, _Source] = {}
        self._ending: dict[int, dict[int, Kept]] = {}
        self._expired_to: int | None = None
        self.bytes = 0
        self.count = 0
        self.crowded_out = 0
        """How many had to go for others before their time."""

    @property
    def topics(self) -> int:
        return len(self._topics)

    def put(
        self, topic: bytes, channel: bytes, *, source: bytes, lifetime: int, frame: bytes, now: float
    ) -> bool:
        """Keeps ``frame``; instead of what stands on the same channel. False: the topic is full of
        envelopes from as many addresses."""
        self.expire(now)
        replaced = self._topics.get(topic, {}).get(channel)
        if replaced is not None:
            self._drop(replaced)
        elif not self._room_under(topic, source):
            return False
        kept = Kept(topic, channel, source, next(self._numbers), int(now) + lifetime + 1, frame)
        self._room_of(source, kept.size)
        self._room_in_all(kept.size)
        self._add(kept)
        return True

    def after(self, topic: bytes, number: int, now: float) -> Kept | None:
        """The oldest under ``topic`` that is younger than ``number``."""
        self.expire(now)
        under = self._topics.get(topic, {}).values()
        return next((kept for kept in under if kept.number > number), None)

    def expire(self, now: float) -> None:
        """Forgets what has ended; called often, it costs next to nothing."""
        second = int(now)
        if self._expired_to is None:
            self._expired_to = second
        for ended in range(self._expired_to + 1, second + 1):
            for kept in tuple(self._ending.get(ended, {}).values()):
                self._drop(kept)
        self._expired_to = max(self._expired_to, second)

    def _room_under(self, topic: bytes, source: bytes) -> bool:
        under = self._topics.get(topic, {}).values()
        if len(under) < self._limits.kept_a_topic:
            return True
        held = Counter(kept.source for kept in under)
        loser, most = held.most_common(1)[0]
        if most <= held[source]:
            loser = source
        elif most == 1:
            return False
        self._crowd_out(next(kept for kept in under if kept.source == loser))
        return True

    def _room_of(self, source: bytes, size: int) -> None:
        while (holder := self._sources.get(source)) is not None:
            if holder.bytes + size <= self._limits.kept_bytes_an_address:
                return
            self._crowd_out(holder.oldest())

    def _room_in_all(self, size: int) -> None:
        most = self._limits.kept_bytes
        if self.bytes + size <= most:
            return
        # A good deal at once, so that it is not to be done for each envelope.
        heaviest = [(-holder.bytes, source) for source, holder in self._sources.items()]
        heapq.heapify(heaviest)
        while heaviest and self.bytes + size > most - most // 16:
            _, source = heapq.heappop(heaviest)
            self._crowd_out(self._sources[source].oldest())
            if source in self._sources:
                heapq.heappush(heaviest, (-self._sources[source].bytes, source))

    def _crowd_out(self, kept: Kept) -> None:
        self._drop(kept)
        self.crowded_out += 1

    def _add(self, kept: Kept) -> None:
        self._topics.setdefault(kept.topic, {})[kept.channel] = kept
        holder = self._sources.setdefault(kept.source, _Source())
        holder.kept[kept.number] = kept
        holder.bytes += kept.size
        self._ending.setdefault(kept.ends, {})[kept.number] = kept
        self.bytes += kept.size
        self.count += 1

    def _drop(self, kept: Kept) -> None:
        _remove(self._topics, kept.topic, kept.channel)
        _remove(self._ending, kept.ends, kept.number)
        holder = self._sources[kept.source]
        del holder.kept[kept.number]
        holder.bytes -= kept.size
        if not holder.kept:
            del self._sources[kept.source]
        self.bytes -= kept.size
        self.count -= 1


def _remove(outer: dict[K, dict[L, Kept]], key: K, inner: L) -> None:
    """And the inner dictionary when it is empty."""
    del outer[key][inner]
    if not outer[key]:
        del outer[key]
