"""``python -m stardust.daemon``: runs the daemon of one home folder in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import signal
import sys
from pathlib import Path

import structlog

from stardust.api.frames import to_error_object
from stardust.daemon import config, launch, logs, vault
from stardust.daemon.home import Home
from stardust.errors import StardustError, UsageError

log = structlog.get_logger(__name__)


def main() -> int:
    """0 after a clean end, 1 when it could not start; what stood in the way is said in a sentence."""
    arguments = _parser().parse_args()
    try:
        _run(arguments)
    except StardustError as error:
        return _give_up(arguments, error)
    except Exception:
        log.exception("the daemon failed unexpectedly")
        unexpected = StardustError("The daemon failed in a way it did not expect.", hint="see its log")
        return _give_up(arguments, unexpected)
    return 0


def _give_up(arguments: argparse.Namespace, error: StardustError) -> int:
    launch.report_failure(arguments.ready_fd, to_error_object(error))
    hint = f"\n  {error.hint}" if error.hint else ""
    sys.stderr.write(f"error: {error}{hint}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stardust.daemon", description=__doc__)
    parser.add_argument("--home", type=Path, help="the home folder (else STARDUST_HOME, else the default)")
    parser.add_argument(
        "--passphrase-stdin", action="store_true", help="read the passphrase from the first line"
    )
    parser.add_argument("--ready-fd", type=int, help="a descriptor to which readiness or failure is told")
    return parser


def _run(arguments: argparse.Namespace) -> None:
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the keys
    home = Home.at(arguments.home)
    home.require()
    settings = config.load(home.config)
    passphrase = ""
    if arguments.passphrase_stdin:
        passphrase = sys.stdin.readline().rstrip("\n")
    elif vault.needs_passphrase(home):
        raise UsageError(
            "This home has a passphrase.", hint="give it with --passphrase-stdin, or use: stardust up"
        )
    with home.locked():
        logs.set_up(home.log, settings.log.level)
        secrets = vault.unseal(home, passphrase)
        del passphrase
        asyncio.run(_serve(home, settings, secrets, arguments.ready_fd))


async def _serve(home: Home, settings: config.Config, secrets: vault.Secrets, ready_fd: int | None) -> None:
    from stardust.daemon.app import App
    from stardust.daemon.parts import RealParts

    app = App(home, settings, secrets, RealParts())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, app.stop)
    await app.start()
    launch.report_ready(ready_fd)
    log.info("ready", pid=os.getpid())
    try:
        await app.stopped()
    finally:
        await app.close()
    log.info("stopped")


if __name__ == "__main__":
    sys.exit(main())
