"""The sending side of a stream on an open link: window, acknowledgements, retransmission. Pure.

A frame is sent again exactly as it was sealed. Loss is seen in two ways: the peer
names a gap, or nothing is acknowledged for a whole timeout. After a timeout only the
oldest frame goes out at once; each acknowledgement then brings a few more of those
that were sent before it (as NewReno does, RFC 6582), so a slow link is not flooded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from stardust.delivery.timers import RoundTrip
from stardust.wire.frames import Ack

WINDOW_FRAMES = 64
WINDOW_BYTES = 512 * 1024
RECOVERY_BURST = 4
SOONEST_RESEND = 0.05
"""Seconds; a frame is not sent again for a gap before a round trip, and this, has passed."""


@dataclass(slots=True)
class InFlight:
    """A sealed frame that is not acknowledged."""

    first: int
    count: int
    size: int
    sent_at: float
    sent_once: bool

    @property
    def end(self) -> int:
        return self.first + self.count


@dataclass(slots=True)
class Outgoing:
    """One stream. ``acked``, ``sealed``, ``next`` as in the stored stream."""

    stream: bytes
    acked: int
    sealed: int
    next: int
    flight: deque[InFlight] = field(default_factory=deque)
    bytes_in_flight: int = 0
    ready: bool = False
    """The peer has said on this link where it stands."""
    round_trip: RoundTrip = field(default_factory=RoundTrip)
    deadline: float | None = None
    """When to retransmit."""
    _lost_before: float | None = None
    """Frames sent before this time are taken for lost."""

    @property
    def may_seal(self) -> bool:
        """Something is queued and the window is open."""
        return (
            self.ready
            and self.sealed < self.next
            and len(self.flight) < WINDOW_FRAMES
            and self.bytes_in_flight < WINDOW_BYTES
        )

    def sealed_frame(self, count: int, size: int, now: float) -> None:
        """The items ``sealed`` .. ``sealed + count - 1`` go out as one frame now."""
        self._fly(InFlight(self.sealed, count, size, now, sent_once=True))
        self.sealed += count
        if self.deadline is None:
            self.deadline = now + self.round_trip.timeout

    def restore(self, frames: Iterable[tuple[int, int, int]]) -> None:
        """Frames (first, count, size) that were sealed before this link was there."""
        for first, count, size in frames:
            self._fly(InFlight(first, count, size, sent_at=float("-inf"), sent_once=False))

    def _fly(self, frame: InFlight) -> None:
        self.flight.append(frame)
        self.bytes_in_flight += frame.size

    def resumed(self, now: float) -> list[InFlight]:
        """The peer has said where it stands (``acknowledged`` was called before): what to send again."""
        self.ready = True
        return self._resend(list(self.flight), now)

    def acknowledged(self, upto: int, now: float) -> None:
        """Everything below ``upto`` is stored there; ``acked <= upto <= sealed``."""
        self.acked = upto
        while self.flight and self.flight[0].end <= upto:
            frame = self.flight.popleft()
            self.bytes_in_flight -= frame.size
            if frame.sent_once:
                self.round_trip.measured(now - frame.sent_at)
        self.deadline = now + self.round_trip.timeout if self.flight else None

    def recovering(self, now: float) -> list[InFlight]:
        """After an acknowledgement that moved on: what of the lost to send again."""
        if self._lost_before is None:
            return []
        lost = [frame for frame in self.flight if frame.sent_at < self._lost_before]
        if not lost:
            self._lost_before = None
        return self._resend(lost[:RECOVERY_BURST], now)

    def missing(self, ack: Ack, now: float) -> list[InFlight]:
        """What to send again for the gaps that ``ack`` names."""
        patience = max(self.round_trip.smoothed or 0.0, SOONEST_RESEND)
        gaps = [(first, first + count) for first, count in ack.missing]
        lost = [
            frame
            for frame in self.flight
            if frame.sent_at + patience <= now
            and any(frame.first < end and start < frame.end for start, end in gaps)
        ]
        return self._resend(lost, now)

    def timed_out(self, now: float) -> list[InFlight]:
        """The deadline has passed: what to send again."""
        self.round_trip.timed_out()
        self._lost_before = now
        return self._resend(list(self.flight)[:1], now)

    def start_over(self) -> None:
        """Everything that is not acknowledged has to be sealed again."""
        self.flight.clear()
        self.bytes_in_flight = 0
        self.sealed = self.acked
        self.deadline = None
        self._lost_before = None

    def _resend(self, frames: list[InFlight], now: float) -> list[InFlight]:
        for frame in frames:
            frame.sent_at, frame.sent_once = now, False
        if frames:
            self.deadline = now + self.round_trip.timeout
        return frames

    def covering(self, number: int) -> InFlight | None:
        """The frame in flight that holds item ``number``."""
        return next((frame for frame in self.flight if frame.first <= number < frame.end), None)
