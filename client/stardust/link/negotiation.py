"""Who offers, who answers, and what happens when both do: one machine for each peer device. Pure.

Perfect negotiation (W3C webrtc-pc, 10.7) without renegotiation: a connection is made new for each
attempt, and attempts have ids. When offers cross, the polite side (the smaller device id) drops its
own; the other ignores what came. A late answer belongs to an attempt that is over, and shows that
the peer is there.

The open attempt and the one under way are kept apart: a peer that lost its end offers anew, and the
old connection serves until the new one is open. If that comes to nothing, the old one stays.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from stardust.wire.descriptions import Description
from stardust.wire.ids import DeviceId

MAKE_LIMIT_S: Final = 45.0
"""From the wish to the moment when our description is handed over: gathering addresses (8 s at most),
and a call, which the light client sees as done when its block is final (up to 24 s on a network)."""
OFFER_LIMIT_S: Final = 40.0
"""From handing over an offer to its answer: until the other side's light client has it (18 s), its
gathering, and a block for the answer."""
ANSWER_LIMIT_S: Final = 35.0
"""From handing over an answer to an open channel: until the other side has it, and ``CONNECT_LIMIT_S``."""
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
    """The attempt is over, and no connection is open. ``was_open``: one had been."""

    reason: str
    was_open: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """The open connection ended while another is being made."""

    reason: str


@dataclass(frozen=True, slots=True)
class TryNow:
    """The peer is there, by what it sent: an attempt now is better than waiting."""


Effect = MakeOffer | MakeAnswer | TakeAnswer | Drop | Opened | Closed | Broken | TryNow


@dataclass(slots=True)
class Negotiation:
    """``me`` and ``peer`` decide who is polite. Times in monotonic seconds."""

    me: DeviceId
    peer: DeviceId
    phase: Phase = Phase.IDLE
    """Of the attempt under way, if there is one."""
    attempt: bytes = b""
    """Under way; empty when there is none."""
    current: bytes = b""
    """The attempt whose connection is open; empty when none is."""
    deadline: float | None = None
    _seen: deque[bytes] = field(default_factory=lambda: deque(maxlen=REMEMBER_ATTEMPTS))
    _offered: bool = False
    """The attempt under way began with our own offer."""

    @property
    def polite(self) -> bool:
        return self.me < self.peer

    def connect(self, attempt: bytes, now: float) -> list[Effect]:
        """A link is wanted; ``attempt`` is a fresh random id of 8 bytes."""
        if self.phase is not Phase.IDLE:
            return []
        self._enter(Phase.OFFERING, attempt, now, offered=True)
        return [MakeOffer(attempt)]

    def offer(self, attempt: bytes, description: Description, now: float) -> list[Effect]:
        """The peer's offer."""
        if attempt in self._seen or attempt in (self.attempt, self.current):
            return []
        self._seen.append(attempt)
        if self._offered and self.attempt and not self.polite:
            return []
        effects: list[Effect] = [Drop(self.attempt)] if self.attempt else []
        self._enter(Phase.CONNECTING, attempt, now, offered=False)
        return [*effects, MakeAnswer(attempt, description)]

    def handed_over(self, attempt: bytes, now: float) -> None:
        """Our description for ``attempt`` is on its way."""
        if attempt != self.attempt:
            return
        if self.phase is Phase.OFFERING:
            self.deadline = now + OFFER_LIMIT_S
        elif not self._offered:
            self.deadline = now + ANSWER_LIMIT_S

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
        if not attempt or attempt != self.attempt:
            return []
        effects: list[Effect] = [Drop(self.current)] if self.current else []
        self.current, self.attempt = attempt, b""
        self.phase, self.deadline = Phase.OPEN, None
        return [*effects, Opened(attempt)]

    def lost(self, attempt: bytes, reason: str) -> list[Effect]:
        """The connection of ``attempt`` failed or ended."""
        if attempt and attempt == self.current:
            self.current = b""
            if self.attempt:
                return [Drop(attempt), Broken(reason)]
            self.phase = Phase.IDLE
            return [Drop(attempt), Closed(reason, was_open=True)]
        return self._give_up(reason) if attempt and attempt == self.attempt else []

    def tick(self, now: float) -> list[Effect]:
        """At least each second."""
        if self.deadline is None or now < self.deadline:
            return []
        waited = "no answer" if self.phase is Phase.OFFERING else "no path to the other device was found"
        return self._give_up(waited)

    def close(self, reason: str) -> list[Effect]:
        """The link is not wanted any more."""
        if self.phase is Phase.IDLE:
            return []
        effects: list[Effect] = [Drop(one) for one in (self.attempt, self.current) if one]
        was_open = bool(self.current)
        self.attempt = self.current = b""
        self.phase, self.deadline = Phase.IDLE, None
        return [*effects, Closed(reason, was_open)]

    def _enter(self, phase: Phase, attempt: bytes, now: float, *, offered: bool) -> None:
        self.phase, self.attempt, self._offered = phase, attempt, offered
        self.deadline = now + MAKE_LIMIT_S

    def _give_up(self, reason: str) -> list[Effect]:
        """Ends the attempt under way; what is open stays open."""
        dropped, self.attempt, self.deadline = Drop(self.attempt), b"", None
        if self.current:
            self.phase = Phase.OPEN
            return [dropped]
        self.phase = Phase.IDLE
        return [dropped, Closed(reason, was_open=False)]
