"""``./scripts/compose-check``: runs the steps and removes everything, also when one failed."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import click

from children import ENDS, PartFailedError, Stopped, on_signal
from compose_check.steps import Check
from demo.screen import Screen
from stardust.errors import StardustError


async def run(check: Check, screen: Screen) -> int:
    """0 when every step happened."""
    code = 1
    try:
        await check.run()
        code = 0
    except (Stopped, asyncio.CancelledError):
        screen.say("\nstopped")
        code = 130
    except (PartFailedError, StardustError) as error:
        screen.console.print("\n[bold red]This did not work:[/]")
        screen.plain(str(error))
    finally:
        if code:
            await check.stop()
    return code


@click.command()
@click.option("--folder", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--compose", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--address", required=True)
def main(folder: Path, compose: Path, address: str) -> None:
    """Everything is started, proven, and ended again."""
    for number in ENDS:
        signal.signal(number, on_signal)
    screen = Screen()
    try:
        sys.exit(asyncio.run(run(Check(folder, compose, address, screen), screen)))
    except Stopped:
        sys.exit(130)


if __name__ == "__main__":
    main()
