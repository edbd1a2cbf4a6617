"""The file that says which chain it is: a raw chain spec with boot nodes (sc-chain-spec, raw JSON)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from stardust.chain.errors import ChainSpecError
from stardust.chain.port import FOR_TESTS

MAX_SPEC: Final = 16 * 1024 * 1024
"""Bytes. A spec is little more than its runtime in hex."""
MAX_BOOT_NODES: Final = 64
MAX_KIND: Final = 64
CODE_KEY: Final = "0x3a636f6465"
"""``:code``: the runtime, without which the full genesis is not there."""

# What smoldot's own transport opens: TCP, or WebSocket without TLS (its sessions are encrypted anyway).
_DIALABLE: Final = re.compile(
    r"/(?:ip4|ip6|dns|dns4|dns6)/(?P<host>[^/]{1,253})/tcp/(?P<port>\d{1,5})(?:/ws)?/p2p/[1-9A-HJ-NP-Za-km-z]{20,128}"
)


@dataclass(frozen=True, slots=True)
class BootNode:
    """Where a node of the network can be found first."""

    address: str
    """Multiaddress."""
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ChainSpec:
    """``text`` is the spec as JSON in one line."""

    path: Path
    name: str
    boot_nodes: tuple[BootNode, ...]
    text: str
    kind: str = "Live"
    """The chain's type: ``Development``, ``Local``, ``Live`` or one of the network's own."""

    @property
    def live(self) -> bool:
        """It is no chain for development or for one machine."""
        return self.kind not in FOR_TESTS


class _Raw(msgspec.Struct):
    top: dict[str, str]


class _Genesis(msgspec.Struct):
    raw: _Raw | None = None


class _Spec(msgspec.Struct, rename="camel"):
    name: Annotated[str, msgspec.Meta(max_length=256)]
    genesis: _Genesis
    boot_nodes: Annotated[
        list[Annotated[str, msgspec.Meta(max_length=512)]], msgspec.Meta(max_length=MAX_BOOT_NODES)
    ] = []
    chain_type: Any = "Live"


def read_spec(path: Path) -> ChainSpec:
    """``ChainSpecError`` names what is wrong with the file. A spec without boot nodes is one."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SPEC + 1)
    except OSError as error:
        raise ChainSpecError(f"The chain spec {path} cannot be read: {error.strerror}.") from None
    if len(data) > MAX_SPEC:
        raise ChainSpecError(f"The chain spec {path} is larger than {MAX_SPEC // 1024 // 1024} MiB.")
    return parse_spec(path, data)


def parse_spec(path: Path, data: bytes) -> ChainSpec:
    """``data``: the content of the file at ``path``."""
    try:
        whole: dict[str, Any] = msgspec.json.decode(data, type=dict[str, Any])
        spec = msgspec.convert(whole, _Spec)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ChainSpecError(f"{path} is no chain spec: {error}.") from None
    if spec.genesis.raw is None or CODE_KEY not in spec.genesis.raw.top:
        raise ChainSpecError(
            f"The chain spec {path} has no full raw genesis.", hint="the network's operator has the raw spec"
        )
    boot = tuple(node for address in spec.boot_nodes if (node := _boot_node(address)) is not None)
    if spec.boot_nodes and not boot:
        raise ChainSpecError(
            f"The light client can open none of the boot nodes in {path}.",
            hint="it needs addresses like /dns/HOST/tcp/PORT/p2p/ID or …/tcp/PORT/ws/p2p/ID",
        )
    # Whom the operator's nodes report to is not for clients.
    whole.pop("telemetryEndpoints", None)
    return ChainSpec(
        path, spec.name, boot, msgspec.json.encode(whole).decode(), str(spec.chain_type)[:MAX_KIND]
    )


def _boot_node(address: str) -> BootNode | None:
    found = _DIALABLE.fullmatch(address)
    if found is None or not 0 < int(found["port"]) < 65536:
        return None
    return BootNode(address, found["host"], int(found["port"]))
