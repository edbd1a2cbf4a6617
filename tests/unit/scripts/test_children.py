"""Child processes of the scripts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from children import ROOT
from jsonrpc import until

PARENT = """
import sys, time
from pathlib import Path
from children import Process
child = Process(["sleep", "600"], Path(sys.argv[1]), with_parent=True)
print(child.child.pid, flush=True)
time.sleep(600)
"""


def runs(process: psutil.Process) -> bool:
    """Not when nobody was there to ask how it ended."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell a child")
def test_a_child_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts" / "lib")},
    )
    try:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert runs(child)
        parent.send_signal(signal.SIGKILL)
        until(lambda: not runs(child), "the child to end", 10)
    finally:
        parent.kill()
        parent.wait()
