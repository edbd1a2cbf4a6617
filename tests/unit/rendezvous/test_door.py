"""Who may connect."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stardust.rendezvous.door import Door, source_of
from stardust.rendezvous.limits import Limits, Rate

LIMITS = replace(
    Limits(), connections=5, connections_an_address=3, arrivals_an_address=Rate(burst=4, per_second=1.0)
)
ONE, TWO, THREE = b"1", b"2", b"3"


def test_one_address_cannot_take_all_places() -> None:
    door = Door(LIMITS)
    assert [door.enter(ONE, 0.0) for _ in range(4)] == [True, True, True, False]
    assert door.enter(TWO, 0.0)
    assert (door.open, door.turned_away) == (4, 1)


def test_there_are_so_many_places_in_all() -> None:
    door = Door(LIMITS)
    assert [door.enter(who, 0.0) for who in (ONE, ONE, ONE, TWO, TWO, THREE)] == [True] * 5 + [False]
    door.leave(ONE)
    assert door.enter(THREE, 0.0)


def test_coming_and_going_is_slowed_down() -> None:
    door = Door(LIMITS)
    for _ in range(4):
        assert door.enter(ONE, 0.0)
        door.leave(ONE)
    assert not door.enter(ONE, 0.0)
    assert door.enter(TWO, 0.0)
    assert door.enter(ONE, 1.0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::ffff:1"),
        ("fe80::1%eth0", "fe80::2"),
        (" 192.0.2.1", "192.0.2.1"),
    ],
)
def test_what_counts_as_the_same_address(one: str, other: str) -> None:
    assert source_of(one) == source_of(other) is not None


@pytest.mark.parametrize(("one", "other"), [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8:0:1::1")])
def test_what_counts_as_another(one: str, other: str) -> None:
    assert source_of(one) != source_of(other)


@pytest.mark.parametrize("text", ["", "unknown", "192.0.2.1:80", "a.example", "1.2.3"])
def test_what_is_no_address(text: str) -> None:
    assert source_of(text) is None
