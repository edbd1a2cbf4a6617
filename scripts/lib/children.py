"""What the scripts start and end: child processes, free ports, where the repository is."""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from types import FrameType
from typing import IO, Final

ROOT = Path(__file__).resolve().parents[2]
PORTS: Final = range(20_000, 32_768)
"""Below those that Linux gives to outgoing connections: none of them takes one that was found free."""
PR_SET_PDEATHSIG: Final = 1
END_S = 20.0
"""How long a child may take to end itself."""


ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class PartFailedError(Exception):
    """A real part did not do what it should."""


class Stopped(BaseException):
    """Somebody wants it to end."""


def on_signal(_number: int, _frame: FrameType | None) -> None:
    """For each of ``ENDS``. Only the first is heard: what cleans up is not to be interrupted."""
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def free_port(besides: Collection[int] = ()) -> int:
    """A port on loopback that nobody uses now, neither by TCP nor by UDP, and none of ``besides``."""
    for port in random.sample(PORTS, min(100, len(PORTS))):
        if port in besides:
            continue
        try:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return port
    raise PartFailedError("no free port was found on this machine")


def check_port(port: int, remedy: str) -> None:
    """``PartFailedError`` when nothing can listen on this TCP port of loopback; ``remedy``: what to do."""
    with socket.socket() as probe:
        # As servers do: connections that were closed a moment ago do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is taken by another program" if taken else f"cannot be used ({error.strerror})"
            raise PartFailedError(f"port {port} {why}; {remedy}") from None


def _ending_with(parent: int) -> None:
    """In a child before its program begins: SIGTERM comes when the parent's thread ends, however it does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)


class Process:
    """A child in a process group of its own, so that all of it can be ended. ``log`` grows.

    ``with_parent``: on Linux it ends also when this process is killed. For processes of one thread only."""

    def __init__(
        self,
        command: list[str],
        log: Path,
        env: Mapping[str, str] | None = None,
        *,
        with_parent: bool = False,
    ) -> None:
        self._program = command[0]
        self._log: IO[bytes] = log.open("ab")
        self.log = log
        self.child = subprocess.Popen(
            command,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(env or {})},
            start_new_session=True,
            preexec_fn=functools.partial(_ending_with, os.getpid()) if with_parent else None,
        )

    def running(self) -> bool:
        return self.child.poll() is None

    def check(self) -> None:
        """Raises when it ended by itself."""
        if not self.running():
            last = self.log.read_text(errors="replace").splitlines()[-15:]
            ended = f"{Path(self._program).name} ended by itself with code {self.child.returncode}"
            raise PartFailedError("\n".join((f"{ended}; {self.log} ends with:", *last)))

    def send(self, number: signal.Signals) -> None:
        """A signal to all of it, if it still runs."""
        if self.running():
            os.killpg(self.child.pid, number)

    def stop(self) -> None:
        self.send(signal.SIGTERM)
        # One that was paused has to wake up to hear it.
        self.send(signal.SIGCONT)
        try:
            self.child.wait(END_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._log.close()

    def kill(self) -> None:
        """SIGKILL, as a power cut would do it; returns when it is gone."""
        self.send(signal.SIGKILL)
        self.child.wait()
        self._log.close()
