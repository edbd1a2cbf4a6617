"""One row for each figure, with what it is to beat and the floor measured in the same run."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. ``floor`` is what the bare parts need for the same work, in the same unit."""

    name: str
    value: float
    unit: str
    target: float | None = None
    higher_is_better: bool = False
    floor: float | None = None
    floor_name: str = ""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target holds; None without a target."""
        if self.target is None:
            return None
        return self.value >= self.target if self.higher_is_better else self.value <= self.target

    @property
    def ratio(self) -> float | None:
        """``value / floor``; None without a floor."""
        return self.value / self.floor if self.floor else None


def quantile(values: Sequence[float], q: float) -> float:
    """The value below which the share ``q`` of ``values`` lies (0 < q < 1)."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[round(q * 100) - 1]


def cpu_seconds(process: psutil.Process) -> float:
    """That ``process`` has used so far, without its children."""
    times = process.cpu_times()
    return times.user + times.system


def number(value: float) -> str:
    """Three significant figures, thousands separated."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| figure | measured | target | floor in the same run | ratio | |",
        "|---|---:|---:|---|---:|---|",
    ]
    for row in rows:
        sign = "≥ " if row.higher_is_better else "< " if row.target else ""
        target = f"{sign}{number(row.target)} {row.unit}" if row.target is not None else ""
        floor = f"{number(row.floor)} {row.unit}: {row.floor_name}" if row.floor is not None else ""
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
        verdict = {True: "met", False: "**missed**", None: ""}[row.met]
        note = f"{verdict} {row.note}".strip()
        lines.append(
            f"| {row.name} | {number(row.value)} {row.unit} | {target} | {floor} | {ratio} | {note} |"
        )
    return "\n".join(lines)
