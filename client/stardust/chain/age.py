"""How old the chain's newest block is by this machine's clock, and in words what is odd about that. Pure.

Blocks that authorities once made and finalized prove themselves for ever: that they are of now shows by
nothing but the time in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CLOCK_TOLERANCE: Final = 60.0
"""Seconds; ten blocks of a network. Signals expire, so clocks that differ by minutes lose them."""
OLD_S: Final = 180.0
"""Seconds that the newest block may be old: a network that lags by more says before that it has stopped to
finalize blocks."""


@dataclass(slots=True)
class Age:
    """``began``: monotonic seconds, as all times here, so that a machine that slept is not told of a block
    from before its sleep."""

    began: float
    seen: float | None = None
    """Seconds from the newest block's time to this clock, when it was last looked at."""
    _at: float = 0.0

    def saw(self, now: float, seconds: float | None) -> None:
        """None: the chain has no time yet."""
        self.seen, self._at = seconds, now
        if seconds is None:
            self.began = now

    def problem(self, now: float) -> str | None:
        """Who is not shown the time of a newer block any more has an older one by and by."""
        if self.seen is None:
            return None if now - self.began < OLD_S else _UNKNOWN
        if self.seen < -CLOCK_TOLERANCE:
            return (
                f"The chain's newest block lies {span(-self.seen)} ahead of this machine's clock: this clock "
                "is slow, or those of the nodes are fast."
            )
        if (age := self.seen + now - self._at) < OLD_S:
            return None
        return (
            f"The chain's newest block is {span(age)} old by this machine's clock: this clock is fast, or "
            "the nodes are behind or hold newer blocks back. What happened since, such as the revocation of "
            "a device, is not seen."
        )


_UNKNOWN: Final = (
    f"No node has shown the time of the chain's newest block for {OLD_S / 60:.0f} minutes: whether it is of "
    "now is not known."
)


def span(seconds: float) -> str:
    """In a person's words."""
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
