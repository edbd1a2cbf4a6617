"""The pallet's storage of one block, entry by entry."""

from __future__ import annotations

from typing import Any, Final

from substrateinterface.utils.hasher import xxh128

from network.node import Node

PALLET: Final = xxh128(b"P2pSignaling").hex()
VERSION: Final = "0x" + PALLET + xxh128(b":__STORAGE_VERSION__:").hex()
PAGE: Final = 500
KEPT: Final = ("Accounts", "Devices", "DeviceOwner", "Profiles", "Blocks", "Backups")
"""What no passing of blocks changes."""

Entries = dict[str, str]
"""Key → value, hex."""


def prefix(item: str) -> str:
    return f"0x{PALLET}{xxh128(item.encode()).hex()}"


def entries(node: Node, block: str) -> Entries:
    """Everything that the pallet stores in the state of the block with this hash."""
    found: Entries = {}
    last: str | None = None
    while True:
        keys = node.ask("state_getKeysPaged", "0x" + PALLET, PAGE, last, block)
        if not keys:
            return found
        for change in node.ask("state_queryStorageAt", keys, block):
            found.update(change["changes"])
        last = keys[-1]


def of(item: str, stored: Entries) -> Entries:
    """Those of one storage item."""
    start = prefix(item)
    return {key: value for key, value in stored.items() if key.startswith(start)}


def migrated(before: Entries) -> Entries:
    """Allowances as ``tests/upgrade/1-migration.patch`` makes them: a ``u64`` more, which is 0."""
    return {key: value + "00" * 8 for key, value in of("Allowances", before).items()}


def without(item: str, stored: Entries) -> Entries:
    """All but one item, and but the number of the storage's version."""
    start = prefix(item)
    return {key: value for key, value in stored.items() if not key.startswith(start) and key != VERSION}


def hash_at(node: Node, number: int) -> str:
    return str(node.ask("chain_getBlockHash", number))


def spec_version(node: Node, block: str | None = None) -> int:
    """Of the runtime in the state of the block with this hash, or of the best one."""
    version: dict[str, Any] = node.ask("state_getRuntimeVersion", *([block] if block else []))
    return int(version["specVersion"])
