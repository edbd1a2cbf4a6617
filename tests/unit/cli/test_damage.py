"""A history that is damaged while a real daemon runs on it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from stardust.cli.exits import Exit
from stardust.daemon import setup
from stardust.daemon.home import Home
from tests.unit.cli.conftest import Stardust


@pytest.fixture
def damaged(home: Path, stardust: Stardust) -> Iterator[int]:
    """Process id of the daemon."""
    setup.create_account(home, "", nodes=["ws://127.0.0.1:1"])
    pid = int(stardust("up", "--json").json["pid"])
    for name in ("history.db", "history.db-wal"):
        with (home / name).open("r+b") as file:
            file.write(os.urandom((home / name).stat().st_size))
    yield pid
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)


def test_it_is_known_to_run_and_can_be_stopped(stardust: Stardust, home: Path, damaged: int) -> None:
    assert stardust("up", "--json").json == {"pid": damaged, "ready_ms": None, "started": False}
    ran = stardust("down", "--json")
    assert (ran.code, ran.json) == (Exit.OK, {"stopped": True, "pid": damaged})
    with Home.at(home).locked():  # nobody holds it any more
        pass
    assert stardust("down", "--json").json == {"stopped": False}
