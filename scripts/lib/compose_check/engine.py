"""podman and podman-compose, in a storage of their own, so that what runs here already is not touched."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonrpc
from children import ROOT, PartFailedError

PROJECT = "stardust-check"


class Engine:
    """The containers of one project. ``folder`` takes logs; ``settings`` are what .env would say."""

    def __init__(self, folder: Path, compose: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self._compose = compose
        self._env = {**os.environ, **settings}

    def compose(self, *arguments: str) -> None:
        """``docker compose ARGUMENTS`` with both profiles."""
        log = self.folder / "compose.log"
        with log.open("ab") as out:
            done = subprocess.run(
                [
                    *(str(self._compose), "--project-name", PROJECT),
                    *("--profile", "tls", "--profile", "monitoring"),
                    *arguments,
                ],
                cwd=ROOT,
                env=self._env,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        if done.returncode:
            last = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise PartFailedError(f"compose {' '.join(arguments)} failed:\n{last}")

    def podman(self, *arguments: str, data: bytes | None = None) -> bytes:
        """Output of ``podman ARGUMENTS``."""
        done = subprocess.run(["podman", *arguments], env=self._env, input=data, capture_output=True)
        if done.returncode:
            raise PartFailedError(
                f"podman {' '.join(arguments)} failed: {done.stderr.decode(errors='replace').strip()}"
            )
        return done.stdout

    def name(self, service: str) -> str:
        """Of the service's container."""
        return f"{PROJECT}_{service}_1"

    def execute(self, service: str, *command: str, data: bytes | None = None) -> bytes:
        """Output of a command in the service's container."""
        flags = ("--interactive",) if data is not None else ()
        return self.podman("exec", *flags, self.name(service), *command, data=data)

    def healthy(self, service: str) -> bool:
        """Its health check, run now: podman leaves it to systemd timers, which are not everywhere."""
        done = subprocess.run(
            ["podman", "healthcheck", "run", self.name(service)], env=self._env, capture_output=True
        )
        return done.returncode == 0

    def memory(self) -> dict[str, int]:
        """Service → bytes in use."""
        rows = json.loads(self.podman("stats", "--no-stream", "--no-reset", "--format", "json"))
        return {
            row["name"].removeprefix(f"{PROJECT}_").removesuffix("_1"): _bytes(row["mem_usage"])
            for row in rows
        }

    def image_sizes(self) -> dict[str, int]:
        rows = json.loads(self.podman("images", "--format", "json"))
        return {name.rpartition("/")[2]: row["Size"] for row in rows for name in row.get("Names") or ()}

    def left(self) -> list[str]:
        """What stands after all was removed: nothing, that is."""
        kinds = {
            "container": ("ps", "--all", "--format", "{{.Names}}"),
            "volume": ("volume", "ls", "--format", "{{.Name}}"),
            "network": ("network", "ls", "--format", "{{.Name}}"),
        }
        found = [(kind, name) for kind, ask in kinds.items() for name in self.podman(*ask).decode().split()]
        return [f"{kind} {name}" for kind, name in found if (kind, name) != ("network", "podman")]


def _bytes(usage: str) -> int:
    """``18.64MB / 25.28GB`` → 18,640,000."""
    used = usage.partition(" ")[0]
    for unit, factor in {"kB": 10**3, "MB": 10**6, "GB": 10**9, "B": 1}.items():
        if used.endswith(unit):
            return int(float(used.removesuffix(unit)) * factor)
    raise PartFailedError(f"podman says {usage!r}")


class Chain:
    """The chain as the published RPC port shows it."""

    def __init__(self, port: int) -> None:
        self._port = port

    def ask(self, method: str, *params: object) -> Any:
        return jsonrpc.ask(self._port, method, *params)

    def best(self) -> int:
        return int(self.ask("chain_getHeader")["number"], 16)

    def finalized(self) -> int:
        return int(self.ask("chain_getHeader", self.ask("chain_getFinalizedHead"))["number"], 16)

    def goes_on(self, blocks: int = 5) -> None:
        """Until blocks that nobody has made yet are final."""
        jsonrpc.until(lambda: self.best() > 0, "the RPC node to answer")
        goal = self.best() + blocks
        jsonrpc.until(lambda: self.finalized() >= goal, f"block {goal} to be final")
