"""Who is there, by beats and their absence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stardust.signaling.beats import EVERY_S, GONE_AFTER_S
from stardust.signaling.sightings import Sightings
from stardust.wire.ids import DeviceId
from stardust.wire.presence import Beat

ANN, BOB = DeviceId(b"a" * 32), DeviceId(b"b" * 32)


def here(at: int) -> Beat:
    return Beat(at, "here")


def gone(at: int) -> Beat:
    return Beat(at, "gone")


def test_a_device_is_there_from_its_first_beat_until_it_says_goodbye() -> None:
    seen = Sightings()
    assert seen.beat(ANN, here(1), 0.0)
    assert not seen.beat(ANN, here(2), 40.0)
    assert seen.here(ANN)
    assert seen.beat(ANN, gone(3), 50.0)
    assert not seen.here(ANN)
    assert seen.deadline is None


def test_without_a_beat_it_is_gone_in_a_while() -> None:
    seen = Sightings()
    seen.beat(ANN, here(1), 0.0)
    seen.beat(BOB, here(1), 30.0)
    seen.beat(ANN, here(2), 40.0)
    assert seen.deadline == 30.0 + GONE_AFTER_S
    assert seen.silent(30.0 + GONE_AFTER_S - 0.1) == []
    assert seen.silent(30.0 + GONE_AFTER_S) == [BOB]
    assert seen.silent(1000.0) == [ANN]


def test_one_lost_beat_makes_nobody_go() -> None:
    assert 2 * EVERY_S < GONE_AFTER_S


def test_a_beat_that_comes_again_or_late_changes_nothing() -> None:
    seen = Sightings()
    seen.beat(ANN, here(5), 0.0)
    seen.beat(ANN, gone(6), 1.0)
    for at in range(7):
        assert not seen.beat(ANN, here(at), 2.0)
    assert not seen.here(ANN)
    seen.beat(ANN, here(7), 3.0)
    for at in range(8):
        assert not seen.beat(ANN, gone(at), 4.0)
        assert not seen.beat(ANN, here(at), 60.0)
    assert seen.silent(3.0 + GONE_AFTER_S) == [ANN]


def test_who_is_not_followed_any_more_is_forgotten() -> None:
    seen = Sightings()
    for device in (ANN, BOB):
        seen.beat(device, here(1), 0.0)
    assert seen.keep({BOB}) == [ANN]
    assert not seen.here(ANN)
    assert seen.silent(1000.0) == [BOB]
    assert seen.beat(ANN, here(1), 0.0)


@given(st.permutations([here(1), here(2), here(3), gone(4)]))
def test_in_whatever_order_beats_come_the_goodbye_holds(beats: list[Beat]) -> None:
    seen = Sightings()
    for beat in beats:
        seen.beat(ANN, beat, 0.0)
    assert not seen.here(ANN)
