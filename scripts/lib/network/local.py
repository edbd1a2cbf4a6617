"""Validators and one RPC node on loopback, as one thing that starts and stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jsonrpc import PATIENCE_S
from network import spec
from network.folder import assign
from network.node import Node, build, wait

RPC = "rpc"
"""Name of the node that makes no blocks, keeps all state and answers people's questions."""


@dataclass(frozen=True)
class Addresses:
    """What a program needs to use the network."""

    rpc: str
    """WebSocket address of the RPC node."""
    boot: str
    """Where a peer or light client finds the RPC node."""
    light_spec: str
    """File: the chain spec with the boot addresses of all nodes."""
    genesis: str
    """Hash of block 0, hex."""
    prometheus: dict[str, str]
    """By name of the node."""
    nodes: dict[str, str]
    """WebSocket addresses by name of the node."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Network:
    """One validator for each authority of the spec, and the node ``rpc``. Needs a folder of its own;
    in the folder of an earlier network with the same spec it goes on where that one stopped, on the same
    ports. ``rpc_options``: more of the node's command line, for ``rpc``. ``with_parent`` as for ``Process``.
    """

    def __init__(
        self,
        folder: Path,
        *,
        chain: Path = spec.LOCAL,
        binary: Path | None = None,
        rpc_port: int | None = None,
        p2p_port: int | None = None,
        rpc_options: Sequence[str] = (),
        with_parent: bool = False,
    ) -> None:
        self.folder = folder
        self._with_parent = with_parent
        folder.mkdir(parents=True, exist_ok=True)
        self._spec = spec.load(chain)
        self.chain = spec.write(self._spec, folder / "chain.json")
        self.light_spec = folder / "light.json"
        self.validators = tuple(one.name for one in spec.validators(self._spec))
        binary = binary or build()
        chosen = {"rpc": rpc_port, "p2p": p2p_port}
        ports = assign(
            folder,
            (RPC, *self.validators),
            {RPC: {kind: port for kind, port in chosen.items() if port is not None}},
        )
        self.nodes: dict[str, Node] = {
            one.name: Node(
                one.name, binary, self.chain, folder / one.name, validator=one, ports=ports[one.name]
            )
            for one in spec.validators(self._spec)
        }
        self.nodes[RPC] = Node(RPC, binary, self.chain, folder / RPC, ports=ports[RPC], options=rpc_options)
        boot = [self.nodes[name].boot_address for name in (RPC, *self.validators)]
        spec.write(spec.with_boot_nodes(self._spec, boot), self.light_spec)

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    def start(self) -> None:
        """Starts all; returns when the RPC node has seen a block finalized."""
        for name in self.nodes:
            self.start_node(name)
        self.wait(lambda: self[RPC].finalized() > 0, "the first finalized block")

    def start_node(self, name: str) -> None:
        """Starts one, also after ``kill`` or ``stop_node``; does not wait for it."""
        others = [node.boot_address for other, node in self.nodes.items() if other != name]
        self[name].start(others, with_parent=self._with_parent)

    def wait_for_finality(self) -> None:
        """Until the block that is the best now is final for every node."""
        best = max(node.best() for node in self.nodes.values() if node.answers())
        self.wait_each(lambda node: node.finalized() >= best, f"block {best} to be final")

    def wait_each(self, holds: Callable[[Node], bool], what: str) -> None:
        """Until it holds for every node."""
        self.wait(lambda: all(holds(node) for node in self.nodes.values()), f"{what} for every node")

    def wait(self, holds: Callable[[], bool], what: str, limit: float = PATIENCE_S) -> None:
        """Until it holds; a node that does not answer counts as "not yet"."""
        wait(self.nodes.values(), holds, what, limit)

    def addresses(self) -> Addresses:
        rpc = self[RPC]
        return Addresses(
            rpc=rpc.url,
            boot=rpc.boot_address,
            light_spec=str(self.light_spec),
            genesis=str(rpc.ask("chain_getBlockHash", 0)),
            prometheus={name: node.metrics for name, node in self.nodes.items()},
            nodes={name: node.url for name, node in self.nodes.items()},
        )

    def stop(self) -> None:
        """Ends all nodes; each has some seconds to close its database."""
        for node in self.nodes.values():
            node.ask_to_end()
        for node in self.nodes.values():
            node.stop()
