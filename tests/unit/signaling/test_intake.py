"""Each signal once, and nobody at the cost of others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stardust.signaling.intake import Pace, RateLimit, SeenOnce
from stardust.wire.ids import DeviceId


def test_an_id_is_new_once() -> None:
    seen = SeenOnce()
    assert seen.first(b"a", 100.0, 0.0)
    assert not seen.first(b"a", 100.0, 50.0)


def test_an_id_is_forgotten_when_it_could_not_be_valid_any_more() -> None:
    seen = SeenOnce()
    assert seen.first(b"a", 100.0, 0.0)
    assert seen.first(b"a", 200.0, 100.0)


@given(st.lists(st.integers(0, 1000), max_size=200))
def test_memory_is_bounded_and_the_newest_are_kept(ids: list[int]) -> None:
    seen = SeenOnce(capacity=16)
    for number in ids:
        seen.first(number.to_bytes(4, "big"), 1e9, 0.0)
    assert all(not seen.first(number.to_bytes(4, "big"), 1e9, 0.0) for number in ids[-1:])


def test_a_fast_sender_does_not_slow_down_another() -> None:
    limit = RateLimit(burst=3, per_second=1.0)
    eve, bob = DeviceId(b"e" * 32), DeviceId(b"b" * 32)
    assert [limit.allow(eve, 0.0) for _ in range(5)] == [True, True, True, False, False]
    assert limit.allow(bob, 0.0)
    assert limit.allow(eve, 1.0)
    assert not limit.allow(eve, 1.0)


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    limit = RateLimit(burst=1, per_second=1.0)
    eve = DeviceId(b"e" * 32)
    assert limit.allow(eve, 100.0)
    assert not limit.allow(eve, 0.0)


@given(st.lists(st.floats(0.0, 100.0), min_size=1, max_size=80).map(sorted))
def test_a_pace_lets_a_burst_through_and_then_so_many_a_second(arrivals: list[float]) -> None:
    pace = Pace(burst=4, per_second=2.0)
    at = [now + pace.delay(now) for now in arrivals]
    for first, start in enumerate(at):
        within = sum(1 for one in at[first:] if one <= start + 5.0 - 1e-6)
        assert within <= 4 + 2 * 5


def test_a_pace_does_not_hold_up_what_is_slow() -> None:
    pace = Pace(burst=2, per_second=1.0)
    assert [pace.delay(now) for now in (0.0, 0.0, 0.0, 2.0, 3.0, 9.0)] == [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
