"""When to try again. Pure: times are monotonic seconds, given by the caller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Backoff:
    """Waits that double from ``first`` to ``longest`` seconds."""

    first: float
    longest: float
    wait: float = 0.0
    deadline: float | None = None

    def start(self, now: float) -> None:
        """The next wait, longer than the one before."""
        self.wait = min(self.wait * 2, self.longest) if self.wait else self.first
        self.deadline = now + self.wait

    def stop(self) -> None:
        self.wait = 0.0
        self.deadline = None

    def due(self, now: float) -> bool:
        return self.deadline is not None and now >= self.deadline


@dataclass(slots=True)
class RoundTrip:
    """Retransmission timeout from measured round trips (RFC 6298, section 2)."""

    smoothed: float | None = None
    variation: float = 0.0
    timeout: float = 3.0

    SHORTEST = 1.0
    LONGEST = 60.0

    def measured(self, seconds: float) -> None:
        """A frame that was sent once was acknowledged after ``seconds``."""
        seconds = max(seconds, 0.0)
        if self.smoothed is None:
            self.smoothed, self.variation = seconds, seconds / 2
        else:
            self.variation += (abs(self.smoothed - seconds) - self.variation) / 4
            self.smoothed += (seconds - self.smoothed) / 8
        self.timeout = min(max(self.smoothed + 4 * self.variation, self.SHORTEST), self.LONGEST)

    def timed_out(self) -> None:
        self.timeout = min(self.timeout * 2, self.LONGEST)
