"""Who offers, who answers, and what happens when both do: one machine for each peer device. Pure.

Perfect negotiation (W3C webrtc-pc, 10.7) without renegotiation: a connection is made new for each
attempt, and attempts have ids. When offers cross, the polite side (the smaller device id) drops its
own; the other ignores what came. A late answer belongs to an attempt that is over, and shows that
the peer is there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from stardust.wire.descriptions import Description
from stardust.wire.ids import DeviceId

OFFER_LIMIT_S: Final = 40.0
"""From making an offer to its answer; two blocks of a network and some more."""
CONNECT_LIMIT_S: Final = 15.0
"""From having both descriptions to an open channel."""
REMEMBER_ATTEMPTS: Final = 64


class Phase(StrEnum):
    IDLE = "idle"
    OFFERING = "offering"
    CONNECTING = "connecting"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class MakeOffer:
    """Make a connection, and send an offer for ``attempt``."""

    attempt: bytes


@dataclass(frozen=True, slots=True)
class MakeAnswer:
    """Make a connection from the peer's description, and send an answer."""

    attempt: bytes
    description: Description


@dataclass(frozen=True, slots=True)
class TakeAnswer:
    attempt: bytes
    description: Description


@dataclass(frozen=True, slots=True)
class Drop:
    """End the connection of ``attempt``, if there is one."""

    attempt: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    attempt: bytes


@dataclass(frozen=True, slots=True)
class Closed:
    """There is no connection any more; ``was_open``: there had been one."""

    reason: str
    was_open: bool


@dataclass(frozen=True, slots=True)
class TryNow:
    """The peer is there, by what it sent: an attempt now is better than waiting."""


Effect = MakeOffer | MakeAnswer | TakeAnswer | Drop | Opened | Closed | TryNow


@dataclass(slots=True)
class Negotiation:
    """``me`` and ``peer`` decide who is polite. Times in monotonic seconds."""

    me: DeviceId
    peer: DeviceId
    phase: Phase = Phase.IDLE
    attempt: bytes = b""
    deadline: float | None = None
    _seen: deque[bytes] = field(default_factory=lambda: deque(maxlen=REMEMBER_ATTEMPTS))
    _offered: bool = False
    """The attempt under way began with our own offer."""
    _replacing: bytes = b""
    """An open attempt that ends when its successor opens."""

    @property
    def polite(self) -> bool:
        return self.me < self.peer

    def connect(self, attempt: bytes, now: float) -> list[Effect]:
        """A link is wanted; ``attempt`` is a fresh random id of 8 bytes."""
        if self.phase is not Phase.IDLE:
            return []
        self._enter(Phase.OFFERING, attempt, now + OFFER_LIMIT_S, offered=True)
        return [MakeOffer(attempt)]

    def offer(self, attempt: bytes, description: Description, now: float) -> list[Effect]:
        """The peer's offer."""
        if attempt in self._seen or attempt == self.attempt:
            return []
        self._seen.append(attempt)
        if self._offered and self.phase in (Phase.OFFERING, Phase.CONNECTING) and not self.polite:
            return []
        effects: list[Effect] = []
        if self.phase is Phase.OPEN:
            # The peer lost the connection, or began anew; the old one ends when the new one is there.
            self._replacing = self.attempt
        elif self.phase is not Phase.IDLE:
            effects.append(Drop(self.attempt))
        self._enter(Phase.CONNECTING, attempt, now + CONNECT_LIMIT_S, offered=False)
        return [*effects, MakeAnswer(attempt, description)]

    def answer(self, attempt: bytes, description: Description, now: float) -> list[Effect]:
        """The peer's answer to an offer of ours."""
        if attempt in self._seen:
            return []
        self._seen.append(attempt)
        if self.phase is Phase.OFFERING and attempt == self.attempt:
            self.phase, self.deadline = Phase.CONNECTING, now + CONNECT_LIMIT_S
            return [TakeAnswer(attempt, description)]
        return [TryNow()] if self.phase is Phase.IDLE else []

    def opened(self, attempt: bytes) -> list[Effect]:
        """The data channel of ``attempt`` is open."""
        if attempt != self.attempt or self.phase is Phase.OPEN:
            return []
        self.phase, self.deadline = Phase.OPEN, None
        effects: list[Effect] = [Drop(self._replacing)] if self._replacing else []
        self._replacing = b""
        return [*effects, Opened(attempt)]

    def lost(self, attempt: bytes, reason: str) -> list[Effect]:
        """The connection of ``attempt`` failed or ended."""
        if attempt == self._replacing:
            self._replacing = b""
            return [Drop(attempt)]
        if attempt != self.attempt or self.phase is Phase.IDLE:
            return []
        return self._end(reason)

    def tick(self, now: float) -> list[Effect]:
        """At least each second."""
        if self.deadline is None or now < self.deadline:
            return []
        waited = "no answer" if self.phase is Phase.OFFERING else "no path to the other device was found"
        return self._end(waited)

    def close(self, reason: str) -> list[Effect]:
        """The link is not wanted any more."""
        return [] if self.phase is Phase.IDLE else self._end(reason)

    def _enter(self, phase: Phase, attempt: bytes, deadline: float, *, offered: bool) -> None:
        self.phase, self.attempt, self.deadline, self._offered = phase, attempt, deadline, offered

    def _end(self, reason: str) -> list[Effect]:
        was_open = self.phase is Phase.OPEN or bool(self._replacing)
        effects: list[Effect] = [Drop(self.attempt)]
        if self._replacing:
            effects.append(Drop(self._replacing))
            self._replacing = b""
        self.phase, self.attempt, self.deadline = Phase.IDLE, b"", None
        return [*effects, Closed(reason, was_open)]
