"""Whatever the network and the machines do, every message arrives exactly once and in order."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stardust.delivery.port import MessageState
from tests.fakes.delivery_link import Faults, Wire
from tests.fakes.delivery_node import Node, acquainted, text

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Submit:
    side: int
    count: int


@dataclass(frozen=True)
class Pass:
    seconds: float


@dataclass(frozen=True)
class Crash:
    side: int


@dataclass(frozen=True)
class PowerFailsAfter:
    """In the middle of a transaction, after so many writes."""

    side: int
    writes: int


@dataclass(frozen=True)
class EffectsLost:
    """The process ends after the commit, before anything was sent."""

    side: int
    count: int


@dataclass(frozen=True)
class LinkBreaks:
    pass


@dataclass(frozen=True)
class WallClockJumps:
    milliseconds: int


Event = Submit | Pass | Crash | PowerFailsAfter | EffectsLost | LinkBreaks | WallClockJumps

SIDE = st.integers(0, 1)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Submit, SIDE, st.integers(1, 40)),
    st.builds(Submit, SIDE, st.integers(1, 3)),
    st.builds(Submit, SIDE, st.just(1)),
    st.builds(Pass, st.floats(0.0, 5.0)),
    st.builds(Pass, st.floats(0.0, 0.1)),
    st.builds(Crash, SIDE),
    st.builds(PowerFailsAfter, SIDE, st.integers(1, 60)),
    st.builds(EffectsLost, SIDE, st.integers(1, 3)),
    st.builds(LinkBreaks),
    st.builds(WallClockJumps, st.integers(-1000 * HOUR_MS, 1000 * HOUR_MS)),
)

PAUSE = st.sampled_from([0.0, 0.015, 0.05, 0.5])
"""Seconds until the next event: a frame takes 0.01 when the network is good."""


@dataclass(frozen=True)
class Weather:
    """How bad the network is."""

    seed: int
    lost: float
    repeated: float
    spread: float
    """Seconds by which frames may overtake each other."""

    def faults(self) -> Faults:
        chance = random.Random(self.seed)

        def delays() -> tuple[float, ...]:
            if chance.random() < self.lost:
                return ()
            copies = 2 if chance.random() < self.repeated else 1
            return tuple(0.01 + chance.random() * self.spread for _ in range(copies))

        return Faults(delays)


WEATHER = st.builds(
    Weather,
    seed=st.integers(0, 2**32),
    lost=st.sampled_from([0.0, 0.05, 0.3]),
    repeated=st.sampled_from([0.0, 0.3]),
    spread=st.sampled_from([0.0, 0.05, 3.0]),
)


class Story:
    """Two nodes to which the events happen, and what each has promised to deliver."""

    def __init__(self, weather: Weather, sturdy: bool) -> None:
        self.nodes = (Node("one"), Node("two"))
        acquainted(*self.nodes)
        self.wire = Wire(*self.nodes, faults=weather.faults())
        self.wire.sturdy = {"one", "two"} if sturdy else set()
        self.promised: tuple[list[int], list[int]] = ([], [])
        self.numbers = 0

    def happens(self, event: Event, then_wait: float) -> None:
        self._happens(event)
        self.wire.run(then_wait)

    def _happens(self, event: Event) -> None:
        if not self.wire.is_open:
            self.wire.open()
        match event:
            case Submit(side, count):
                self.submit(side, count)
            case Pass(seconds):
                self.wire.run(seconds)
            case Crash(side):
                self.wire.crash(self.nodes[side])
            case PowerFailsAfter(side, writes):
                self.nodes[side].memory.fuse = writes
            case EffectsLost(side, count):
                numbers = self._numbers(side, count)
                self.nodes[side].submit(self.wire.now(), self.nodes[1 - side], *numbers)
                self.wire.crash(self.nodes[side])
            case LinkBreaks():
                self.wire.close()
            case WallClockJumps(milliseconds):
                self.wire.wall_offset = max(0, self.wire.wall_offset + milliseconds)

    def _numbers(self, side: int, count: int) -> range:
        self.nodes[side].memory.fuse = None
        numbers = range(self.numbers, self.numbers + count)
        self.numbers += count
        self.promised[side].extend(numbers)
        return numbers

    def submit(self, side: int, count: int, expires: int | None = None) -> None:
        node, other = self.nodes[side], self.nodes[1 - side]
        numbers = range(self.numbers, self.numbers + count)
        self.numbers += count
        if self.wire.call(node, lambda now: node.submit(now, other, *numbers, expires=expires)):
            self.promised[side].extend(numbers)

    def ends_well(self) -> None:
        """No more faults: a link opens and stays, time passes."""
        for node in self.nodes:
            node.memory.fuse = None
        self.wire.faults = Faults()
        self.wire.close()
        self.wire.run(2.0)
        self.wire.open()
        self.wire.run(600.0)

    def received(self, side: int) -> list[str]:
        return self.nodes[side].inbox.bodies()

    def expected(self, side: int, state: MessageState | None = None) -> list[str]:
        """What ``side`` should have; or only those that the sender shows in ``state``."""
        sender = self.nodes[1 - side].inbox
        numbers = self.promised[1 - side]
        return [text(number).body for number in numbers if state is None or sender.state(number) is state]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    weather=WEATHER, sturdy=st.booleans(), events=st.lists(st.tuples(EVENTS, PAUSE), min_size=3, max_size=40)
)
def test_every_message_arrives_exactly_once_and_in_order(
    weather: Weather, sturdy: bool, events: list[tuple[Event, float]]
) -> None:
    story = Story(weather, sturdy)
    for event, wait in events:
        story.happens(event, wait)
    story.ends_well()
    for side in (0, 1):
        assert story.received(side) == story.expected(side)
        assert not story.nodes[side].engine.waiting()
        for number in story.promised[side]:
            assert story.nodes[side].inbox.state(number) is MessageState.DELIVERED


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    weather=WEATHER,
    events=st.lists(
        st.tuples(st.one_of(EVENTS, st.builds(Submit, st.just(0), st.just(200))), PAUSE), max_size=20
    ),
    lifetimes=st.lists(st.integers(0, 3000), min_size=1, max_size=20),
)
def test_a_message_either_arrives_or_fails_and_never_both(
    weather: Weather, events: list[tuple[Event, float]], lifetimes: list[int]
) -> None:
    story = Story(weather, sturdy=False)
    for index, (event, wait) in enumerate(events):
        if isinstance(event, Submit):
            expires = story.wire.now().wall + lifetimes[index % len(lifetimes)]
            story.submit(event.side, event.count, expires)
        else:
            story.happens(event, wait)
    story.ends_well()
    for side in (0, 1):
        assert story.received(side) == story.expected(side, MessageState.DELIVERED)
        failed = story.expected(side, MessageState.FAILED)
        assert len(story.received(side)) + len(failed) == len(story.promised[1 - side])
