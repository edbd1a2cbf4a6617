"""The pallet's storage before the migration, in its last block but one, and after it."""

from __future__ import annotations

from dataclasses import dataclass

from network.node import Node
from stardust.chain.connection import MIGRATION_KEY
from upgrade_check import state
from upgrade_check.results import Results
from upgrade_check.state import Entries


@dataclass(frozen=True)
class Migration:
    """``before``: as the block left it that set the new code. ``halfway``: as the last block but one of
    the migration left it; the last one goes on with what blocks bring. ``after``: as the last one did."""

    blocks: int
    before: Entries
    halfway: Entries
    after: Entries


def find_migration(node: Node, since: int) -> Migration:
    """The one that began after block ``since`` and is over; the node keeps all states."""
    number = since
    while state.spec_version(node, state.hash_at(node, number)) == 1:
        number += 1
    first = number
    while node.ask("state_getStorage", MIGRATION_KEY, state.hash_at(node, number + 1)) is not None:
        number += 1
    stored = [state.entries(node, state.hash_at(node, at)) for at in (first, number, number + 1)]
    return Migration(number + 1 - first, *stored)


def compare(migration: Migration, results: Results) -> None:
    """Notes what has to hold of the storage."""
    old, halfway, new = migration.before, migration.halfway, migration.after
    found, wanted = state.of("Allowances", new), state.migrated(old)
    several = f"{migration.blocks} blocks for {len(wanted)} allowances"
    results.note("the migration took several blocks", migration.blocks > 1, several)
    is_new = bool(found) and found == wanted
    results.note("every allowance has its new form and its old values", is_new, f"{len(found)} compared")
    version = (old.get(state.VERSION), new.get(state.VERSION))
    arrow = " → ".join(map(str, version))
    results.note("the storage has the next version", version == ("0x0100", "0x0200"), arrow)
    rest = state.without("Allowances", old)
    same = rest == state.without("Allowances", halfway)
    results.note("nothing else changed until the last block of it", same, f"{len(rest)} entries compared")
    kept = all(state.of(item, old) == state.of(item, new) for item in state.KEPT)
    counts = ", ".join(f"{len(state.of(item, new))} {item}" for item in state.KEPT)
    results.note("what no block changes is the same after it", kept, counts)
