"""Waiting grows, is spread, and ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stardust.link.reconnect import FIRST_S, GIVE_UP_AFTER, LONGEST_S, Reconnect


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=GIVE_UP_AFTER, max_size=GIVE_UP_AFTER))
def test_every_wait_is_within_bounds_and_then_it_gives_up(randoms: list[float]) -> None:
    reconnect = Reconnect()
    waits = [reconnect.failed(random) for random in randoms]
    assert waits[-1] is None
    assert all(wait is not None and FIRST_S / 2 <= wait <= LONGEST_S for wait in waits[:-1])


def test_an_open_link_forgets_the_failures_before() -> None:
    reconnect = Reconnect()
    for _ in range(3):
        reconnect.failed(0.5)
    reconnect.opened()
    wait = reconnect.failed(0.0)
    assert wait == FIRST_S / 2
