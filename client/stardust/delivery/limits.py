"""What one peer device may cost. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Bucket:
    """Tokens that come back at ``rate`` a second, ``burst`` at most."""

    rate: float
    burst: float
    tokens: float = field(init=False)
    at: float | None = None

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def _refill(self, now: float) -> None:
        if self.at is not None and now > self.at:
            self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now

    def available(self, now: float) -> bool:
        self._refill(now)
        return self.tokens > 0

    def spend(self, now: float, amount: float = 1.0) -> None:
        """May go below zero: what was not known beforehand is paid back by waiting."""
        self._refill(now)
        self.tokens -= amount

    def wait(self) -> float:
        """Seconds from the last refill until a token is there."""
        return max(0.0, (1.0 - self.tokens) / self.rate)


@dataclass(slots=True)
class Allowance:
    """The limits of one peer device. They outlive its link, so that a new link brings no new tokens."""

    frames: Bucket = field(default_factory=lambda: Bucket(rate=4_000, burst=8_000))
    """Frames of any kind; what comes beyond is dropped."""
    items: Bucket = field(default_factory=lambda: Bucket(rate=5_000, burst=20_000))
    """Items to store; beyond that frames wait unopened, and the sender's window closes."""
    strain: Bucket = field(default_factory=lambda: Bucket(rate=1, burst=64))
    """Failed decryptions and new sessions; beyond that the peer's frames wait unopened."""
    answers: Bucket = field(default_factory=lambda: Bucket(rate=1, burst=16))
    """Resumes and Clocks answered, streams and sessions started anew because of what the peer says."""
