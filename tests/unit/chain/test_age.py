"""What is said of how old the newest block is."""

from __future__ import annotations

import pytest

from stardust.chain.age import CLOCK_TOLERANCE, OLD_S, Age, span


def test_a_block_of_now_is_nothing_odd() -> None:
    age = Age(0.0)
    for seconds in (-CLOCK_TOLERANCE, 0.0, OLD_S - 1):
        age.saw(1.0, seconds)
        assert age.problem(1.0) is None


def test_an_old_block_has_two_causes_and_a_consequence() -> None:
    age = Age(0.0)
    age.saw(1.0, 3600.0)
    told = str(age.problem(1.0))
    assert "newest block is 60 minutes old" in told
    assert "this clock is fast, or the nodes are behind or hold newer blocks back" in told
    assert "revocation of a device, is not seen" in told


def test_a_block_ahead_of_this_clock_has_two_causes() -> None:
    age = Age(0.0)
    age.saw(1.0, -300.0)
    assert age.problem(1.0) == (
        "The chain's newest block lies 5 minutes ahead of this machine's clock: this clock is slow, or those "
        "of the nodes are fast."
    )


def test_who_is_not_shown_the_time_any_more_has_an_older_block_by_and_by() -> None:
    age = Age(0.0)
    age.saw(10.0, 12.0)
    assert age.problem(10.0 + OLD_S - 13) is None
    assert "3 minutes old" in str(age.problem(10.0 + OLD_S - 12))


def test_a_time_that_was_never_shown_is_told() -> None:
    age = Age(100.0)
    assert age.problem(99.0 + OLD_S) is None
    assert "No node has shown the time" in str(age.problem(100.0 + OLD_S))
    age.saw(200.0, None)  # of a chain in its first block
    assert age.problem(199.0 + OLD_S) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(90.0, "90 s"), (180.0, "3 minutes"), (7199.0, "120 minutes"), (7200.0, "2 hours"), (1e6, "12 days")],
)
def test_spans_are_in_a_persons_words(seconds: float, words: str) -> None:
    assert span(seconds) == words
