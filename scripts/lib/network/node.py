"""One node as a child process: its folder, its keys, its ports, its end."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import jsonrpc
from children import ROOT, PartFailedError, Process, free_port
from network.folder import Ports
from network.spec import Validator

KEYS = {"aura": "sr25519", "gran": "ed25519"}


def build() -> Path:
    """The node's binary, built when it was not yet."""
    done = subprocess.run([str(ROOT / "scripts" / "build-node")], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise PartFailedError("there is no node to run: ./scripts/build-node failed")
    return Path(done.stdout.strip().splitlines()[-1])


class Node:
    """Keeps folder, keys and ports over ``kill`` and ``start``: the same peer to the others."""

    def __init__(
        self,
        name: str,
        binary: Path,
        spec: Path,
        folder: Path,
        *,
        validator: Validator | None = None,
        ports: Ports | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """``ports``: else free ones. ``options``: more of the command line of ``stardust-node``."""
        self.name = name
        ports = ports or Ports(free_port(), free_port(), free_port())
        self.rpc_port, self.p2p_port, self.prometheus_port = ports.rpc, ports.p2p, ports.prometheus
        self.folder = folder
        self.log = folder / "log"
        self._binary = binary
        self._spec = spec
        self._validator = validator
        self._options = tuple(options)
        self._process: Process | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.peer_id = self._identity()
        self._insert_keys()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.rpc_port}"

    @property
    def boot_address(self) -> str:
        return f"/ip4/127.0.0.1/tcp/{self.p2p_port}/p2p/{self.peer_id}"

    @property
    def metrics(self) -> str:
        return f"http://127.0.0.1:{self.prometheus_port}/metrics"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise PartFailedError(f"{self.name} is not running")
        return self._process.child.pid

    def _identity(self) -> str:
        """The node key, made once; the peer id that follows from it."""
        key = str(self.folder / "node-key")
        if not Path(key).exists():
            self._tool("generate-node-key", "--chain", str(self._spec), "--file", key)
        return self._tool("inspect-node-key", "--file", key).strip()

    def _insert_keys(self) -> None:
        for kind, scheme in KEYS.items() if self._validator else ():
            assert self._validator is not None
            where = ["--base-path", str(self.folder), "--chain", str(self._spec)]
            what = ["--key-type", kind, "--scheme", scheme, "--suri", self._validator.secret]
            self._tool("insert", *where, *what)

    def _tool(self, *arguments: str) -> str:
        """Output of ``stardust-node key …``."""
        done = subprocess.run([str(self._binary), "key", *arguments], capture_output=True, text=True)
        if done.returncode:
            raise PartFailedError(f"stardust-node key {arguments[0]} failed: {done.stderr.strip()}")
        return done.stdout

    def command(self, peers: Sequence[str]) -> list[str]:
        return [
            str(self._binary),
            *("--name", self.name),
            *("--chain", str(self._spec)),
            *("--base-path", str(self.folder)),
            *("--node-key-file", str(self.folder / "node-key")),
            *("--listen-addr", f"/ip4/127.0.0.1/tcp/{self.p2p_port}"),
            *("--rpc-port", str(self.rpc_port)),
            *("--prometheus-port", str(self.prometheus_port)),
            *(("--bootnodes", *peers) if peers else ()),
            # Another network on this machine or in this house may have the same genesis.
            "--no-mdns",
            "--disable-log-color",
            *(("--validator",) if self._validator else ("--state-pruning", "archive")),
            *self._options,
        ]

    def start(self, peers: Sequence[str], *, with_parent: bool = False) -> None:
        """``peers``: boot addresses of the others; ``with_parent`` as for ``Process``."""
        if self.running():
            raise PartFailedError(f"{self.name} is running already")
        self._process = Process(self.command(peers), self.log, with_parent=with_parent)

    def running(self) -> bool:
        return self._process is not None and self._process.running()

    def check(self) -> None:
        """Raises when it ended by itself."""
        if self._process is not None:
            self._process.check()

    def pause(self) -> None:
        """It stops answering without closing anything; ``resume`` ends that."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    def ask_to_end(self) -> None:
        """Without waiting for it; ``stop`` waits."""
        self._send(signal.SIGTERM)

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send(number)

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.stop()

    def kill(self) -> None:
        """SIGKILL, as a power cut would do it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()

    def ask(self, method: str, *params: object) -> Any:
        """The result of one JSON-RPC call; ``NoAnswerError`` while the node does not answer."""
        return jsonrpc.ask(self.rpc_port, method, *params)

    def answers(self) -> bool:
        try:
            self.ask("system_health")
        except jsonrpc.NoAnswerError:
            return False
        return True

    def state(self) -> str:
        """A line on how it is."""
        if not self.running():
            return f"{self.name} is not running"
        try:
            peers, best, final = self.ask("system_health")["peers"], self.best(), self.finalized()
        except jsonrpc.NoAnswerError as error:
            return f"{self.name} does not answer ({error}); log: {self.log}"
        return f"{self.name} has {peers} peers, best block {best}, final {final}; log: {self.log}"

    def best(self) -> int:
        """Number of the best block."""
        return int(self.ask("chain_getHeader")["number"], 16)

    def finalized(self) -> int:
        """Number of the last finalized block."""
        return int(self.ask("chain_getHeader", self.ask("chain_getFinalizedHead"))["number"], 16)


def wait(
    nodes: Iterable[Node], holds: Callable[[], bool], what: str, limit: float = jsonrpc.PATIENCE_S
) -> None:
    """Until it holds, as ``jsonrpc.until``. Raises when one of the nodes ended by itself; after ``limit``
    seconds it says how each of them is."""
    nodes = tuple(nodes)

    def check() -> None:
        for node in nodes:
            node.check()

    def describe() -> str:
        return "".join(f"\n  {node.state()}" for node in nodes)

    jsonrpc.until(holds, what, limit, check=check, describe=describe)
