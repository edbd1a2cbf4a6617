"""Whom to ping when."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from stardust.daemon.pings import FIRST_S, MAX_STANDING, PingPlan
from stardust.signaling.service import PING_LIFETIME_S
from stardust.wire.ids import DeviceId

BOB = DeviceId(bytes([2]) * 32)


def devices(count: int) -> list[DeviceId]:
    return [DeviceId(bytes([number]) * 32) for number in range(count)]


def test_an_ordinary_attempt_comes_first() -> None:
    plan = PingPlan(lambda: 0.5)
    assert plan.next([BOB], 0.0) == []
    assert plan.next([BOB], FIRST_S - 1) == []
    assert plan.next([BOB], FIRST_S) == [BOB]


def test_who_was_reached_in_time_is_not_pinged() -> None:
    plan = PingPlan(lambda: 0.5)
    plan.next([BOB], 0.0)
    assert plan.next([], FIRST_S - 1) == []
    assert plan.next([BOB], FIRST_S) == []


@given(st.floats(0, 1))
def test_while_something_waits_a_ping_always_stands(chance: float) -> None:
    plan = PingPlan(lambda: chance)
    times = [float(now) for now in range(0, 7_200, 5) if plan.next([BOB], float(now))]
    assert times[0] <= 1.5 * FIRST_S + 5
    assert all(later - earlier < PING_LIFETIME_S for earlier, later in itertools.pairwise(times))
    assert len(times) <= 7_200 / (0.7 * PING_LIFETIME_S) + 1


def test_there_are_never_too_many_and_everybody_gets_a_turn() -> None:
    plan, many = PingPlan(lambda: 0.5), devices(5 * MAX_STANDING)
    stands: dict[DeviceId, float] = {}
    pinged: set[DeviceId] = set()
    for now in range(0, 7 * int(PING_LIFETIME_S), 5):
        for device in plan.next(many, float(now)):
            stands[device] = now + PING_LIFETIME_S
            pinged.add(device)
        assert sum(until > now for until in stands.values()) <= MAX_STANDING
    assert pinged == set(many)


def test_what_could_not_be_left_is_tried_again_soon_and_takes_no_place() -> None:
    plan, many = PingPlan(lambda: 0.5), devices(MAX_STANDING + 1)
    plan.next(many, 0.0)
    first = plan.next(many, FIRST_S)
    assert len(first) == MAX_STANDING
    for device in first:
        plan.failed(device, FIRST_S)
    assert plan.next(many, FIRST_S + 1) == [many[-1]]
    assert set(plan.next(many, FIRST_S + 61)) <= set(first)
