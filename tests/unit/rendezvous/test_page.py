"""docs/rendezvous.md says the limits and the figures of the source."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from stardust.rendezvous.limits import Limits, Rate
from stardust.rendezvous.metrics import text_of
from stardust.rendezvous.server import Rendezvous

PAGE = (Path(__file__).parents[3] / "docs" / "rendezvous.md").read_text(encoding="utf-8")


def section(name: str) -> str:
    return PAGE.split(f"\n## {name}\n")[1].split("\n## ")[0]


def shown(limit: int | Rate) -> str:
    if isinstance(limit, Rate):
        return f"{limit.burst:,} at once, then {limit.per_second:,.0f} a second"
    return f"{limit:,}"


def test_the_limits_are_those_of_the_source() -> None:
    rows = re.findall(r"^\| (.+?) \| ([\d,].*?) \|$", section("Limits"), re.MULTILINE)
    assert [limit for _, limit in rows] == [
        shown(getattr(Limits(), field.name)) for field in dataclasses.fields(Limits)
    ]


def test_every_figure_is_named() -> None:
    told = set(re.findall(r"^# TYPE stardust_rendezvous_(\w+)", text_of(Rendezvous()), re.MULTILINE))
    assert told == set(re.findall(r"(?:stardust_rendezvous|…)_(\w+)", section("Figures")))
