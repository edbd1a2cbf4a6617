"""Is the other side still there? Pure: time comes in, what to do comes out.

WebRTC's own consent checks notice a dead peer after 30 s. Here a silent peer is asked after
``IDLE_S`` and given up after ``DEAD_S``, so that a killed one is noticed in under 10 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

IDLE_S: Final = 2.0
DEAD_S: Final = 7.0
PING_EVERY_S: Final = 15.0
"""On a busy link, to keep the round trip time known."""


@dataclass(frozen=True, slots=True)
class SendPing:
    number: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    reason: str


@dataclass(slots=True)
class Heartbeat:
    """``heard`` on everything that arrives, ``tick`` at least each second. Times in monotonic seconds."""

    last_heard: float
    last_ping: float = float("-inf")
    last_tick: float | None = None
    rtt_s: float | None = None
    """Smoothed as in RFC 6298 (1/8 of each new sample)."""
    _number: int = 0
    _sent_at: dict[int, float] | None = None

    def heard(self, now: float) -> None:
        self.last_heard = now

    def pong(self, number: int, now: float) -> None:
        """An answer to ping ``number``; one that was never asked is ignored."""
        sent = (self._sent_at or {}).pop(number, None)
        if sent is not None:
            sample = now - sent
            self.rtt_s = sample if self.rtt_s is None else self.rtt_s + (sample - self.rtt_s) / 8

    def tick(self, now: float) -> SendPing | GiveUp | None:
        # After a sleep of the machine the other side had no chance: ask first, then judge.
        if self.last_tick is not None and now - self.last_tick > DEAD_S / 2:
            self.last_heard = max(self.last_heard, now - IDLE_S)
        self.last_tick = now
        silent = now - self.last_heard
        if silent >= DEAD_S:
            return GiveUp(f"the other device has been silent for {silent:.0f} s")
        if (silent >= IDLE_S and now - self.last_ping >= IDLE_S) or now - self.last_ping >= PING_EVERY_S:
            self._number += 1
            self.last_ping = now
            self._sent_at = {self._number: now, **dict(list((self._sent_at or {}).items())[:7])}
            return SendPing(self._number)
        return None
