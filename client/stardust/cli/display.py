"""Tables and marks for people; JSON output does not come through here."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence

import click

from stardust.tui.text import printable

SEVERITY = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "problem": ("✗", "red")}


def style(text: str, *, fg: str | None = None, bold: bool = False, dim: bool = False) -> str:
    """``text`` for a terminal, without colour when the person wants none (https://no-color.org)."""
    colour = None if os.environ.get("NO_COLOR") else fg
    return click.style(text, fg=colour, bold=bold or None, dim=dim or None)


def say(text: str = "") -> None:
    click.echo(text)


def name(text: str) -> str:
    """A person's name, as others chose it: harmless and bold."""
    return style(printable(text), bold=True)


def dim(text: str) -> str:
    return style(text, dim=True)


def done(text: str) -> None:
    click.echo(f"{style('✓', fg='green')} {text}")


def count(number: int, what: str) -> str:
    """``1 message``, ``2 messages``."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def facts(rows: Iterable[tuple[str, str]]) -> None:
    """Pairs of label and value, aligned; a value may have several lines."""
    kept = [(label, value) for label, value in rows if value]
    width = max((len(label) for label, _ in kept), default=0)
    for label, value in kept:
        further = "\n" + " " * (width + 2)
        click.echo(f"{dim(label.ljust(width))}  {value.replace(chr(10), further)}")


def code(qr: str) -> None:
    """A QR code; on a terminal that cannot hold it, how large it would have to be."""
    lines = qr.split("\n")
    columns, rows = shutil.get_terminal_size()
    if sys.stdout.isatty() and (len(lines[0]) > columns or len(lines) > rows):
        say(dim(f"(The QR code needs a terminal of {len(lines[0])} columns and {len(lines)} rows.)"))
    else:
        say(qr)


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns as wide as their cells (wide characters counted as such); cells are made harmless."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    view = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for header in headers:
        view.add_column(header, overflow="fold")
    for row in rows:
        view.add_row(*(Text(printable(cell)) for cell in row))
    # Into a file or a pipe lines are as long as they are.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 1000)
    with console.capture() as printed:
        console.print(view)
    for line in printed.get().splitlines():
        click.echo(line.rstrip())
