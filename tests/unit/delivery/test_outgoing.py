"""The sending side of a stream: window, acknowledgements, and what is sent again when."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from stardust.delivery.outgoing import (
    RECOVERY_BURST,
    WINDOW_BYTES,
    WINDOW_FRAMES,
    InFlight,
    Outgoing,
)
from stardust.wire.frames import Ack

STREAM = b"stream 1"


def sending(frames: int = 0, *, queued: int = 1000, size: int = 100) -> Outgoing:
    """A stream on a link whose peer has answered, with ``frames`` of one item in flight since 0.0."""
    outgoing = Outgoing(STREAM, acked=0, sealed=0, next=queued)
    outgoing.resumed(0.0)
    for _ in range(frames):
        outgoing.sealed_frame(1, size, 0.0)
    return outgoing


def firsts(frames: Iterable[InFlight]) -> list[int]:
    return [frame.first for frame in frames]


def gaps(*named: tuple[int, int]) -> Ack:
    return Ack(STREAM, 0, named)


def test_nothing_is_sealed_before_the_peer_has_said_where_it_stands() -> None:
    outgoing = Outgoing(STREAM, acked=0, sealed=0, next=3)
    assert not outgoing.may_seal
    outgoing.resumed(1.0)
    assert outgoing.may_seal


def test_the_window_closes_by_number_and_by_size() -> None:
    assert sending(WINDOW_FRAMES - 1).may_seal
    assert not sending(WINDOW_FRAMES).may_seal
    assert not sending(1, size=WINDOW_BYTES).may_seal
    assert not sending(3, queued=3).may_seal


def test_an_acknowledgement_opens_the_window() -> None:
    outgoing = sending(WINDOW_FRAMES)
    outgoing.acknowledged(10, 0.2)
    assert outgoing.may_seal
    assert (outgoing.acked, len(outgoing.flight)) == (10, WINDOW_FRAMES - 10)
    assert outgoing.bytes_in_flight == 100 * (WINDOW_FRAMES - 10)


def test_an_acknowledgement_inside_a_frame_keeps_the_frame() -> None:
    outgoing = sending()
    outgoing.sealed_frame(5, 100, 0.0)
    outgoing.acknowledged(3, 0.1)
    assert firsts(outgoing.flight) == [0]
    assert outgoing.deadline is not None


def test_a_new_link_sends_again_what_was_in_flight() -> None:
    outgoing = Outgoing(STREAM, acked=4, sealed=9, next=20)
    outgoing.restore([(4, 2, 100), (6, 3, 50)])
    assert outgoing.bytes_in_flight == 150
    assert firsts(outgoing.resumed(7.0)) == [4, 6]
    assert outgoing.deadline == 7.0 + outgoing.round_trip.timeout


def test_a_gap_is_filled_after_a_round_trip_and_not_before() -> None:
    outgoing = sending(6)
    assert firsts(outgoing.missing(gaps((1, 2), (4, 1)), 0.01)) == []
    assert firsts(outgoing.missing(gaps((1, 2), (4, 1)), 0.3)) == [1, 2, 4]
    assert firsts(outgoing.missing(gaps((1, 2), (4, 1)), 0.31)) == []


def test_gaps_of_what_was_never_sent_bring_nothing() -> None:
    assert sending(2).missing(gaps((5, 2**31)), 9.0) == []


def test_after_a_timeout_the_oldest_goes_first_and_each_answer_brings_a_few_more() -> None:
    outgoing = sending(20)
    waited = outgoing.round_trip.timeout
    assert firsts(outgoing.timed_out(5.0)) == [0]
    assert outgoing.round_trip.timeout == 2 * waited
    outgoing.acknowledged(1, 5.1)
    again = firsts(outgoing.recovering(5.1))
    assert again == list(range(1, 1 + RECOVERY_BURST))
    outgoing.acknowledged(20, 5.2)
    assert outgoing.recovering(5.2) == []
    assert outgoing.deadline is None


def test_without_a_loss_nothing_is_recovered() -> None:
    outgoing = sending(5)
    outgoing.acknowledged(2, 0.1)
    assert outgoing.recovering(0.1) == []


def test_round_trips_are_measured_on_frames_that_were_sent_once() -> None:
    outgoing = sending(2)
    outgoing.missing(gaps((0, 1)), 1.0)
    outgoing.acknowledged(1, 1.5)
    assert outgoing.round_trip.smoothed is None
    outgoing.acknowledged(2, 2.0)
    assert outgoing.round_trip.smoothed == pytest.approx(2.0)


def test_starting_over_forgets_the_flight_and_seals_from_what_is_acknowledged() -> None:
    outgoing = sending(8)
    outgoing.acknowledged(3, 0.1)
    outgoing.start_over()
    assert (outgoing.acked, outgoing.sealed, outgoing.bytes_in_flight) == (3, 3, 0)
    assert outgoing.deadline is None
    assert outgoing.may_seal


def test_the_frame_that_holds_an_item_is_found() -> None:
    outgoing = sending()
    outgoing.sealed_frame(3, 10, 0.0)
    outgoing.sealed_frame(2, 10, 0.0)
    covering = [outgoing.covering(number) for number in range(6)]
    assert [one and one.first for one in covering] == [0, 0, 0, 3, 3, None]
