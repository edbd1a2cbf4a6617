from __future__ import annotations

from pathlib import Path

from stardust.api.calls import CALLS, METHODS
from stardust.api.describe import BEGIN, reference

PAGE = Path(__file__).parents[3] / "docs" / "api.md"


def test_the_reference_is_what_the_schema_says() -> None:
    assert PAGE.read_text(encoding="utf-8").split(BEGIN)[1] == reference().split(BEGIN)[1], (
        "run: python -m stardust.api.describe docs/api.md"
    )


def test_every_method_has_one_class() -> None:
    assert len(METHODS) == len(CALLS)
