"""The time, read in one place."""

from __future__ import annotations

import time

from stardust.delivery.events import Now


def now() -> Now:
    return Now(time.monotonic(), wall_ms())


def wall_ms() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000
