"""Which envelopes are worth anything: each once, and nobody at the cost of others. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

MAX_WAYS: Final = 6
"""By which something may come: the statement store, the pallet, and four rendezvous."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class SeenOnce:
    """Remembers ids until they could not be valid any more; at most ``capacity`` of them."""

    def __init__(self, capacity: int = 8192) -> None:
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        self._capacity = capacity

    def __contains__(self, identifier: bytes) -> bool:
        """Whether it was seen, as far as is remembered."""
        return identifier in self._seen

    def first(self, identifier: bytes, forget_at: float, now: float) -> bool:
        """Whether ``identifier`` was not seen before."""
        while self._seen and (len(self._seen) >= self._capacity or next(iter(self._seen.values())) <= now):
            self._seen.popitem(last=False)
        if identifier in self._seen:
            return False
        self._seen[identifier] = forget_at
        return True


class RateLimit:
    """A token bucket for each sender (a device, or whatever bytes tell senders apart); the least
    recently active senders are forgotten first."""

    def __init__(self, burst: int = 24, per_second: float = 1.0, capacity: int = 2048) -> None:
        self._buckets: OrderedDict[bytes, _Bucket] = OrderedDict()
        self._burst, self._rate, self._capacity = float(burst), per_second, capacity

    def allow(self, sender: bytes, now: float, cost: float = 1.0) -> bool:
        """Takes ``cost`` tokens of ``sender`` if there are so many; ``now`` in monotonic seconds."""
        bucket = self._buckets.pop(sender, None) or _Bucket(self._burst, now)
        bucket.tokens = min(self._burst, bucket.tokens + max(0.0, now - bucket.at) * self._rate)
        bucket.at = now
        self._buckets[sender] = bucket
        while len(self._buckets) > self._capacity:
            self._buckets.popitem(last=False)
        if bucket.tokens < cost:
            return False
        bucket.tokens -= cost
        return True


class Pace:
    """``burst`` things at once, then ``per_second``: how long the next one has to wait."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst, self._rate = float(burst), per_second
        self._tokens, self._at = float(burst), 0.0

    def delay(self, now: float) -> float:
        """Seconds from ``now`` (monotonic), after which one more is in order. Counts as taken."""
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate) - 1.0
        self._at = now
        return max(0.0, -self._tokens / self._rate)
