"""Peers that do what no honest one does lose their link for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import structlog

from stardust.link.port import Links
from stardust.signaling.intake import RateLimit
from stardust.wire.ids import DeviceId

AT_ONCE: Final = 5
PER_S: Final = 1 / 60
"""What may be a fault: so many times, and then once a minute."""
COOL_DOWN_S: Final = 300.0

log = structlog.get_logger(__name__)


class Misconduct:
    """A flooder would otherwise keep its link, and fill the log. ``now``: monotonic seconds."""

    def __init__(self, links: Links, now: Callable[[], float] = time.monotonic) -> None:
        self._links = links
        self._now = now
        self._tolerance = RateLimit(AT_ONCE, PER_S)
        self._shunned: dict[DeviceId, float] = {}
        """Until when."""

    def note(self, device: DeviceId, reason: str) -> None:
        now = self._now()
        # What it had sent before its link ended still comes.
        if self._shunned.get(device, 0.0) > now:
            return
        log.warning("a peer misbehaves", device=device, reason=reason)
        if not self._tolerance.allow(device, now):
            self._shunned = {one: until for one, until in self._shunned.items() if until > now}
            self._shunned[device] = now + COOL_DOWN_S
            log.warning("a peer loses its link", device=device, seconds=COOL_DOWN_S)
            self._links.shun(device, COOL_DOWN_S)
