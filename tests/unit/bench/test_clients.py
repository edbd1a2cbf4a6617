"""What a signal costs, and what the processes of a run say together."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.client_worker import Report
from bench.clients import beyond


def test_what_rest_takes_is_not_the_signals() -> None:
    # 0.02 s a second at rest; 1 s of 30 s for 400 signals.
    assert beyond(1.2, 60.0, 1.0, 30.0, 400) == pytest.approx(1.0)


def test_reports_of_all_processes_are_one() -> None:
    one = Report(sent=2, failed=1, waits=[0.1], reasons=Counter(full=1), cpu=0.5, memory=10)
    other = Report(sent=3, waits=[0.2, 0.3], cpu=0.25, memory=5)
    assert Report.of_all((one, other)) == Report(5, 1, [0.1, 0.2, 0.3], Counter(full=1), 0.75, 15)
