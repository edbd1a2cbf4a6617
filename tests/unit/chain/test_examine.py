"""What is said about a node's clock."""

from __future__ import annotations

import pytest

from stardust.chain.examine import Level, judge_clock


@pytest.mark.parametrize(
    ("age", "level"),
    [(None, Level.OK), (5, Level.OK), (-5, Level.OK), (3600, Level.WARNING), (-3600, Level.WARNING)],
)
def test_old_heads_and_fast_clocks_are_told(age: float | None, level: Level) -> None:
    finding = judge_clock("ws://a", 7, age)
    assert finding.level is level
    assert bool(finding.hint) is (level is not Level.OK)
