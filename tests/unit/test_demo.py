"""What the demo says when a step fails: the step and the reason, in a sentence, and where the logs are."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

LIB = Path(__file__).resolve().parents[2] / "scripts" / "lib"

DEMO = """
import asyncio
from demo import person, steps
from demo.__main__ import main

async def run(self):
    with self.screen.step("Break something"):
        {step}

steps.Demo.run = run
main()
"""


def demo(step: str, tmp_path: Path, *options: str) -> tuple[int, str]:
    """Exit code and output of a demo whose only step is ``step``."""
    environment = {**os.environ, "PYTHONPATH": str(LIB), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", DEMO.format(step=step), *options],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout


@pytest.mark.parametrize(("options", "way"), [((), "the pallet"), (("--network",), "the statement store")])
def test_it_says_what_it_runs_on(options: tuple[str, ...], way: str, tmp_path: Path) -> None:
    code, out = demo("self.screen.say(self.on.carries)", tmp_path, *options)
    assert code == 0
    assert f"   {way}\n" in out


@pytest.fixture
def short_path() -> Iterator[Path]:
    """Sockets live in the homes, and their paths have a limit, which those of pytest may exceed."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("raise ConnectionRefusedError(111, 'nobody there')", "nobody there"),
        ("await self.alice.stardust('login')", r"stardust login (as alice): The daemon is not running."),
        ("await self.bob.stardust('contact', 'add', 'stardust:invite:x')", "stardust contact add (as bob): "),
    ],
)
def test_a_step_that_fails_is_named_with_its_reason(step: str, reason: str, short_path: Path) -> None:
    code, out = demo(step, short_path)
    assert code == 1
    assert "Step 1 (Break something) did not work:" in out
    assert reason in out
    assert '{"error"' not in out
    (kept,) = re.findall(r"(\S+/failure\.log)", out)
    assert "Traceback" in Path(kept).read_text()


def test_only_logs_are_named_as_such(short_path: Path) -> None:
    step = (
        "import pathlib; "
        "logs = ['ipfs.log', 'alice/log/daemon.log', 'network/v1/log']; "
        "journals = ['ipfs/datastore/000001.log', 'network/v1/chains/db/full/000007.log']; "
        "files = [self.folder / name for name in logs + journals]; "
        "[file.parent.mkdir(parents=True, exist_ok=True) for file in files]; "
        "[file.write_text('') for file in files]; "
        "raise ConnectionRefusedError(111, 'nobody there')"
    )
    _, out = demo(step, short_path)
    lines = out.split("is kept:")[1].split()
    assert sorted("/".join(Path(line).relative_to(short_path).parts[1:]) for line in lines) == [
        "alice/log/daemon.log",
        "failure.log",
        "ipfs.log",
        "network/v1/log",
    ]


def test_a_command_that_does_not_end_is_ended(tmp_path: Path) -> None:
    sleep = tmp_path / "stardust"
    sleep.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n")
    sleep.chmod(0o755)
    step = f"person.STARDUST, person.COMMAND_S = {str(sleep)!r}, 1.0; await self.alice.stardust('login')"
    code, out = demo(step, tmp_path)
    assert code == 1
    assert "stardust login (as alice) did not end within" in out
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_an_interrupted_demo_leaves_nothing(tmp_path: Path) -> None:
    interrupt = f"import os; os.kill(os.getpid(), {int(signal.SIGINT)}); await asyncio.sleep(60)"
    code, out = demo(interrupt, tmp_path)
    assert code == 130
    assert "stopped" in out
    assert [path for path in tmp_path.iterdir() if path.name.startswith("stardust-")] == []
