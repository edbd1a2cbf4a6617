"""What stands in the state under the pallet's prefix: every key, every value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from substrateinterface.utils.hasher import xxh128

from stardust.chain.codec import PALLET

PREFIX = bytes(xxh128(PALLET.encode()))
PAGE = 512
ITEMS = (
    *("Accounts", "Devices", "DeviceOwner", "SpentProofs", "Profiles", "LastSeen", "Online", "PeerInfo"),
    *("Inboxes", "Signals", "NextSignal", "Notices", "Blocks", "BlockCount", "Allowances", "Groups"),
    *("Backups", "WorkDifficulty", "ClearedBackups", "ClosedGroups", "NonceFloor"),
    *("Deadlines", "DeadlineCount", "Scheduled", "DeadlineCursor"),
)
"""As in docs/chain.md."""
VERSION = ":__STORAGE_VERSION__:"
"""Not an item of the pallet's own; every pallet has it."""
_NAMES = {bytes(xxh128(name.encode())): name for name in (*ITEMS, VERSION)}

CLOCK = "DeadlineCursor"
"""Written in every block, also in empty ones: how far the sweep has come."""

Ask = Callable[..., Any]
"""A JSON-RPC method and its parameters; its result."""
State = Mapping[str, str]
"""Key → value, both hex."""


def but_clock(state: State) -> State:
    """Without what every block writes."""
    return {key: value for key, value in state.items() if item(key) != CLOCK}


def read(ask: Ask, block: str) -> State:
    """Everything under the prefix in the state of the block with this hash."""
    keys: list[str] = []
    while page := ask("state_getKeysPaged", f"0x{PREFIX.hex()}", PAGE, keys[-1] if keys else None, block):
        keys += page
    state: dict[str, str] = {}
    for at in range(0, len(keys), PAGE):
        (found,) = ask("state_queryStorageAt", keys[at : at + PAGE], block)
        state |= dict(found["changes"])
    return state


def size(state: State) -> int:
    """Bytes of all keys and values."""
    return sum((len(key) + len(value) - 4) // 2 for key, value in state.items())


def digest(state: State) -> str:
    """Over all keys and values: the same exactly when nothing was written but what stood there."""
    made = blake2b(digest_size=32)
    for key, value in sorted(state.items()):
        made.update(f"{key} {value}\n".encode())
    return made.hexdigest()


def item(key: str) -> str:
    """The storage item that a key belongs to."""
    start = 2 + 2 * len(PREFIX)
    name = bytes.fromhex(key[start : start + 32])
    return _NAMES.get(name, name.hex())


def items(state: State) -> Counter[str]:
    """Keys of each storage item."""
    return Counter(item(key) for key in state)
