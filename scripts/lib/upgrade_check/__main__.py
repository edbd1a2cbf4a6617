"""``./scripts/upgrade-check``: runs the steps, cleans up, and exits non-zero unless everything held."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path

from children import PartFailedError
from demo.screen import Screen
from stardust.errors import StardustError
from upgrade_check.steps import Check

FAILED, INTERRUPTED = 1, 130


async def run(folder: Path, screen: Screen) -> int:
    """0 when everything held; interruption and failure end all processes as well."""
    check = Check(folder, screen)
    work = asyncio.create_task(check.run())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        screen.say("\nstopped")
        return INTERRUPTED
    except Exception as error:
        (folder / "failure.log").write_text("".join(traceback.format_exception(error)))
        screen.console.print(f"\n[bold red]{screen.where} did not work:[/]")
        foreseen = isinstance(error, PartFailedError | StardustError)
        screen.plain(str(error) if foreseen else f"{type(error).__name__}: {error}")
        check.results.show(check.talk)
        return FAILED
    finally:
        await check.stop()
    check.results.show(check.talk)
    return 0 if check.results.all_hold else FAILED


def main() -> None:
    """Nothing to choose."""
    # A short path: sockets live in the homes, and their paths have a limit.
    folder = Path(tempfile.mkdtemp(prefix="stardust-"))
    screen = Screen()
    code = asyncio.run(run(folder, screen))
    if code == FAILED:
        screen.plain(f"\nNot everything held. What can tell more is kept in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
