"""A dev chain (scripts/devchain) as a child process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from children import free_port

ROOT = Path(__file__).parents[2]
START_WITHIN = 120.0


class DevChain:
    """``url`` answers after ``wait``; ``stop`` and ``start``: a node that restarts with an empty chain.
    ``other``: another chain, of another genesis, where the packages are installed already."""

    def __init__(self, log: Path, *, other: bool = False) -> None:
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}"
        self._log = log
        self._folder = ROOT / "scripts" / "lib" / "devchain"
        self._command = [str(ROOT / "scripts" / "devchain"), "--port", str(self.port)]
        if other:
            self._command = ["node", "devchain.mjs", str(ROOT / "chain-spec" / "local.json"), str(self.port)]
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> None:
        deadline = time.monotonic() + START_WITHIN
        while True:
            assert self._process.poll() is None, self._log.read_text(errors="replace")
            assert time.monotonic() < deadline, "the dev chain did not start"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)

    def freeze(self) -> None:
        """It stops answering, as if the network were gone; ``thaw`` ends that."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
