"""What the person watching sees: numbered steps, what happened, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from children import PartFailedError


class DemoFailedError(PartFailedError):
    """A step did not really happen."""


class Screen:
    """Prints; knows which step it is in."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        self.where = "Before the first step"
        self._step = 0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A numbered step; its duration is printed when it ends well."""
        self._step += 1
        self.where = f"Step {self._step} ({title})"
        self.console.print(f"\n[bold cyan]{self._step}[/]  [bold]{title}[/]")
        began = time.monotonic()
        yield
        self.console.print(f"   [dim]{time.monotonic() - began:.1f} s[/]")

    def say(self, text: str) -> None:
        self.console.print(f"   {text}", soft_wrap=True)

    def chat(self, who: str, text: str, mark: str = "") -> None:
        """One line of a conversation."""
        self.console.print(f"   [bold]{who:>6}[/]  {text}  [green]{mark}[/]", soft_wrap=True)

    def plain(self, text: str) -> None:
        """Text as it is, without markup or wrapping (QR codes)."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def table(self, title: str, rows: Sequence[tuple[str, ...]], head: tuple[str, ...]) -> None:
        table = Table(title=title, title_justify="left", title_style="bold")
        for number, name in enumerate(head):
            table.add_column(name, justify="left" if number == 0 else "right")
        for row in rows:
            table.add_row(*row)
        self.console.print()
        self.console.print(table)


def require(condition: bool, otherwise: str) -> None:
    """Raises ``DemoFailedError`` unless ``condition`` holds; not an assert, so that ``-O`` keeps it."""
    if not condition:
        raise DemoFailedError(otherwise)
