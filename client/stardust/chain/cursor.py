"""Where the reader of events stands: each event once, in order, over gaps and reorganisations.

Pure. Of a node, the reader follows best blocks, not finalized ones: a signal that waits for finality
makes a call wait for 12 to 18 s. A best block may be replaced; then the blocks of the new branch are
read and events that were delivered from the old one are left out. A light client shows finalized
blocks only.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from stardust.chain.port import ChainEvent

WINDOW: Final = 64
"""Blocks that are remembered, to find where a new branch begins."""
MAX_GAP: Final = 192
"""Blocks that are read after an absence; beyond that, ``Restart``. Nodes keep the state of the last 256."""


@dataclass(frozen=True, slots=True)
class Block:
    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """Read the events of these blocks and bring each to ``EventCursor.read``."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for the hashes of the blocks ``first`` to ``last`` and bring them to ``hashes``."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Restart:
    """Nothing before ``at`` will be read; consumers are to be told.

    ``anew``: the chain is not the continuation of what was seen (its blocks went back or were replaced).
    """

    at: Block
    anew: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """The node shows nothing new. ``behind``: it knows fewer blocks than were seen already."""

    behind: bool = False


Step = Read | Ask | Restart | Wait


@dataclass(slots=True)
class _Seen:
    block: Block
    events: list[ChainEvent] = field(default_factory=list)


class EventCursor:
    """Begins at the first head it is told: what was before that is not read."""

    def __init__(self) -> None:
        self._window: deque[_Seen] = deque(maxlen=WINDOW)
        self._retracted: Counter[ChainEvent] = Counter()

    @property
    def last(self) -> Block | None:
        return self._window[-1].block if self._window else None

    def head(self, head: Block, parent: bytes) -> Step:
        """The node's best block is ``head``."""
        last = self.last
        if last is None:
            self._begin(head)
            return Wait()
        if head.hash == last.hash:
            return Wait()
        if parent == last.hash and head.number == last.number + 1:
            return Read((head,))
        first = self._window[0].block.number
        if head.number < first:
            return self._restart(head, anew=True)
        if head.number > last.number + MAX_GAP:
            return self._restart(head, anew=False)
        return Ask(first, head.number)

    def hashes(self, first: int, hashes: Sequence[bytes | None]) -> Step:
        """What the node said to ``Ask``; it may have moved on or back meanwhile."""
        chain: dict[int, bytes] = {}
        for number, hash_ in enumerate(hashes, first):
            if hash_ is None:
                break
            chain[number] = hash_
        last = self.last
        if last is None or not chain:
            return Wait(behind=True)
        top = Block(max(chain), chain[max(chain)])
        common = [seen for seen in self._window if chain.get(seen.block.number) == seen.block.hash]
        if not common:
            return self._restart(top, anew=True)
        ancestor = common[-1].block
        if ancestor == top:
            return Wait(behind=top.number < last.number)
        if ancestor != last and (ancestor.number == 0 or top.number < last.number - 2):
            return self._restart(top, anew=True)
        self._retract(ancestor)
        return Read(
            tuple(Block(number, chain[number]) for number in range(ancestor.number + 1, top.number + 1))
        )

    def read(self, block: Block, events: Iterable[ChainEvent]) -> list[ChainEvent]:
        """The events of ``block`` were read: those that are new."""
        seen = _Seen(block, list(events))
        self._window.append(seen)
        fresh = []
        for event in seen.events:
            key = replace(event, block=0)
            if self._retracted[key] > 0:
                self._retracted[key] -= 1
            else:
                fresh.append(event)
        return fresh

    def _retract(self, ancestor: Block) -> None:
        while self._window[-1].block != ancestor:
            for event in self._window.pop().events:
                self._retracted[replace(event, block=0)] += 1

    def _restart(self, at: Block, *, anew: bool) -> Restart:
        self._begin(at)
        return Restart(at, anew)

    def _begin(self, at: Block) -> None:
        self._window.clear()
        self._retracted.clear()
        self._window.append(_Seen(at))
