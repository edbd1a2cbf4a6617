"""Two negotiations over signaling that loses, repeats and delays: both end alike, never stuck."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from stardust.link.negotiation import (
    Closed,
    Drop,
    Effect,
    MakeAnswer,
    MakeOffer,
    Negotiation,
    Opened,
    Phase,
    TakeAnswer,
    TryNow,
)
from stardust.wire.descriptions import Description
from stardust.wire.ids import DeviceId

NOTHING = Description("ufrag", "password", bytes(32), "actpass", 5000, 65536, ())


@dataclass
class Side:
    machine: Negotiation
    outbox: list[tuple[str, bytes]] = field(default_factory=list)
    connections: set[bytes] = field(default_factory=set)
    counter: int = 0
    opened: list[bytes] = field(default_factory=list)

    def take(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case MakeOffer(attempt):
                    self.connections.add(attempt)
                    self.outbox.append(("offer", attempt))
                case MakeAnswer(attempt, _):
                    self.connections.add(attempt)
                    self.outbox.append(("answer", attempt))
                case Drop(attempt):
                    self.connections.discard(attempt)
                case Opened(attempt):
                    self.opened.append(attempt)
                case TakeAnswer() | Closed() | TryNow():
                    pass

    def connect(self, now: float) -> None:
        self.counter += 1
        attempt = self.machine.me[:1] + self.counter.to_bytes(7, "big")
        self.take(self.machine.connect(attempt, now))

    def receive(self, kind: str, attempt: bytes, now: float) -> None:
        handler = self.machine.offer if kind == "offer" else self.machine.answer
        self.take(handler(attempt, NOTHING, now))


def pair() -> tuple[Side, Side]:
    one, two = DeviceId(b"\x01" * 32), DeviceId(b"\x02" * 32)
    return Side(Negotiation(one, two)), Side(Negotiation(two, one))


def open_what_matches(left: Side, right: Side) -> None:
    """A channel opens when both ends of one attempt are connecting (one of them may already have it open)."""
    attempt = left.machine.attempt
    phases = {left.machine.phase, right.machine.phase}
    if attempt and attempt == right.machine.attempt and phases <= {Phase.CONNECTING, Phase.OPEN}:
        left.take(left.machine.opened(attempt))
        right.take(right.machine.opened(attempt))


def step(left: Side, right: Side, now: float, choices: list[int]) -> None:
    """One exchange; each choice loses (0), delivers (1) or repeats (2) a signal, or delays it (3)."""
    for sender, receiver in ((left, right), (right, left)):
        waiting, sender.outbox = sender.outbox, []
        for signal in waiting:
            choice = choices.pop() if choices else 1
            if choice == 3:
                sender.outbox.append(signal)
            for _ in range(choice if choice < 3 else 0):
                receiver.receive(*signal, now)
    open_what_matches(left, right)


@settings(max_examples=500)
@given(st.lists(st.integers(0, 3), max_size=60), st.lists(st.booleans(), max_size=20))
def test_whatever_is_lost_both_end_with_the_same_open_attempt(choices: list[int], wishes: list[bool]) -> None:
    left, right = pair()
    now = 0.0
    for left_wants in wishes:
        (left if left_wants else right).connect(now)
        step(left, right, now, choices)
        now += 7.0
        left.take(left.machine.tick(now))
        right.take(right.machine.tick(now))
    # From here on nothing is lost, and both sides want the link.
    for _ in range(30):
        now += 5.0
        for side in (left, right):
            side.take(side.machine.tick(now))
            if side.machine.phase is Phase.IDLE:
                side.connect(now)
        step(left, right, now, [])
        if left.machine.attempt != right.machine.attempt:
            # What opened on one side only is noticed by the heartbeat there.
            for side in (left, right):
                if side.machine.phase is Phase.OPEN:
                    side.take(side.machine.lost(side.machine.attempt, "silent"))
    assert left.machine.phase is Phase.OPEN
    assert right.machine.phase is Phase.OPEN
    assert left.machine.attempt == right.machine.attempt
    assert left.connections == {left.machine.attempt}
    assert right.connections == {right.machine.attempt}


def test_when_both_offer_at_once_the_polite_side_gives_way() -> None:
    polite, other = pair()
    assert polite.machine.polite
    polite.connect(0.0)
    other.connect(0.0)
    theirs = other.machine.attempt
    step(polite, other, 0.0, [])
    step(polite, other, 0.0, [])
    assert polite.opened == other.opened == [theirs]


def test_a_repeated_offer_makes_no_second_connection() -> None:
    left, right = pair()
    left.connect(0.0)
    step(left, right, 0.0, [2, 1])
    step(left, right, 0.0, [])
    assert len(right.opened) == 1
    right.receive("offer", right.opened[0], 1.0)
    assert right.machine.phase is Phase.OPEN


def test_a_late_answer_shows_that_the_peer_is_there() -> None:
    left, _ = pair()
    left.connect(0.0)
    attempt = left.machine.attempt
    left.take(left.machine.tick(1000.0))
    assert left.machine.phase is Phase.IDLE
    assert left.machine.answer(attempt, NOTHING, 1001.0) == [TryNow()]


def test_an_offer_on_an_open_link_replaces_it_only_when_it_opens() -> None:
    left, right = pair()
    left.connect(0.0)
    step(left, right, 0.0, [])
    step(left, right, 0.0, [])
    first = left.machine.attempt
    left.receive("offer", b"restart!", 10.0)
    assert first in left.connections
    left.take(left.machine.opened(b"restart!"))
    assert left.connections == {b"restart!"}


def test_an_answer_that_never_comes_ends_the_attempt() -> None:
    left, _ = pair()
    left.connect(0.0)
    effects = left.machine.tick(60.0)
    assert any(isinstance(effect, Closed) and effect.reason == "no answer" for effect in effects)
    assert left.machine.phase is Phase.IDLE
