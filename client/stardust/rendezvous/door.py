"""Who may connect: so many in all, so many from one address, and not too often. Pure."""

from __future__ import annotations

import ipaddress
from collections import Counter
from typing import Final

from stardust.rendezvous.limits import Limits
from stardust.signaling.intake import RateLimit

_NETWORK: Final = 8
"""Bytes of an IPv6 address that stand for one customer: a /64 is the least that anybody gets."""


def source_of(address: str) -> bytes | None:
    """What counts as one address: an IPv4 address, a /64 of IPv6. None when ``address`` is neither."""
    try:
        parsed = ipaddress.ip_address(address.strip().partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        return parsed.ipv4_mapped.packed if parsed.ipv4_mapped else parsed.packed[:_NETWORK]
    return parsed.packed


class Door:
    """Counts open connections. Who was let in has to ``leave``."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._inside: Counter[bytes] = Counter()
        rate = limits.arrivals_an_address
        self._arrivals = RateLimit(rate.burst, rate.per_second, capacity=4 * limits.connections)
        self.open = 0
        self.turned_away = 0

    def enter(self, source: bytes, now: float) -> bool:
        """Whether one more from ``source`` may come in."""
        allowed = (
            self.open < self._limits.connections
            and self._inside[source] < self._limits.connections_an_address
            and self._arrivals.allow(source, now)
        )
        if not allowed:
            self.turned_away += 1
            return False
        self._inside[source] += 1
        self.open += 1
        return True

    def leave(self, source: bytes) -> None:
        self.open -= 1
        self._inside[source] -= 1
        if not self._inside[source]:
            del self._inside[source]
