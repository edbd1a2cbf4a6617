"""``./scripts/compose-check``: runs the steps and removes everything, also when one failed."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import click

from children import PartFailedError
from compose_check.steps import Check
from demo.screen import Screen
from stardust.errors import StardustError


async def run(check: Check, screen: Screen) -> int:
    """0 when every step happened."""
    work = asyncio.current_task()
    assert work is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    code = 1
    try:
        await check.run()
        code = 0
    except asyncio.CancelledError:
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
    screen = Screen()
    sys.exit(asyncio.run(run(Check(folder, compose, address, screen), screen)))


if __name__ == "__main__":
    main()
