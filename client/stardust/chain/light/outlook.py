"""Whether what the light client sees is sound, and in words what is not. Pure: times come from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ALONE_S: Final = 8.0
"""Seconds without peers before it counts: a peer that leaves is replaced within a few."""
SILENT_S: Final = 90.0
"""Seconds without a new block, of a chain that makes one each 6 s."""
FINALITY_LAG: Final = 20
"""Blocks between the best and the finalized one; two or three are usual."""
ASLEEP_S: Final = 20.0
"""Seconds that two looks may lie further apart than they should; beyond, the machine slept."""


@dataclass(slots=True)
class Outlook:
    """``began``: monotonic seconds, as all times here."""

    began: float
    peers: int = 0
    best: int = 0
    finalized: int = 0
    _had_peers: float | None = None
    _new_block: float | None = None

    def saw_peers(self, now: float, peers: int) -> None:
        self.peers = peers
        if peers:
            self._had_peers = now

    def saw_best(self, now: float, number: int) -> None:
        if number != self.best:
            self.best, self._new_block = number, now

    def saw_finalized(self, number: int) -> None:
        self.finalized = number

    def alone(self, now: float) -> bool:
        """No peers for so long that nothing can be asked."""
        return not self.peers and now - (self._had_peers or self.began) >= ALONE_S

    @property
    def stalled(self) -> bool:
        """Blocks go on, finality does not."""
        return self.best - self.finalized >= FINALITY_LAG

    def notice(self, now: float) -> str | None:
        """What is odd while reads of the finalized state go on."""
        if self.stalled:
            return (
                f"The network has stopped to finalize blocks: at block {self.finalized}, while block "
                f"{self.best} was made. What it says is as of then."
            )
        if self._new_block is not None and now - self._new_block >= SILENT_S:
            return f"The network has made no block for {now - self._new_block:.0f} s."
        return None


def asleep(expected: float, monotonic: float, wall: float) -> float | None:
    """Seconds that this machine slept or this process was stopped, or None.

    Between two looks ``expected`` seconds should pass; by the two clocks it were ``monotonic`` (which
    stands still while a machine sleeps, but not while a process is stopped) and ``wall`` (which also
    jumps when somebody sets it).
    """
    over = max(monotonic, wall) - expected
    return over if over > ASLEEP_S else None


def why_alone(name: str, boot: list[str], answering: list[str]) -> str:
    """Why there are no peers. ``boot``: the places in the spec; ``answering``: of them, those where
    something answers."""
    if not boot:
        return f"The chain spec of {name} names no boot nodes."
    if answering:
        return (
            f"What answers at {_few(answering)} is no node of {name}: it has another genesis, and so other "
            "authorities, or another key than the chain spec says. It is not followed."
        )
    return f"No boot node of {name} can be reached ({_few(boot)})."


def why_unproven(name: str, peers: int, claimed: int, finalized: int) -> str:
    """Why nothing is proven although there are peers, the best of which claims block ``claimed``."""
    return (
        f"The {peers} nodes that were found claim block {claimed} of {name}, but cannot prove it: block "
        f"{finalized} is the last that its authorities finalized. They are not followed."
    )


def _few(places: list[str]) -> str:
    return ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
