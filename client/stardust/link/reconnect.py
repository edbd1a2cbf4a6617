"""When to try again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIRST_S: Final = 1.0
LONGEST_S: Final = 120.0
GIVE_UP_AFTER: Final = 8
"""Failed attempts in a row; about six minutes. Then somebody has to ask again."""


@dataclass(slots=True)
class Reconnect:
    """Exponential backoff with jitter; ``random`` in [0, 1) comes from outside."""

    failures: int = 0

    def opened(self) -> None:
        self.failures = 0

    def failed(self, random: float) -> float | None:
        """Seconds until the next attempt; None to give up."""
        self.failures += 1
        if self.failures >= GIVE_UP_AFTER:
            return None
        longest = min(FIRST_S * float(2 ** (self.failures - 1)), LONGEST_S)
        # Half of it at least, so that both sides do not storm, and not all, so that they do not meet.
        return longest * (0.5 + random / 2)
