"""How much of everything a rendezvous takes, from one connection, from one address, and in all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: so many at once, then so many a second."""

    burst: int
    per_second: float


@dataclass(frozen=True, slots=True)
class Limits:
    connections: int = 4_096
    connections_an_address: int = 32
    arrivals_an_address: Rate = Rate(64, 2.0)
    """Of new connections."""

    topics: int = 2**19
    topics_an_address: int = 2**14
    topics_a_connection: int = 2**13
    """A client that listens to 4,096 devices has this many around midnight."""
    subscriptions_an_address: Rate = Rate(2**15, 64.0)
    """Of topics, because each is answered with all that waits under it."""

    publishes_a_connection: Rate = Rate(256, 4.0)
    publishes_an_address: Rate = Rate(1_024, 16.0)
    bytes_in_a_connection: Rate = Rate(2**21, 2.0**16)
    """Whatever they are: pings count too."""

    kept_bytes: int = 256 * 2**20
    kept_bytes_an_address: int = 8 * 2**20
    kept_a_topic: int = 32
    """Envelopes."""
