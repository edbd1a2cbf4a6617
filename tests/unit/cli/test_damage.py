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
def running(home: Path, stardust: Stardust) -> Iterator[int]:
    """Process id of a daemon whose chain is away."""
    setup.create_account(home, "", nodes=["ws://127.0.0.1:1"])
    pid = int(stardust("up", "--json").json["pid"])
    yield pid
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)


@pytest.fixture
def damaged(home: Path, running: int) -> int:
    """Process id of the daemon."""
    for name in ("history.db", "history.db-wal"):
        with (home / name).open("r+b") as file:
            file.write(os.urandom((home / name).stat().st_size))
    return running


def test_it_is_known_to_run_and_can_be_stopped(stardust: Stardust, home: Path, damaged: int) -> None:
    assert stardust("up", "--json").json == {"pid": damaged, "ready_ms": None, "started": False}
    ran = stardust("down", "--json")
    assert (ran.code, ran.json) == (Exit.OK, {"stopped": True, "pid": damaged})
    with Home.at(home).locked():  # nobody holds it any more
        pass
    assert stardust("down", "--json").json == {"stopped": False}


def test_status_and_doctor_say_so_and_that_the_daemon_has_to_end_first(
    stardust: Stardust, home: Path, damaged: int
) -> None:
    hint = f"stardust down, then move {home} out of the way, then: stardust restore"
    state = stardust("status", "--json").json
    assert (state["pid"], state["unread"], state["waiting"]) == (damaged, None, None)
    (problem,) = [one for one in state["problems"] if one["code"] == "database_damaged"]
    assert problem["hint"].startswith(hint)
    out = stardust("status").out
    assert "not known: the history cannot be read" in out
    assert "0 unread" not in out
    (found,) = [one for one in stardust("doctor", "--json").json["findings"] if one["name"] == "history"]
    assert (found["severity"], found["finding"]) == ("problem", problem["message"])
    assert found["advice"] == problem["hint"]
    refused = stardust("contact", "list", "--json").json["error"]
    assert (refused["code"], refused["hint"]) == ("database_damaged", problem["hint"])
    stardust("down")
    assert stardust("up", "--json").json["error"]["hint"].startswith(f"move {home} out of the way")


def test_the_doctor_sees_a_history_that_was_moved_away_from_under_it(
    stardust: Stardust, home: Path, running: int
) -> None:
    def found() -> tuple[str, str]:
        (one,) = [one for one in stardust("doctor", "--json").json["findings"] if one["name"] == "history"]
        return one["severity"], one["finding"]

    assert found() == ("ok", "it can be read")
    (home / "history.db").rename(home / "moved")
    assert found() == (
        "problem",
        f"The history of this home is missing: {home}/history.db is not there, or empty.",
    )
