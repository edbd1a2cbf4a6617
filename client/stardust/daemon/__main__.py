"""``python -m stardust.daemon``: runs the daemon of one home folder in the foreground."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from stardust.api.frames import to_error_object
from stardust.daemon import launch, running, vault
from stardust.daemon.home import Home
from stardust.errors import StardustError, UsageError

INTERRUPTED = 130


def main() -> int:
    """0 after a clean end, 1 when it could not start; what stood in the way is said in a sentence."""
    arguments = _parser().parse_args()
    try:
        home = Home.at(arguments.home)
        passphrase = _passphrase(home, arguments.passphrase_stdin)
        running.run(home, passphrase, lambda: launch.report_ready(arguments.ready_fd))
    except StardustError as error:
        launch.report_failure(arguments.ready_fd, to_error_object(error))
        hint = f"\n  {error.hint}" if error.hint else ""
        sys.stderr.write(f"error: {error}{hint}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stardust.daemon", description=__doc__)
    parser.add_argument("--home", type=Path, help="the home folder (else STARDUST_HOME, else the default)")
    parser.add_argument(
        "--passphrase-stdin", action="store_true", help="read the passphrase from the first line"
    )
    parser.add_argument("--ready-fd", type=int, help="a descriptor to which readiness or failure is told")
    return parser


def _passphrase(home: Home, given: bool) -> str:
    home.require()
    if given:
        return sys.stdin.readline().rstrip("\n")
    if vault.needs_passphrase(home):
        raise UsageError(
            "This home has a passphrase.", hint="give it with --passphrase-stdin, or use: stardust up"
        )
    return ""


if __name__ == "__main__":
    sys.exit(main())
