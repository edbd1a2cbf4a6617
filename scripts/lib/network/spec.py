"""Raw chain specs as a local network needs them: who the validators are, where the peers are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import zstandard

from children import ROOT, PartFailedError
from stardust.identity.accounts import AccountKey
from stardust.identity.records import Scheme

Spec = dict[str, Any]
LOCAL: Final = ROOT / "chain-spec" / "local.json"
COMPRESSED: Final = bytes([82, 188, 83, 118, 70, 219, 142, 5])
"""sp-maybe-compressed-blob: what follows is zstd."""
NAMES: Final = ("alice", "bob", "charlie", "dave", "eve", "ferdie")
# twox128 of the pallet ++ twox128("Authorities")
AURA_AUTHORITIES: Final = "0x57f8dc2f5ab09467896f47300f0424385e0621c4869aa60c02be9adcc98a0d1d"
GRANDPA_AUTHORITIES: Final = "0x5f9cc45b7a00c5899361e1c6099678dc5e0621c4869aa60c02be9adcc98a0d1d"


@dataclass(frozen=True)
class Validator:
    """Session keys that everybody knows (``//Alice``): for networks on one machine only."""

    name: str

    @property
    def secret(self) -> str:
        return f"//{self.name.capitalize()}"

    def key(self, scheme: Scheme) -> bytes:
        """The public key: sr25519 makes blocks (Aura), ed25519 votes (GRANDPA)."""
        return AccountKey.from_uri(self.secret, scheme=scheme, dev=True).account


def load(path: Path) -> Spec:
    spec: Spec = json.loads(path.read_bytes())
    return spec


def validators(spec: Spec) -> tuple[Validator, ...]:
    """Whose keys make blocks in this spec; all of them have to be well-known."""
    known = {Validator(name).key(Scheme.SR25519): Validator(name) for name in NAMES}
    # A SCALE vector of fewer than 64 keys: one byte of length, then 32 bytes each.
    keys = bytes.fromhex(spec["genesis"]["raw"]["top"][AURA_AUTHORITIES][4:])
    found = [known.get(keys[at : at + 32]) for at in range(0, len(keys), 32)]
    if None in found:
        raise PartFailedError("the chain spec has validators whose keys are not the well-known ones")
    return tuple(validator for validator in found if validator is not None)


def with_validators(spec: Spec, count: int) -> Spec:
    """The same chain with the first ``count`` well-known validators, until its first session ends, at
    which the runtime names those of its genesis state again: another genesis."""
    chosen = [Validator(name) for name in NAMES[:count]]
    length = bytes([count << 2])
    weight = (1).to_bytes(8, "little")
    aura = length + b"".join(one.key(Scheme.SR25519) for one in chosen)
    grandpa = length + b"".join(one.key(Scheme.ED25519) + weight for one in chosen)
    keys = {AURA_AUTHORITIES: f"0x{aura.hex()}", GRANDPA_AUTHORITIES: f"0x{grandpa.hex()}"}
    raw = spec["genesis"]["raw"]
    return {**spec, "genesis": {"raw": {**raw, "top": {**raw["top"], **keys}}}}


def with_boot_nodes(spec: Spec, addresses: Sequence[str]) -> Spec:
    """The same chain, and where its peers are: what a light client starts from."""
    return {**spec, "bootNodes": list(addresses)}


def compressed(wasm: bytes) -> bytes:
    """A Wasm as it stands under ``:code``."""
    return COMPRESSED + zstandard.ZstdCompressor(level=19).compress(wasm)


def write(spec: Spec, path: Path) -> Path:
    path.write_text(json.dumps(spec, indent=1) + "\n")
    return path
