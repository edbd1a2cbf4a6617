"""up --foreground: the process of the command is the daemon, and is stopped by Ctrl-C at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stardust.cli.exits import Exit
from stardust.daemon import setup
from stardust.daemon.home import Home
from tests.unit.cli.conftest import Stardust

CTRL_C_AT = """
import os, signal, sys

class At:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, At())
from stardust.cli.main import main
main(["up", "--foreground"])
"""


@pytest.fixture
def account(tmp_path: Path) -> Path:
    """A home without a passphrase, whose chain is away."""
    return setup.create_account(tmp_path / "home", "", nodes=["ws://127.0.0.1:1"]).home


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "STARDUST_HOME": str(home)}


@pytest.mark.parametrize(
    "module", ["stardust.daemon.running", "stardust.daemon.app", "stardust.link.aiortc_engine"]
)
def test_ctrl_c_while_it_starts_is_a_word_and_its_exit_code(account: Path, module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CTRL_C_AT, module], capture_output=True, text=True, env=environment(account)
    )
    assert (done.returncode, done.stdout, done.stderr.strip()) == (Exit.INTERRUPTED, "", "error: Stopped.")
    with Home.at(account).locked():  # nobody holds it any more
        pass


def test_it_says_when_it_is_ready_and_ctrl_c_then_ends_it_well(account: Path) -> None:
    command = [sys.executable, "-m", "stardust.cli.main", "up", "--foreground"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(account)
    ) as child:
        assert child.stdout is not None
        assert "ready" in child.stdout.readline()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate()
    assert (child.returncode, err) == (Exit.OK, "")
    assert "stopped" in out


@pytest.mark.parametrize("how", [[], ["--foreground"]], ids=["background", "foreground"])
def test_what_prevents_the_start_is_told_alike_both_ways(
    how: list[str], account: Path, stardust: Stardust
) -> None:
    (account / "device.keys").write_bytes(b"STARKEYS")
    ran = stardust("up", *how, "--json", "--home", str(account))
    assert ran.code == Exit.LOCAL
    assert ran.json["error"]["code"] == "vault_damaged"
    assert json.loads(stardust("down", "--json", "--home", str(account)).out) == {"stopped": False}
