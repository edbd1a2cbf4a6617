"""The IPFS node beside the daemons, as a child process."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import httpx

from children import ROOT, PartFailedError, Process, free_port


class IpfsNode:
    """A private kubo node: no bootstrap, no discovery, loopback only."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.binary = binary
        self.api = f"http://127.0.0.1:{free_port()}"
        self._folder = folder
        self._env = {"IPFS_PATH": str(folder / "ipfs"), "LIBP2P_FORCE_PNET": "0"}
        self._ipfs("init", "--profile=test", "--empty-repo")
        port = self.api.rsplit(":", 1)[1]
        for key, value in {
            "Addresses.API": json.dumps(f"/ip4/127.0.0.1/tcp/{port}"),
            "Addresses.Gateway": json.dumps([]),
            "Addresses.Swarm": json.dumps([]),
            "Bootstrap": json.dumps([]),
            "AutoConf.Enabled": "false",
            "Routing": json.dumps({"Type": "none"}),
        }.items():
            self._ipfs("config", "--json", key, value)
        self.process = Process([binary, "daemon", "--offline"], folder / "ipfs.log", self._env)

    def _ipfs(self, *arguments: str) -> None:
        done = subprocess.run(
            [self.binary, *arguments], env={**os.environ, **self._env}, capture_output=True, text=True
        )
        if done.returncode:
            raise PartFailedError(f"ipfs {arguments[0]} failed: {done.stderr.strip()}")

    def wait(self) -> str:
        """Until it answers; its version."""
        deadline = time.monotonic() + 30
        while True:
            self.process.check()
            try:
                version: str = httpx.post(f"{self.api}/api/v0/version", timeout=5, trust_env=False).json()[
                    "Version"
                ]
                return version
            except httpx.HTTPError:
                if time.monotonic() > deadline:
                    raise PartFailedError("the IPFS node did not start in time") from None
                time.sleep(0.1)

    def stop(self) -> None:
        self.process.stop()


def find_ipfs() -> str | None:
    """Path of an ``ipfs`` binary (found, or built when Go is there); None when neither is possible."""
    found = subprocess.run([str(ROOT / "scripts" / "get-kubo")], stdout=subprocess.PIPE, text=True)
    return found.stdout.strip().splitlines()[-1] if found.returncode == 0 else None
