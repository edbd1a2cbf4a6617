"""Another runtime for a running network: root authorizes its hash, anybody brings the code."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from children import PartFailedError
from network.onchain import OnChain
from network.spec import compressed
from stardust.identity.accounts import AccountKey

MAX_WASM: Final = 16 * 1024 * 1024


def read_code(path: Path) -> bytes:
    """The Wasm of ``scripts/build-runtime`` as it goes on chain: compressed. The same bytes give the same
    code with the same version of the compressing library, so everybody can check the hash."""
    wasm = path.read_bytes() if path.stat().st_size <= MAX_WASM else b""
    if not wasm.startswith(b"\0asm"):
        raise PartFailedError(f"{path} is no Wasm of at most {MAX_WASM // 1024**2} MiB")
    return compressed(wasm)


def hash_of(code: bytes) -> str:
    """What root authorizes: blake2-256, hex."""
    return f"0x{blake2b(code, digest_size=32).hexdigest()}"


class Upgrades(OnChain):
    """The runtime of the network that the node at ``url`` belongs to."""

    def version(self) -> int:
        """``spec_version`` of the newest block."""
        version: dict[str, Any] = self.ask("state_getRuntimeVersion")
        return int(version["specVersion"])

    def authorized(self) -> str | None:
        """The hash of the code that root wants next."""
        waiting = self.chain.query("System", "AuthorizedUpgrade").value
        return None if waiting is None else str(waiting["code_hash"])

    def migrating(self) -> bool:
        """Whether storage is being migrated; no call gets into a block meanwhile."""
        return self.chain.query("Migrations", "Cursor").value is not None

    def authorize(self, root: AccountKey, code_hash: str) -> None:
        """Root's part, which is small: the code is not in it."""
        self.as_root(root, "System", "authorize_upgrade", {"code_hash": code_hash})

    def apply(self, code: bytes) -> None:
        """Brings the authorized code; needs no key and costs nothing. Every node runs it from the next
        block on. ``PartFailedError`` when it is not what root authorized, or no newer version."""
        wanted, here = self.authorized(), hash_of(code)
        if wanted != here:
            raise PartFailedError(
                f"root has authorized {wanted or 'nothing'}, and this code is {here}: `authorize` comes first"
            )
        if self.migrating():
            raise PartFailedError("the last upgrade still migrates storage: wait until that is through")
        events = self.send(None, self.call("System", "apply_authorized_upgrade", {"code": f"0x{code.hex()}"}))
        if not any(event.value["event_id"] == "CodeUpdated" for event in events):
            raise PartFailedError("the chain did not take it: it is another chain's, or no newer version")
