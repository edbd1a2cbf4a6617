"""``./scripts/demo``: runs the steps, cleans up, and exits non-zero when one did not really happen."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path

import click

from children import PartFailedError
from demo.chains import DevChain, LocalNetwork
from demo.screen import Screen
from demo.steps import Demo
from stardust.errors import StardustError

FAILED, INTERRUPTED = 1, 130
LOGS = ("*.log", "*/log/*.log", "network/*/log")
"""Beside one another in the demo's folder; in homes; of the nodes of a network."""


async def run(folder: Path, screen: Screen, keep: bool, network: bool) -> int:
    """0 when every step happened; interruption and failure end all processes as well."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    demo = Demo(folder, screen, LocalNetwork if network else DevChain)
    work = asyncio.create_task(demo.run())

    def interrupt() -> None:
        stopped.set()
        work.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
    try:
        await work
        if keep:
            demo.say_how_to_go_on()
            await stopped.wait()
    except asyncio.CancelledError:
        screen.say("\nstopped")
        return INTERRUPTED
    except Exception as error:
        _tell(screen, folder, error)
        return FAILED
    finally:
        await demo.stop()
    return 0


def _tell(screen: Screen, folder: Path, error: Exception) -> None:
    """Which step it was, what stood in its way, and where everything lies that can tell more."""
    (folder / "failure.log").write_text("".join(traceback.format_exception(error)))
    foreseen = isinstance(error, PartFailedError | StardustError)
    screen.console.print(f"\n[bold red]{screen.where} did not work:[/]")
    screen.plain(str(error) if foreseen else f"{type(error).__name__}: {error}")
    kept = ["What can tell more is kept:", *(f"   {path}" for path in logs_in(folder))]
    screen.plain("\n" + "\n".join(kept))


def logs_in(folder: Path) -> list[Path]:
    """What processes wrote for people: of parts, daemons and nodes. Databases call their journals so, too."""
    return sorted(path for pattern in LOGS for path in folder.glob(pattern))


@click.command()
@click.option("--keep", is_flag=True, help="Leave everything running and say how to go on by hand.")
@click.option("--network", is_flag=True, help="On a network of real nodes instead of the dev chain.")
def main(keep: bool, network: bool) -> None:
    """The main job, end to end, on real parts."""
    # A short path: sockets live in the homes, and their paths have a limit.
    folder = Path(tempfile.mkdtemp(prefix="stardust-"))
    screen = Screen()
    code = asyncio.run(run(folder, screen, keep, network))
    if code != FAILED:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
