"""When to try again, and what one peer may cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.delivery.limits import Allowance, Bucket
from stardust.delivery.timers import Backoff, RoundTrip


def test_waits_double_up_to_the_longest_and_begin_anew_after_a_success() -> None:
    backoff = Backoff(first=1.0, longest=5.0)
    waits = []
    for _ in range(4):
        backoff.start(10.0)
        waits.append(backoff.wait)
    assert waits == [1.0, 2.0, 4.0, 5.0]
    assert not backoff.due(14.9)
    assert backoff.due(15.0)
    backoff.stop()
    assert not backoff.due(1e9)
    backoff.start(20.0)
    assert backoff.deadline == 21.0


def test_the_timeout_follows_the_round_trips() -> None:
    """RFC 6298, section 2: smoothed time plus four times its variation."""
    trips = RoundTrip()
    trips.measured(2.0)
    assert (trips.smoothed, trips.variation, trips.timeout) == (2.0, 1.0, 6.0)
    trips.measured(2.0)
    assert (trips.smoothed, trips.variation, trips.timeout) == (2.0, 0.75, 5.0)


@given(st.lists(st.floats(-10, 1e6), max_size=30), st.integers(0, 20))
def test_the_timeout_stays_within_its_bounds(trips: list[float], timeouts: int) -> None:
    round_trip = RoundTrip()
    for seconds in trips:
        round_trip.measured(seconds)
    for _ in range(timeouts):
        round_trip.timed_out()
    assert RoundTrip.SHORTEST <= round_trip.timeout <= RoundTrip.LONGEST


def test_a_bucket_gives_its_burst_at_once_and_its_rate_from_then_on() -> None:
    bucket = Bucket(rate=2.0, burst=3.0)
    for _ in range(3):
        assert bucket.available(0.0)
        bucket.spend(0.0)
    assert not bucket.available(0.0)
    assert bucket.wait() == 0.5
    assert bucket.available(0.5)
    assert not Bucket(rate=1.0, burst=0.0).available(0.0)


def test_what_was_overdrawn_is_waited_for() -> None:
    bucket = Bucket(rate=10.0, burst=5.0)
    bucket.spend(0.0, 25.0)
    assert bucket.wait() == pytest.approx(2.1)
    assert not bucket.available(1.9)
    assert bucket.available(2.11)


@given(st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 100)), max_size=30))
def test_a_clock_that_goes_back_brings_no_tokens(steps: list[tuple[float, float]]) -> None:
    bucket = Bucket(rate=1.0, burst=10.0)
    for now, amount in steps:
        before = bucket.tokens
        earlier = bucket.at is not None and now <= bucket.at
        bucket.available(now)
        assert bucket.tokens <= (before if earlier else 10.0)
        bucket.spend(now, amount)


def test_every_peer_may_do_an_ordinary_amount_at_once() -> None:
    allowance = Allowance()
    for bucket in (allowance.frames, allowance.items, allowance.strain, allowance.answers):
        assert bucket.available(0.0)
        assert bucket.burst >= 16
