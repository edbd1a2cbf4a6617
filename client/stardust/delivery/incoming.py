"""The receiving side of a stream: order, gaps, duplicates. Pure.

Frames that come early wait as they are, sealed: opened in the order of the stream
they never use up the few skipped keys an Olm session keeps. What waits is lost with
the process, and sent again by the peer, because it was not acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from stardust.wire.frames import MAX_MISSING, MAX_REFUSED, Ack, Data

HELD_FRAMES = 128
HELD_BYTES = 1024 * 1024


class Offer(Enum):
    """What became of a frame."""

    HELD = auto()
    DUPLICATE = auto()
    """All its items are stored here."""
    STRANGE = auto()
    """Of a stream that the peer has not announced."""


@dataclass(slots=True)
class Incoming:
    """One stream. ``stream`` is None until the peer names it; ``next`` and ``refused`` as stored."""

    stream: bytes | None = None
    next: int = 0
    refused: tuple[int, ...] = ()
    _held: dict[int, Data] = field(default_factory=dict)
    _bytes: int = 0

    def begin(self, stream: bytes, base: int) -> int:
        """The peer says that its stream is ``stream`` and nothing below ``base`` comes any more.
        How many items are skipped by that."""
        if stream != self.stream:
            self.stream, self.next, self.refused = stream, base, ()
            self._held.clear()
            self._bytes = 0
            return 0
        skipped = max(base - self.next, 0)
        self._advance(self.next + skipped)
        return skipped

    def offer(self, data: Data) -> Offer:
        """A frame came. Under pressure what lies farthest ahead is given up: it is sent again."""
        if data.stream != self.stream:
            return Offer.STRANGE
        if data.first + data.count <= self.next:
            return Offer.DUPLICATE
        self.drop(data)
        self._held[data.first] = data
        self._bytes += len(data.ciphertext)
        while len(self._held) > HELD_FRAMES or self._bytes > HELD_BYTES:
            self.drop(self._held[max(self._held)])
        return Offer.HELD

    def ready(self) -> Data | None:
        """A held frame that contains the next item."""
        exact = self._held.get(self.next)
        if exact is not None or not self._held:
            return exact
        # Frames cut differently exist after a Reset: the last one that came is the right one.
        covering = [data for data in self._held.values() if self._covers_next(data)]
        return covering[-1] if covering else None

    def _covers_next(self, data: Data) -> bool:
        return data.first <= self.next < data.first + data.count

    def drop(self, data: Data) -> None:
        """Forgets the held frame that starts where ``data`` does."""
        held = self._held.pop(data.first, None)
        if held is not None:
            self._bytes -= len(held.ciphertext)

    def stored(self, upto: int, refused: Iterable[int]) -> None:
        """Everything below ``upto`` is stored, except what is refused."""
        self.refused = (*self.refused, *refused)[-MAX_REFUSED:]
        self._advance(upto)

    def _advance(self, upto: int) -> None:
        self.next = upto
        for data in [held for held in self._held.values() if held.first + held.count <= upto]:
            self.drop(data)

    def ack(self) -> Ack | None:
        """Where this side stands; None before the peer has named its stream."""
        if self.stream is None:
            return None
        return Ack(stream=self.stream, next=self.next, missing=self._missing(), refused=self.refused)

    def _missing(self) -> tuple[tuple[int, int], ...]:
        gaps: list[tuple[int, int]] = []
        end = self.next
        for first in sorted(self._held):
            if first > end and len(gaps) < MAX_MISSING:
                gaps.append((end, min(first - end, 2**31)))
            end = max(end, first + self._held[first].count)
        return tuple(gaps)
