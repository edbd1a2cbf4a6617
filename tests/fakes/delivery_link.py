"""A link between two delivery nodes in simulated time, which may lose, repeat and reorder frames."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

from stardust.delivery.events import Effect, Now, Outcome, SendFrame
from tests.fakes.delivery_node import Node
from tests.fakes.delivery_store import PowerFailure


@dataclass
class Faults:
    """What happens to a frame: for each copy that arrives, the seconds it takes; none: it is lost."""

    delays: Callable[[], tuple[float, ...]] = lambda: (0.01,)


@dataclass
class Wire:
    """Carries effects of both nodes out. Times are seconds since the start."""

    one: Node
    two: Node
    faults: Faults = field(default_factory=Faults)
    time: float = 0.0
    wall_offset: int = 1_000_000_000_000
    is_open: bool = False
    effects: list[tuple[Node, Effect]] = field(default_factory=list)
    frames_sent: int = 0
    sturdy: set[str] = field(default_factory=set)
    _link: int = 0
    _order: int = 0
    _arriving: list[tuple[float, int, int, Node, bytes]] = field(default_factory=list)
    _deadlines: dict[str, float | None] = field(default_factory=dict)

    def now(self) -> Now:
        return Now(self.time, self.wall_offset + int(self.time * 1000))

    def other(self, node: Node) -> Node:
        return self.two if node is self.one else self.one

    def call(self, node: Node, call: Callable[[Now], Outcome]) -> bool:
        """Calls the engine and carries out what it asks for. False: the store failed, nothing happened."""
        try:
            outcome = call(self.now())
        except PowerFailure:
            self._deadlines[node.name] = self.time + 1.0
            self.failed(node)
            return False
        self.carry(node, outcome)
        return True

    def failed(self, node: Node) -> None:
        """The node's store failed in the middle of a transaction: the machine goes off, unless it is
        a ``sturdy`` one, whose engine goes on."""
        if node.name not in self.sturdy:
            self.crash(node)

    def crash(self, node: Node) -> None:
        """The process ends and starts again. The link is gone with it."""
        self.close()
        node.start()
        self._deadlines[node.name] = self.time

    def carry(self, node: Node, outcome: Outcome) -> None:
        self._deadlines[node.name] = outcome.deadline
        for effect in outcome.effects:
            self.effects.append((node, effect))
            if isinstance(effect, SendFrame):
                self.frames_sent += 1
                if self.is_open:
                    self._send(self.other(node), effect.frame)

    def _send(self, to: Node, frame: bytes) -> None:
        for delay in self.faults.delays():
            self._order += 1
            heapq.heappush(self._arriving, (self.time + delay, self._order, self._link, to, frame))

    def open(self) -> None:
        self._link += 1
        self.is_open = True
        for node in (self.one, self.two):
            self._link_changed(node, opened=True)

    def close(self) -> None:
        self.is_open = False
        for node in (self.one, self.two):
            self._link_changed(node, opened=False)

    def _link_changed(self, node: Node, *, opened: bool) -> None:
        engine, device = node.engine, self.other(node).device
        change = engine.link_opened if opened else engine.link_closed
        if self.is_open is opened:
            self.call(node, lambda now: change(now, device))

    def step(self) -> bool:
        """The next thing that happens; False when nothing will happen any more."""
        deadlines = [
            (time, node) for node in (self.one, self.two) if (time := self._deadlines.get(node.name))
        ]
        due = min((time for time, _ in deadlines), default=None)
        if self._arriving and (due is None or self._arriving[0][0] <= due):
            self._arrive()
            return True
        if due is None:
            return False
        self.time = max(self.time, due)
        for time, node in deadlines:
            if time <= self.time:
                self.call(node, node.engine.tick)
        return True

    def _arrive(self) -> None:
        time, _, link, to, frame = heapq.heappop(self._arriving)
        self.time = max(self.time, time)
        if link == self._link and self.is_open:
            sender = self.other(to).device
            self.call(to, lambda now: to.engine.frames_received(now, sender, [frame]))

    def run(self, seconds: float = 3600.0) -> None:
        """Until nothing happens any more, or ``seconds`` have passed."""
        end = self.time + seconds
        while self.time < end and self.step():
            pass

    def seen(self, node: Node, kind: type[Effect]) -> list[Effect]:
        return [effect for who, effect in self.effects if who is node and isinstance(effect, kind)]
