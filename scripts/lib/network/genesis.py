"""The raw chain spec of a new network, made from the runtime of another one."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from substrateinterface.utils.hasher import xxh128

from children import PartFailedError
from network import spec
from network.keys import ValidatorKeys

CODE: Final = "0x3a636f6465"
"""``:code``: the runtime."""
STAR: Final = 10**12
"""In planck."""
ROOT_OWNS: Final = 1_000_000 * STAR
VALIDATOR_OWNS: Final = 100 * STAR
"""For the fees of a change of keys, some thousand times."""
WORK: Final = 16
"""Difficulty of the proof of work of a registration (docs/chain.md)."""


@dataclass(frozen=True)
class Times:
    """None: the runtime's own, 6,000 ms and 600 blocks."""

    slot_millis: int | None = None
    session_blocks: int | None = None

    def storage(self) -> dict[str, str]:
        """The runtime reads them from its state when they stand there."""
        values = {
            ":SlotMillis:": self.slot_millis and self.slot_millis.to_bytes(8, "little"),
            ":SessionBlocks:": self.session_blocks and self.session_blocks.to_bytes(4, "little"),
        }
        return {
            f"0x{xxh128(name.encode()).hex()}": f"0x{value.hex()}" for name, value in values.items() if value
        }


def state(validators: Sequence[ValidatorKeys], root: str) -> dict[str, Any]:
    """What differs from the runtime's default genesis; ``root`` is an address."""
    accounts = [one.account.address for one in validators]
    return {
        "balances": {"balances": [[root, ROOT_OWNS], *([account, VALIDATOR_OWNS] for account in accounts)]},
        "session": {"keys": [_session(one) for one in validators]},
        "validators": {"invulnerables": accounts},
        "sudo": {"key": root},
        "p2pSignaling": {"workDifficulty": WORK},
    }


def _session(validator: ValidatorKeys) -> list[Any]:
    """Account, validator (the same thing here), session keys."""
    account, keys = validator.account.address, validator.session
    return [account, account, {"aura": keys["aura"].address, "grandpa": keys["gran"].address}]


def raw_spec(binary: Path, head: dict[str, Any], patch: dict[str, Any], times: Times) -> spec.Spec:
    """``head``: name, id and the like. The genesis state is built by the runtime itself, in the node."""
    local = spec.load(spec.LOCAL)
    code = local["genesis"]["raw"]["top"][CODE]
    plain = {**local, **head, "genesis": {"runtimeGenesis": {"code": code, "patch": patch}}}
    with tempfile.TemporaryDirectory(prefix="stardust-genesis-") as folder:
        path = Path(folder) / "plain.json"
        path.write_text(json.dumps(plain))
        done = subprocess.run(
            [str(binary), "export-chain-spec", "--raw", "--chain", str(path)], capture_output=True, text=True
        )
    if done.returncode:
        raise PartFailedError(f"the runtime did not take this genesis: {done.stderr.strip()}")
    return with_times(json.loads(done.stdout), times)


def with_times(chain: spec.Spec, times: Times) -> spec.Spec:
    """The same chain with these times: another genesis."""
    raw = chain["genesis"]["raw"]
    return {**chain, "genesis": {"raw": {**raw, "top": {**raw["top"], **times.storage()}}}}
