"""How far a peer's clock is off from this device's, measured as NTP does (RFC 5905, section 8). Pure.

What a peer says about its clock moves the times of its own messages and of nobody else's, and it
could write any time into those anyway. So it is believed, within bounds: what no clock set by hand
explains is left as the sender wrote it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from stardust.delivery.events import Now
from stardust.wire.frames import Clock

TOLERANCE_MS: Final = 1_000
"""Clocks that differ by no more (and half a round trip, which is what measuring can be wrong by) are right:
then both sides order by the very times that were written."""
CUT_MS: Final = 2
"""What is lost of two times that are whole milliseconds."""
MAX_OFFSET_MS: Final = 86_400_000
MAX_ROUND_TRIP_S: Final = 10.0
ASK_EVERY_S: Final = 600.0
"""On a link that stays open: somebody may set a clock right."""


MAX_OPEN: Final = 4


@dataclass(slots=True)
class PeerClock:
    """Of one peer device."""

    offset: int = 0
    """Milliseconds by which it is ahead of ours; 0 also when that is not known or not believed."""
    _asked_at: float | None = None
    _open: deque[Now] = field(default_factory=lambda: deque(maxlen=MAX_OPEN))
    """When what is not answered yet was asked."""

    @property
    def waits(self) -> bool:
        """Something was asked, and nothing answered since: it may have been lost."""
        return bool(self._open)

    def due(self, now: Now) -> bool:
        return self._asked_at is None or now.monotonic - self._asked_at >= ASK_EVERY_S

    def ask(self, now: Now) -> Clock:
        self._asked_at = now.monotonic
        self._open.append(now)
        return Clock(now.wall)

    def take(self, now: Now, answer: Clock) -> None:
        """The first answer to an open question; any other is ignored."""
        asked = next((one for one in self._open if one.wall == answer.asked), None)
        if asked is None:
            return
        self._open.clear()
        round_trip = now.monotonic - asked.monotonic
        half = int(round_trip * 500)
        jumped = abs(now.wall - asked.wall - 2 * half) > TOLERANCE_MS
        if round_trip > MAX_ROUND_TRIP_S or jumped:
            return
        offset = answer.at - (asked.wall + half)
        self.offset = offset if TOLERANCE_MS + half + CUT_MS < abs(offset) <= MAX_OFFSET_MS else 0

    def ours(self, time: int) -> int:
        """A time of the peer's (Unix milliseconds) in this device's."""
        return max(0, time - self.offset)
