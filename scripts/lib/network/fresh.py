"""The folder of a new network: what is public, what goes to which machine, what is kept offline."""

from __future__ import annotations

import ipaddress
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from children import PartFailedError
from network import genesis, spec
from network.keys import KeyTool, SecretKey, ValidatorKeys, write_secret

P2P_PORT: Final = 30333
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Place:
    """Where peers reach a node."""

    host: str
    port: int = P2P_PORT

    @classmethod
    def parse(cls, text: str) -> Place:
        """``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``; ``ValueError`` for anything else."""
        found = re.fullmatch(r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>\d{1,5}))?", text)
        if found is None:
            raise ValueError(text)
        host = found["host"] or str(ipaddress.IPv6Address(found["six"]))
        port = int(found["port"] or P2P_PORT)
        if not 0 < port < 65536 or (found["host"] and not _HOST.fullmatch(host)):
            raise ValueError(text)
        return cls(host, port)

    def address(self, peer: str) -> str:
        """The multiaddress of the node with this peer id."""
        try:
            kind = f"ip{ipaddress.ip_address(self.host).version}"
        except ValueError:
            kind = "dns"
        return f"/{kind}/{self.host}/tcp/{self.port}/p2p/{peer}"


@dataclass(frozen=True)
class RpcPlace:
    """A node that people use: where the other nodes reach it, and where people do."""

    inside: Place
    outside: Place

    @classmethod
    def parse(cls, text: str) -> RpcPlace:
        """``PLACE`` or ``PLACE=PLACE``; ``ValueError`` for anything else."""
        inside, _, outside = text.partition("=")
        return cls(Place.parse(inside), Place.parse(outside or inside))


@dataclass(frozen=True)
class Plan:
    """What the operator wants. ``name`` and ``identity`` are told to everybody."""

    name: str
    identity: str
    validators: Sequence[Place]
    rpc: Sequence[RpcPlace]
    times: genesis.Times

    @property
    def head(self) -> dict[str, str]:
        return {
            "name": self.name,
            "id": self.identity,
            "protocolId": self.identity,
            "chainType": "Live",
        }


@dataclass(frozen=True)
class Made:
    """What stands in the folder now, by its parts."""

    folder: Path
    validators: dict[str, str]
    """Name → address of the account."""
    peers: dict[str, str]
    """Name of the node → peer id."""
    root: str

    @property
    def chain(self) -> Path:
        return self.folder / "public" / "chain.json"


def make(folder: Path, plan: Plan, binary: Path) -> Made:
    """Everything of a new network. An attempt that did not come to its end is begun anew."""
    if (folder / "public" / "chain.json").exists():
        raise PartFailedError(f"{folder} holds a network already; its keys are not made twice")
    root = SecretKey.fresh()
    validators = {f"validator-{number + 1}": ValidatorKeys.fresh() for number in range(len(plan.validators))}
    patch = genesis.state(list(validators.values()), root.address)
    chain = genesis.raw_spec(binary, plan.head, patch, plan.times)
    public, offline = _folder(folder / "public", 0o755), _folder(folder / "offline", 0o700)
    draft = spec.write(chain, public / "draft.json")
    tool = KeyTool(binary)
    peers: dict[str, str] = {}
    for name in (*validators, *(f"rpc-{number + 1}" for number in range(len(plan.rpc)))):
        peers[name] = _node(_folder(folder / name, 0o700), draft, validators.get(name), tool)
    for name, keys in validators.items():
        write_secret(offline / f"{name}.phrase", keys.account.phrase)
    write_secret(offline / "root.phrase", root.phrase)
    _specs(public, chain, plan, peers)
    draft.unlink()
    accounts = {name: keys.account.address for name, keys in validators.items()}
    return Made(folder, accounts, peers, root.address)


def _node(home: Path, chain: Path, keys: ValidatorKeys | None, tool: KeyTool) -> str:
    """Keys of one machine; its peer id."""
    if keys is not None:
        keystore = home / "keystore"
        shutil.rmtree(keystore, ignore_errors=True)
        tool.insert(_folder(keystore, 0o700), chain, keys)
    node_key = home / "node-key"
    node_key.unlink(missing_ok=True)
    return tool.node_key(node_key, chain)


def _specs(public: Path, chain: spec.Spec, plan: Plan, peers: dict[str, str]) -> None:
    """The same chain twice: validators stay unknown to the people who use it."""
    inside = [place.address(peers[f"validator-{n + 1}"]) for n, place in enumerate(plan.validators)]
    inside += [place.inside.address(peers[f"rpc-{n + 1}"]) for n, place in enumerate(plan.rpc)]
    outside = [place.outside.address(peers[f"rpc-{n + 1}"]) for n, place in enumerate(plan.rpc)]
    spec.write(spec.with_boot_nodes(chain, outside), public / "light.json")
    # Last: where it stands, everything else does.
    finished = spec.write(spec.with_boot_nodes(chain, inside), public / "chain.new")
    finished.rename(public / "chain.json")


def _folder(path: Path, mode: int) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)
    return path
