"""The IPFS node beside the daemons, as a child process."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from pathlib import Path

import httpx

from children import ROOT, PartFailedError, Process, free_port


class IpfsNode:
    """A private kubo node: no bootstrap, no discovery, loopback only."""

    def __init__(self, binary: str, folder: Path, port: int | None = None) -> None:
        self.binary = binary
        port = port or free_port()
        self.api = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._env = {"IPFS_PATH": str(folder / "ipfs"), "LIBP2P_FORCE_PNET": "0"}
        self._ipfs("init", "--profile=test", "--empty-repo")
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


class IpfsSearch:
    """Finds an ``ipfs`` binary and starts a node of it, or builds one when there is none but Go is there.
    That takes minutes, in which everything else can go on: the node's address is known from the start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._script = Process([str(ROOT / "scripts" / "get-kubo")], folder / "get-kubo.log")
        self.node: IpfsNode | None = None

    @property
    def api(self) -> str | None:
        """Where the node is or will be; None when there will be none."""
        return f"http://127.0.0.1:{self._port}" if self.node or self.building else None

    @property
    def building(self) -> bool:
        return self._script.running()

    async def wait(self, limit_s: float) -> str | None:
        """The version of the node that answers; None when there is none, or not after that time."""
        try:
            await asyncio.to_thread(self._script.child.wait, limit_s)
        except subprocess.TimeoutExpired:
            return None
        if self.node is None and self._script.child.returncode == 0:
            binary = self._script.log.read_text().splitlines()[-1]
            self.node = await asyncio.to_thread(IpfsNode, binary, self._folder, self._port)
        return await asyncio.to_thread(self.node.wait) if self.node else None

    def stop(self) -> None:
        self._script.stop()
        if self.node is not None:
            self.node.stop()
