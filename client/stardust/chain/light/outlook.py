"""Whether what the light client sees is sound, and in words what is not. Pure: times come from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

ALONE_S: Final = 12.0
"""Seconds without peers before it counts: smoldot looks again for one that failed it after ten."""
SILENT_S: Final = 90.0
"""Seconds without a new block, of a chain that makes one each 6 s."""
FINALITY_LAG: Final = 20
"""Blocks between the best and the finalized one; two or three are usual."""
ASLEEP_S: Final = 20.0
"""Seconds that two looks may lie further apart than they should; beyond, the machine slept."""


FRESH_S: Final = 90.0
"""Seconds by which a block's time may differ from this clock for the block to be of now."""
CLAIM_S: Final = 60.0
"""Seconds for which a peer may be far ahead before it is named: somebody who comes back is behind first."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The best block that a peer speaks of."""

    peer: str
    """Its id."""
    number: int


class Greeting(Enum):
    """How a place in the chain spec behaves when it is called."""

    NOBODY = auto()
    SILENT = auto()
    NODE = auto()
    """It speaks as nodes do, of whatever chain."""


@dataclass(slots=True)
class Outlook:
    """``began``: monotonic seconds, as all times here."""

    began: float
    peers: int = 0
    best: int = 0
    finalized: int = 0
    _had_peers: float | None = None
    _new_block: float | None = None
    _ahead: dict[Claim, float] = field(default_factory=dict)
    """Who claims a block far beyond what is proven, with the number of now, and since when."""

    def saw_peers(self, now: float, peers: int) -> None:
        self.peers = peers
        if peers:
            self._had_peers = now

    @property
    def had_peers(self) -> bool:
        """There were some, now or before."""
        return self._had_peers is not None

    def saw_best(self, now: float, number: int) -> None:
        if number != self.best:
            self.best, self._new_block = number, now

    def saw_finalized(self, number: int) -> None:
        self.finalized = number

    def saw_claims(self, now: float, claims: Sequence[Claim]) -> None:
        """What all peers of now claim."""
        known = {claim.peer: since for claim, since in self._ahead.items()}
        far = max(self.best, self.finalized) + FINALITY_LAG
        self._ahead = {claim: min(now, known.get(claim.peer, now)) for claim in claims if claim.number > far}

    def alone(self, now: float) -> bool:
        """No peers for so long that nothing can be asked."""
        return not self.peers and now - (self._had_peers or self.began) >= ALONE_S

    @property
    def stalled(self) -> bool:
        """Blocks go on, finality does not."""
        return self.best - self.finalized >= FINALITY_LAG

    def standstill(self, now: float) -> str | None:
        """That nothing new is made or finalized, while reads of the finalized state go on."""
        if self.stalled:
            return (
                f"The network has stopped to finalize blocks: at block {self.finalized}, while block "
                f"{self.best} was made. What it says is as of then."
            )
        if self._new_block is not None and now - self._new_block >= SILENT_S:
            return f"The network has made no block for {now - self._new_block:.0f} s."
        return None

    def notice(self, now: float) -> str | None:
        """Who claims what nobody proves."""
        if liars := [claim for claim, since in self._ahead.items() if now - since >= CLAIM_S]:
            newest = max(self.best, self.finalized)
            return (
                f"{len(liars)} of the {max(self.peers, len(liars))} nodes that were found speak of block "
                f"{max(claim.number for claim in liars)}, and cannot prove it: the authorities of this "
                f"network are at block {newest}. Not followed: {_few([claim.peer for claim in liars])}."
            )
        return None


def asleep(expected: float, monotonic: float, wall: float) -> float | None:
    """Seconds that this machine slept or this process was stopped, or None.

    Between two looks ``expected`` seconds should pass; by the two clocks it were ``monotonic`` (which
    stands still while a machine sleeps, but not while a process is stopped) and ``wall`` (which also
    jumps when somebody sets it).
    """
    over = max(monotonic, wall) - expected
    return over if over > ASLEEP_S else None


def why_alone(name: str, places: Sequence[tuple[str, Greeting]], *, before: bool) -> str:
    """Why there are no peers. ``places``: those in the chain spec; ``before``: there were peers."""
    if not places:
        return f"The chain spec of {name} names no boot nodes."
    by = {kind: _few([place for place, greeting in places if greeting is kind]) for kind in Greeting}
    if by[Greeting.NODE] and before:
        return (
            f"What answers at {by[Greeting.NODE]} is no node of {name} any more, or turns this client away."
        )
    if by[Greeting.NODE]:
        return (
            f"What answers at {by[Greeting.NODE]} is no node of {name}: it has another genesis, and so other "
            "authorities, or another key than the chain spec says. It is not followed."
        )
    if by[Greeting.SILENT]:
        return f"The boot nodes of {name} can be reached, but say nothing ({by[Greeting.SILENT]})."
    return f"No boot node of {name} can be reached ({by[Greeting.NOBODY]})."


def is_of_now(age: float | None) -> bool:
    """``age``: seconds from a proven block's time to this clock; None when it carries none."""
    return age is not None and abs(age) <= FRESH_S


def why_unproven(name: str, peers: int, claimed: int, finalized: int, age: float | None) -> str:
    """Why nothing is proven although there are peers, the best of which claims block ``claimed``. ``age``:
    of block ``finalized``, where it is known."""
    told = (
        f"The {peers} nodes that were found claim block {claimed} of {name}, but cannot prove it: block "
        f"{finalized} is the last that its authorities finalized. They are not followed."
    )
    if age is None or is_of_now(age):
        return told
    direction = "behind" if age > 0 else "ahead of"
    return (
        f"{told} That block is {abs(age) / 60:.0f} minutes {direction} this machine's clock; is that right?"
    )


def _few(places: list[str]) -> str:
    return ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
