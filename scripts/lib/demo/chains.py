"""What the demo runs on: the dev chain, or a network of real nodes."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import jsonrpc
from children import ROOT, PartFailedError, Process, free_port
from network import spec
from network.genesis import CODE, Times, with_times
from network.local import RPC, Network

START_LIMIT_S = 180.0
SLOT_MILLIS: Final = 2_000
"""Of the network's blocks here; three times as long where genesis does not say it."""
DEV_SPEC: Final = ROOT / "chain-spec" / "dev.json"


class Chain(Protocol):
    """A chain that this run started."""

    url: str
    """WebSocket address of a node that has all blocks and their states."""
    carries: str
    """What carries signals between people."""
    by_statements: bool
    """Whether that is the statement store; else it is the pallet."""
    done: str
    """When a call is done for a person's daemon."""

    def wait(self) -> str:
        """Until it serves; a sentence that says what it is."""
        ...

    def options(self) -> list[str]:
        """How ``stardust init`` is told of it."""
        ...

    def stop(self) -> None: ...


class DevChain:
    """The chain of ``chain-spec/dev.json`` on a free port."""

    carries = "the pallet"
    by_statements = False
    done = "in a block"

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}"
        self.process = Process(
            [str(ROOT / "scripts" / "devchain"), "--port", str(self.port)], folder / "chain.log"
        )

    def wait(self) -> str:
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            self.process.check()
            try:
                jsonrpc.ask(self.port, "system_health")
                return f"dev chain: {_runs(self.port, DEV_SPEC)} at {self.url}"
            except jsonrpc.NoAnswerError:
                if time.monotonic() > deadline:
                    raise PartFailedError("the dev chain did not start in time") from None
                time.sleep(0.2)

    def options(self) -> list[str]:
        return ["--node", self.url]

    def stop(self) -> None:
        self.process.stop()


class LocalNetwork:
    """The nodes of ``./scripts/network`` on free ports, with shorter blocks. People are its light
    clients; the RPC node carries their statements and is believed nothing. ``genesis``: keys and values
    of the genesis state that are others than in chain-spec/."""

    carries = "the statement store"
    by_statements = True
    done = "in a final block"

    def __init__(self, folder: Path, genesis: Mapping[str, str] | None = None) -> None:
        chain = with_times(spec.load(spec.LOCAL), Times(slot_millis=SLOT_MILLIS))
        chain["genesis"]["raw"]["top"].update(genesis or {})
        self.network = Network(folder / "network", chain=spec.write(chain, folder / "short-blocks.json"))
        self.url = self.network[RPC].url
        for name in self.network.nodes:
            self.network.start_node(name)

    def wait(self) -> str:
        self.network.wait(self._serves, "the first final block")
        rpc, validators = self.network[RPC], self.network.validators
        return (
            f"network: {_runs(rpc.rpc_port, spec.LOCAL)}\n"
            f"   {len(validators)} validators ({', '.join(validators)}) and the RPC node at {self.url}, "
            f"a block every {SLOT_MILLIS // 1000} s, block {rpc.finalized()} is final"
        )

    def _serves(self) -> bool:
        """Raises when somebody has stopped it meanwhile."""
        if not all(node.running() for node in self.network.nodes.values()):
            raise PartFailedError(f"a node of the network ended; logs: {self.network.folder}/*/log")
        return self.network[RPC].finalized() > 0

    def options(self) -> list[str]:
        return ["--network", str(self.network.light_spec), "--node", self.url]

    def stop(self) -> None:
        self.network.stop()


def _runs(port: int, chain: Path) -> str:
    """Name, version and digest of the runtime at the node, which has to be that of ``chain``."""
    code = spec_code(chain)
    on_chain = str(jsonrpc.ask(port, "state_getStorage", CODE))
    if bytes.fromhex(on_chain[2:]) != code:
        raise PartFailedError(f"the chain does not run the runtime of chain-spec/{chain.name}")
    version: dict[str, Any] = jsonrpc.ask(port, "state_getRuntimeVersion")
    digest = hashlib.blake2b(code, digest_size=32).hexdigest()
    name = f"{version['specName']} {version['specVersion']}"
    return f"{name}, runtime 0x{digest[:16]}… as in chain-spec/{chain.name}"


def spec_code(chain: Path) -> bytes:
    """The runtime in a raw chain spec, as it stands under ``:code``."""
    return bytes.fromhex(json.loads(chain.read_bytes())["genesis"]["raw"]["top"][CODE][2:])
