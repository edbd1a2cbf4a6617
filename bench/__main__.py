"""``python -m bench [NAME ...]``: runs the figures and prints one Markdown table."""

from __future__ import annotations

import importlib
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import click

from bench.table import Row, markdown

NAMES = ("startup", "search", "open_link", "first_message", "backup", "rendezvous")
BY_NAME = (
    "light_client",
    "long_chain",
    "statements",
    "network_first_message",
    "conversation",
    "pallet_state",
    "calls_per_block",
    "clients",
)
"""Only when asked for: they need the real node."""


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES + BY_NAME))
@click.option("--quick", is_flag=True, help="Fewer repetitions, to see that it runs.")
def main(names: tuple[str, ...], quick: bool) -> None:
    """Measures NAMES; when none is given, all that need no real node."""
    rows: list[Row] = []
    for name in names or NAMES:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="stardust-bench-") as folder:
            rows += importlib.import_module(f"bench.{name}").run(Path(folder), quick=quick)
        click.echo(f"{name}: {time.monotonic() - began:.0f} s", err=True)
    click.echo(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    click.echo(markdown(rows))
    if any(row.met is False for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
