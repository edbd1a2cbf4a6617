"""Starting a daemon in the background, and knowing that it is ready."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from stardust.api.frames import ErrorData, ErrorObject, from_error_object, to_error_object
from stardust.daemon.errors import HomeUnusableError
from stardust.daemon.home import Home, write_private
from stardust.errors import LocalError, StardustError

READY_WITHIN: Final = 20.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Launched:
    pid: int
    ready_ms: float
    """From the start of the process until its API answered."""


def launch(home: Path | None = None, passphrase: str = "") -> Launched:
    """Starts the daemon of ``home`` and waits until its API is up.

    Raises what the daemon could not do: ``AlreadyRunningError``, ``WrongPassphraseError``,
    ``ConfigError``… by code, ``LocalError`` when it ended without a word.
    """
    where = Home.at(home)
    where.require()
    where.require_history()
    began = time.monotonic()
    ready, told = os.pipe()
    command = [sys.executable, "-m", "stardust.daemon", "--home", str(where.path)]
    command += ["--passphrase-stdin", "--ready-fd", str(told)]
    with open(ready, "rb") as reader:  # noqa: PTH123 - a descriptor
        try:
            process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(told,),
                start_new_session=True,
                cwd="/",
            )
        finally:
            os.close(told)
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(passphrase.encode() + b"\n")
        if not select.select([reader], [], [], READY_WITHIN)[0]:
            process.kill()
            process.wait()
            raise LocalError("The daemon did not get ready in time.", hint=f"its log: {where.log}")
        _check(reader.read(64 * 1024), where)
    process.returncode = 0  # it goes on without us; do not warn about a child left behind
    return Launched(process.pid, (time.monotonic() - began) * 1000)


def report_ready(descriptor: int | None) -> None:
    """Says to whoever launched this process that the API is up."""
    _report(descriptor, {"ready": True})


def report_failure(descriptor: int | None, error: ErrorObject) -> None:
    """Says why this process gives up."""
    _report(
        descriptor,
        {
            "message": error.message,
            "code": error.data.code,
            "family": error.data.family,
            "hint": error.data.hint,
        },
    )


def note_failure(home: Home, error: StardustError) -> None:
    """Keeps why a start failed, for the doctor."""
    with contextlib.suppress(HomeUnusableError):
        write_private(home.failure, msgspec.json.encode(to_error_object(error)))


def last_failure(home: Home) -> ErrorObject | None:
    """What ``note_failure`` kept; None when the last start was a good one."""
    try:
        with home.failure.open("rb") as file:
            return msgspec.json.decode(file.read(64 * 1024), type=ErrorObject)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _report(descriptor: int | None, what: dict[str, object]) -> None:
    if descriptor is not None:
        with contextlib.suppress(OSError):
            os.write(descriptor, json.dumps(what).encode())
            os.close(descriptor)


def _check(told: bytes, home: Home) -> None:
    try:
        what = json.loads(told)
    except ValueError:
        raise LocalError("The daemon ended while it started.", hint=f"its log: {home.log}") from None
    if not what.get("ready"):
        data = ErrorData(what["code"], what["family"], what["hint"])
        raise from_error_object(ErrorObject(0, what["message"], data))
