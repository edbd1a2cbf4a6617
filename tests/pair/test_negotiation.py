"""Two negotiations over signaling that loses, repeats and delays: both end alike, never stuck."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from stardust.link.negotiation import (
    ANSWER_LIMIT_S,
    CONNECT_LIMIT_S,
    MAKE_LIMIT_S,
    OFFER_LIMIT_S,
    Broken,
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
                case TakeAnswer() | Closed() | Broken() | TryNow():
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
    for one, other in ((left.machine, right.machine), (right.machine, left.machine)):
        attempt = one.attempt
        ready = one.phase is Phase.CONNECTING
        answered = attempt == other.current or (attempt == other.attempt and other.phase is Phase.CONNECTING)
        if ready and answered:
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


@settings(max_examples=500, deadline=None)
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
        if left.machine.current != right.machine.current:
            # What is open on one side only is noticed by the heartbeat there.
            for side in (left, right):
                side.take(side.machine.lost(side.machine.current, "silent"))
    assert left.machine.phase is Phase.OPEN
    assert right.machine.phase is Phase.OPEN
    assert left.machine.current == right.machine.current
    assert left.connections == {left.machine.current}
    assert right.connections == {right.machine.current}


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
    left, _ = open_pair()
    first = left.machine.current
    left.receive("offer", b"restart!", 10.0)
    assert left.connections == {first, b"restart!"}
    left.take(left.machine.opened(b"restart!"))
    assert left.connections == {b"restart!"}


def test_an_offer_that_comes_to_nothing_leaves_what_is_open() -> None:
    left, right = open_pair()
    first = left.machine.current
    left.receive("offer", b"bogus..!", 10.0)
    left.receive("offer", b"bogus..2", 11.0)
    assert left.connections == {first, b"bogus..2"}
    assert left.machine.tick(11.0 + MAKE_LIMIT_S) == [Drop(b"bogus..2")]
    assert left.machine.phase is Phase.OPEN
    assert left.machine.current == right.machine.current == first
    assert left.machine.tick(1000.0) == []


def test_what_is_open_may_end_while_another_is_being_made() -> None:
    left, _ = open_pair()
    first = left.machine.current
    left.receive("offer", b"restart!", 10.0)
    assert left.machine.lost(first, "silent") == [Drop(first), Broken("silent")]
    assert left.machine.phase is Phase.CONNECTING
    assert left.machine.opened(b"restart!") == [Opened(b"restart!")]


def open_pair() -> tuple[Side, Side]:
    left, right = pair()
    left.connect(0.0)
    step(left, right, 0.0, [])
    step(left, right, 0.0, [])
    assert left.machine.phase is right.machine.phase is Phase.OPEN
    return left, right


def test_an_answer_that_never_comes_ends_the_attempt() -> None:
    left, _ = pair()
    left.connect(0.0)
    left.machine.handed_over(left.machine.attempt, 20.0)
    assert left.machine.tick(19.9 + OFFER_LIMIT_S) == []
    effects = left.machine.tick(20.0 + OFFER_LIMIT_S)
    assert any(isinstance(effect, Closed) and effect.reason == "no answer" for effect in effects)
    assert left.machine.phase is Phase.IDLE


def test_who_answers_has_time_for_gathering_and_for_blocks() -> None:
    """On a network an answer by the pallet stands in a block after 6 s and is final after 24."""
    left, right = pair()
    left.connect(0.0)
    attempt = left.machine.attempt
    right.receive("offer", attempt, 0.0)
    assert right.machine.tick(8.0 + 24.0) == []
    right.machine.handed_over(attempt, 32.0)
    assert right.machine.tick(31.9 + ANSWER_LIMIT_S) == []
    left.receive("answer", attempt, 33.0)
    left.machine.handed_over(attempt, 33.0)  # comes late when the answer is fast, and changes nothing
    assert left.machine.tick(32.9 + CONNECT_LIMIT_S) == []
    assert Drop(attempt) in left.machine.tick(33.0 + CONNECT_LIMIT_S)
    assert Drop(attempt) in right.machine.tick(32.0 + ANSWER_LIMIT_S)
