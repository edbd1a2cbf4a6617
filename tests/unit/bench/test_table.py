"""Rows: targets, quantiles, how they are printed."""

from __future__ import annotations

import pytest

from bench.table import Row, markdown, quantile


def test_quantiles_lie_between_the_values() -> None:
    values = [float(value) for value in range(1, 102)]
    assert quantile(values, 0.5) == pytest.approx(51)
    assert quantile(values, 0.95) == pytest.approx(96)
    assert quantile([7.0], 0.95) == 7.0


@pytest.mark.parametrize(
    ("value", "target", "higher", "met"),
    [(1.0, 2.0, False, True), (3.0, 2.0, False, False), (3.0, 2.0, True, True), (0.0, 0.0, False, True)],
)
def test_a_target_is_met_on_its_own_side(value: float, target: float, higher: bool, met: bool) -> None:
    assert Row("x", value, "s", target, higher_is_better=higher).met is met


def test_without_a_target_nothing_is_met_or_missed() -> None:
    assert Row("x", 1.0, "s").met is None


def test_a_row_says_target_floor_ratio_and_verdict() -> None:
    row = Row("first", 2.0, "s", 1.5, floor=0.5, floor_name="bare", note="of 3")
    assert markdown([row]).splitlines()[-1] == (
        "| first | 2 s | < 1.5 s | 0.5 s: bare | 4.00 | **missed** of 3 |"
    )


def test_a_target_of_nothing_is_printed_as_nothing() -> None:
    assert "| 0 calls | 0 calls |" in markdown([Row("calls", 0, "calls", 0)])
