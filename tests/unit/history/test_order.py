from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from stardust.history.order import MAX_LATE_MS, place

DAY = 86_400_000
NOW = 1_790_000_000_000

sent = st.lists(st.integers(NOW - 3 * DAY, NOW - 1), max_size=12)


def places(sent_at: list[int], stored_at: int) -> list[int]:
    """Of messages of one sender, in the order of its stream."""
    result: list[int] = []
    for time in sent_at:
        last = result[-1] if result else None
        result.append(place(time, stored_at, previous=last, last=last))
    return result


@given(st.lists(st.integers(0, 2**62), max_size=20))
def test_a_senders_own_order_is_kept_whatever_its_clock_did(sent_at: list[int]) -> None:
    assert all(a < b for a, b in itertools.pairwise(places(sent_at, NOW)))


@given(sent, sent, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_arrival(alice: list[int], bob: list[int], random: object) -> None:
    """Two senders with right clocks; their messages arrive mixed in any way."""
    apart = sorted([(p, b"a") for p in places(alice, NOW)] + [(p, b"b") for p in places(bob, NOW)])
    mixed: list[tuple[int, bytes]] = []
    queues = {b"a": list(alice), b"b": list(bob)}
    last: dict[bytes, int | None] = {b"a": None, b"b": None}
    stored_at = NOW
    while any(queues.values()):
        sender = random.choice([name for name, queue in queues.items() if queue])  # type: ignore[attr-defined]
        stored_at += 1
        newest = max((one for one in last.values() if one is not None), default=None)
        found = place(queues[sender].pop(0), stored_at, previous=last[sender], last=newest)
        last[sender] = found
        mixed.append((found, sender))
    assert sorted(mixed) == apart


@given(st.integers(0, 2**62))
def test_a_wrong_clock_cannot_hide_a_message_or_keep_it_at_the_end(sent_at: int) -> None:
    assert NOW - MAX_LATE_MS <= place(sent_at, NOW, previous=None, last=None) <= NOW


@given(st.integers(NOW - MAX_LATE_MS, NOW))
def test_a_right_clock_is_believed(sent_at: int) -> None:
    assert place(sent_at, NOW, previous=None, last=None) == sent_at


@given(st.integers(NOW - MAX_LATE_MS, NOW + DAY), st.integers(NOW - DAY, NOW))
def test_what_others_write_moves_nothing_but_itself(sent_at: int, mine: int) -> None:
    """Whatever a peer says about its time, it stands behind its own earlier messages only."""
    assert place(sent_at, NOW, previous=None, last=mine) == min(sent_at, NOW)


def test_a_clock_that_was_set_back_leaves_the_conversation_in_the_order_of_arrival() -> None:
    before = place(NOW, NOW, previous=None, last=None)
    now = NOW - 20 * 60_000
    mine = place(now, now, previous=before, last=before)
    late = place(now - 5_000, now, previous=before - 10, last=mine)
    fresh = place(now + 1_000, now + 1_000, previous=late, last=late)
    assert before < mine < late < fresh
