"""Clocks that differ: what is measured, what is believed, and what comes of it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stardust.delivery.clocks import (
    ASK_EVERY_S,
    MAX_OFFSET_MS,
    MAX_ROUND_TRIP_S,
    TOLERANCE_MS,
    PeerClock,
)
from stardust.delivery.events import Now, SendFrame, Submission
from stardust.wire.codec import encode
from stardust.wire.frames import FRAME, Clock
from stardust.wire.items import Text
from tests.fakes.delivery_node import CONVERSATION, Node, acquainted, message_id

WALL = 1_800_000_000_000
MINUTE = 60_000


def now(seconds: float, ahead: int = 0) -> Now:
    return Now(seconds, WALL + int(seconds * 1000) + ahead)


def measured(ahead: int, *, there: float = 0.05, back: float = 0.05) -> PeerClock:
    """After one question to a peer whose clock is ``ahead`` of ours; the ways take so many seconds."""
    clock = PeerClock()
    asked = clock.ask(now(0))
    clock.take(now(there + back), Clock(now(there, ahead).wall, asked.at))
    return clock


@given(
    st.integers(-MAX_OFFSET_MS + 10_000, MAX_OFFSET_MS - 10_000).filter(lambda ms: abs(ms) > 20_000),
    st.floats(0, 4.9),
    st.floats(0, 4.9),
)
def test_an_offset_is_found_up_to_half_a_round_trip(ahead: int, there: float, back: float) -> None:
    clock = measured(ahead, there=there, back=back)
    assert abs(clock.offset - ahead) <= (there + back) * 500 + 2


@given(st.integers(-TOLERANCE_MS, TOLERANCE_MS), st.floats(0, 4.9), st.floats(0, 4.9))
@example(TOLERANCE_MS, 1.625, 0.0)
def test_clocks_that_are_right_are_left_alone(ahead: int, there: float, back: float) -> None:
    assert measured(ahead, there=there, back=back).offset == 0


def test_what_no_clock_set_by_hand_explains_is_not_believed() -> None:
    assert measured(MAX_OFFSET_MS + MINUTE).offset == 0
    assert measured(-30 * MAX_OFFSET_MS).offset == 0
    assert measured(10 * MINUTE, there=MAX_ROUND_TRIP_S, back=0.1).offset == 0


def test_only_the_first_answer_to_a_question_counts() -> None:
    clock = PeerClock()
    clock.take(now(1), Clock(WALL + 10 * MINUTE, WALL))
    assert clock.offset == 0
    first, second = clock.ask(now(0)), clock.ask(now(1))
    clock.take(now(2), Clock(now(1.5, 10 * MINUTE).wall, second.at))
    assert clock.offset == 10 * MINUTE
    for question in (first, second):
        clock.take(now(2), Clock(now(1.5, 50 * MINUTE).wall, question.at))
    assert clock.offset == 10 * MINUTE


def test_a_measurement_over_which_our_own_clock_jumped_is_worth_nothing() -> None:
    clock = PeerClock()
    asked = clock.ask(now(0))
    clock.take(now(0.1, 5 * MINUTE), Clock(now(0.05).wall, asked.at))
    assert clock.offset == 0


def test_no_time_becomes_negative() -> None:
    assert measured(10 * MINUTE).ours(5) == 0


class TwoClocks:
    """Two engines, the second one's clock ``ahead``; every frame arrives at once."""

    def __init__(self, ahead: int) -> None:
        self.one, self.two = Node("one"), Node("two")
        acquainted(self.one, self.two)
        self.ahead = {"one": 0, "two": ahead}
        self.seconds = 0.0
        for node, effects in [(node, self.open(node)) for node in (self.one, self.two)]:
            self.carry(node, effects)

    def other(self, node: Node) -> Node:
        return self.two if node is self.one else self.one

    def now(self, node: Node) -> Now:
        return now(self.seconds, self.ahead[node.name])

    def carry(self, node: Node, effects: list[object]) -> None:
        to = self.other(node)
        frames = [effect.frame for effect in effects if isinstance(effect, SendFrame)]
        if frames:
            self.seconds += 0.01
            outcome = to.engine.frames_received(self.now(to), node.device, frames)
            self.carry(to, list(outcome.effects))

    def open(self, node: Node) -> list[object]:
        return list(node.engine.link_opened(self.now(node), self.other(node).device).effects)

    def write(self, node: Node, number: int) -> int:
        """When it was written, by the writer's clock."""
        self.seconds += 1.0
        at = self.now(node).wall
        item = Text(message_id(number), CONVERSATION, at, f"{number}")
        outcome = node.engine.submit(self.now(node), [Submission(self.other(node).device, item)])
        self.carry(node, list(outcome.effects))
        return at


def test_who_was_not_heard_at_first_asks_again() -> None:
    pair = TwoClocks(10 * MINUTE)
    opened = pair.one.engine.link_opened(pair.now(pair.one), pair.two.device)
    assert opened.deadline is not None
    pair.seconds = opened.deadline  # what it asked was lost: its keys were not accepted there
    again = pair.one.engine.tick(pair.now(pair.one))
    frames = [FRAME.decode(effect.frame) for effect in again.effects if isinstance(effect, SendFrame)]
    assert [type(frame).__name__ for frame in frames] == ["Clock", "Resume"]


def test_a_side_that_listens_later_is_asked_before_its_first_message() -> None:
    pair = TwoClocks(10 * MINUTE)
    for node in (pair.one, pair.two):
        node.start()  # nothing is known of the other's clock
    pair.two.submit(pair.now(pair.two), pair.one, 0)
    pair.open(pair.one)  # and lost: the other side did not accept these keys yet
    pair.seconds += 0.5
    pair.carry(pair.two, pair.open(pair.two))
    (message,) = pair.one.inbox.items
    assert isinstance(message, Text)
    assert pair.one.engine._clocks[pair.two.device].offset == 10 * MINUTE


@pytest.mark.parametrize("ahead", [10 * MINUTE, -10 * MINUTE])
def test_messages_come_in_the_receivers_time(ahead: int) -> None:
    pair = TwoClocks(ahead)
    hers = pair.write(pair.one, 0)
    his = pair.write(pair.two, 1)
    (at_his,), (at_hers,) = pair.two.inbox.items, pair.one.inbox.items
    assert isinstance(at_his, Text)
    assert isinstance(at_hers, Text)
    assert abs(at_his.sent_at - (hers + ahead)) < 50
    assert abs(at_hers.sent_at - (his - ahead)) < 50


def test_with_right_clocks_the_time_is_what_the_sender_wrote() -> None:
    pair = TwoClocks(300)
    assert pair.write(pair.two, 0) == pair.one.inbox.items[0].sent_at  # type: ignore[union-attr]


def test_a_clock_that_is_set_right_while_the_link_is_open_is_noticed() -> None:
    pair = TwoClocks(10 * MINUTE)
    pair.write(pair.two, 0)
    pair.ahead["two"] = 0
    pair.seconds += ASK_EVERY_S
    pair.write(pair.two, 1)  # asks
    at = pair.write(pair.two, 2)
    assert pair.one.inbox.items[-1].sent_at == at  # type: ignore[union-attr]


def test_questions_about_the_time_are_answered_within_the_allowance() -> None:
    pair = TwoClocks(0)
    flood = [encode(Clock(number)) for number in range(100)]
    outcome = pair.one.engine.frames_received(pair.now(pair.one), pair.two.device, flood)
    frames = [FRAME.decode(effect.frame) for effect in outcome.effects if isinstance(effect, SendFrame)]
    assert 0 < sum(isinstance(frame, Clock) for frame in frames) <= 16
