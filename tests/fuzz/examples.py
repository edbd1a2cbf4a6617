"""How many examples the tests here try."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

ORDINARY = 200
"""Of a decoder that costs little; in continuous integration always the same ones."""
WANTED = int(os.environ.get("STARDUST_FUZZ_EXAMPLES", "0"))
"""More of them, and other ones each time."""


def examples(cost: int = 1) -> settings:
    """For a decoder one try of which is worth ``cost`` ordinary ones."""
    return settings(
        max_examples=max(3, (WANTED or ORDINARY) // cost),
        derandomize=not WANTED,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
