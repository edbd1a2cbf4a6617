"""The receiving side of a stream: order, gaps, duplicates, and what is given up under pressure."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.delivery.incoming import HELD_BYTES, HELD_FRAMES, Incoming, Offer
from stardust.wire.frames import MAX_MISSING, MAX_REFUSED, Data

STREAM = b"stream 1"


def frame(first: int, count: int = 1, size: int = 10) -> Data:
    return Data(STREAM, first, count, 1, bytes(size))


def begun(next_: int = 0) -> Incoming:
    incoming = Incoming()
    incoming.begin(STREAM, next_)
    return incoming


def drained(incoming: Incoming) -> list[int]:
    """Takes what is in order; the numbers of the items."""
    numbers: list[int] = []
    while (data := incoming.ready()) is not None:
        numbers += range(incoming.next, data.first + data.count)
        incoming.stored(data.first + data.count, ())
    return numbers


def missing(incoming: Incoming) -> tuple[tuple[int, int], ...]:
    ack = incoming.ack()
    assert ack is not None
    return ack.missing


def test_nothing_is_acknowledged_of_a_stream_without_a_name() -> None:
    incoming = Incoming()
    assert incoming.ack() is None
    assert incoming.offer(frame(0)) is Offer.STRANGE
    assert incoming.ready() is None


@given(st.lists(st.integers(1, 4), min_size=1, max_size=12), st.integers(0, 2**32))
def test_frames_in_any_order_and_twice_come_out_in_order_once(counts: list[int], seed: int) -> None:
    starts = [sum(counts[:at]) for at in range(len(counts))]
    arriving = [frame(first, count) for first, count in zip(starts, counts, strict=True)] * 2
    random.Random(seed).shuffle(arriving)
    incoming, numbers = begun(), []
    for data in arriving:
        incoming.offer(data)
        numbers += drained(incoming)
    assert numbers == list(range(sum(counts)))
    assert missing(incoming) == ()


def test_what_is_stored_is_a_duplicate() -> None:
    incoming = begun(5)
    assert incoming.offer(frame(4)) is Offer.DUPLICATE
    assert incoming.offer(frame(3, 2)) is Offer.DUPLICATE
    assert incoming.offer(frame(4, 2)) is Offer.HELD
    assert drained(incoming) == [5]


def test_gaps_before_what_arrived_are_named() -> None:
    incoming = begun()
    for first in (2, 3, 7):
        assert incoming.offer(frame(first)) is Offer.HELD
    assert missing(incoming) == ((0, 2), (4, 3))
    incoming.offer(frame(0, 2))
    assert drained(incoming) == [0, 1, 2, 3]
    assert missing(incoming) == ((4, 3),)


def test_no_more_gaps_are_named_than_a_frame_holds() -> None:
    incoming = begun()
    for first in range(1, 2 * MAX_MISSING + 10, 2):
        incoming.offer(frame(first))
    assert missing(incoming) == tuple((first, 1) for first in range(0, 2 * MAX_MISSING, 2))


def test_a_gap_is_never_longer_than_a_frame_can_say() -> None:
    incoming = begun()
    incoming.offer(frame(2**40))
    assert missing(incoming) == ((0, 2**31),)


@pytest.mark.parametrize(("size", "most"), [(1, HELD_FRAMES), (60_000, HELD_BYTES // 60_000)])
def test_under_pressure_what_lies_farthest_ahead_is_given_up(size: int, most: int) -> None:
    incoming = begun()
    numbers = list(range(1, most + 20))
    random.Random(1).shuffle(numbers)
    for first in numbers:
        incoming.offer(frame(first, size=size))
    incoming.offer(frame(0, size=size))
    kept = drained(incoming)
    assert kept == list(range(len(kept)))
    assert most - 1 <= len(kept) <= most


def test_of_frames_that_were_cut_differently_the_newest_counts() -> None:
    incoming = begun()
    incoming.offer(frame(0, 3))
    again = Data(STREAM, 0, 5, 0, b"sealed again")
    incoming.offer(again)
    assert incoming.ready() == again
    incoming.stored(2, ())
    newest = Data(STREAM, 1, 4, 0, b"and once more")
    incoming.offer(newest)
    assert incoming.ready() == newest


def test_what_the_peer_gives_up_is_skipped_and_counted() -> None:
    incoming = begun()
    incoming.offer(frame(4))
    assert incoming.begin(STREAM, 4) == 4
    assert drained(incoming) == [4]
    assert incoming.begin(STREAM, 2) == 0
    assert incoming.next == 5


def test_a_new_stream_begins_where_the_peer_says_and_nothing_of_the_old_stays() -> None:
    incoming = begun(7)
    incoming.stored(9, (8,))
    incoming.offer(frame(11))
    assert incoming.begin(b"stream 2", 3) == 0
    assert (incoming.next, incoming.refused, missing(incoming)) == (3, (), ())
    assert incoming.offer(frame(3)) is Offer.STRANGE


def test_the_newest_refused_items_are_remembered() -> None:
    incoming = begun()
    incoming.stored(100, range(40))
    assert incoming.refused == tuple(range(40 - MAX_REFUSED, 40))
    ack = incoming.ack()
    assert ack is not None
    assert ack.refused == incoming.refused


def test_a_frame_that_could_not_be_read_makes_room_for_another() -> None:
    incoming = begun()
    incoming.offer(frame(0))
    incoming.drop(frame(0))
    assert incoming.ready() is None
    assert incoming.offer(frame(0)) is Offer.HELD
    assert drained(incoming) == [0]
