"""What has to hold, noted as it is found out, and shown at the end."""

from __future__ import annotations

from demo.screen import Screen
from upgrade_check.talk import Talk


class Results:
    """Of one run."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._noted: list[tuple[str, bool, str]] = []
        self.figures: list[tuple[str, str]] = []
        """What took how long."""

    def note(self, what: str, holds: bool, found: str) -> None:
        """One thing that has to hold; ``found``: what was seen."""
        self._noted.append((what, holds, found))
        mark = "[green]holds[/]" if holds else "[bold red]does not hold[/]"
        self._screen.say(f"{mark}  {what}: {found}")

    @property
    def all_hold(self) -> bool:
        return all(holds for _, holds, _ in self._noted)

    def show(self, talk: Talk | None) -> None:
        """The tables at the end."""
        if talk is not None:
            spoken = [
                (phase, str(count), f"{half * 1000:.0f} ms", f"{longest * 1000:.0f} ms")
                for phase, count, half, longest in talk.figures()
            ]
            self._screen.table("Messages, sent to received", spoken, ("while", "count", "p50", "longest"))
        self._screen.table("How long it took", self.figures, ("", "measured"))
        rows = [(what, found, "yes" if holds else "NO") for what, holds, found in self._noted]
        self._screen.table("What has to hold", rows, ("", "found", "holds"))
