from __future__ import annotations

from typing import Any

import pytest

from stardust.chain.errors import BadNodeError
from stardust.chain.light.blocks import Blocks

RUNTIME = {"type": "valid", "spec": {"specVersion": 1, "apis": {"0x01": 2}}}
NEXT = {"type": "valid", "spec": {"specVersion": 2, "apis": {}}}


def begun() -> Blocks:
    blocks = Blocks()
    blocks.take({"event": "initialized", "finalizedBlockHashes": ["a"], "finalizedBlockRuntime": RUNTIME})
    return blocks


def new(name: str, parent: str, runtime: Any = None) -> dict[str, Any]:
    return {"event": "newBlock", "blockHash": name, "parentBlockHash": parent, "newRuntime": runtime}


def final(name: str, *pruned: str) -> dict[str, Any]:
    return {"event": "finalized", "finalizedBlockHashes": [name], "prunedBlockHashes": list(pruned)}


def test_the_finalized_blocks_runtime_is_known() -> None:
    blocks = begun()
    assert (blocks.finalized, blocks.best) == ("a", "a")
    assert blocks.runtime is not None
    assert blocks.runtime.apis == {"0x01"}


def test_of_several_finalized_at_once_smoldot_names_the_last_and_the_others_are_unpinned() -> None:
    blocks = begun()
    for name, parent in (("b", "a"), ("c", "b"), ("d", "c"), ("x", "b")):
        blocks.take(new(name, parent))
    blocks.take({"event": "bestBlockChanged", "bestBlockHash": "d"})
    assert sorted(blocks.take(final("c", "x"))) == ["a", "b", "x"]
    assert (blocks.finalized, blocks.best) == ("c", "d")
    assert blocks.take(final("d")) == ["c"]


def test_a_best_block_that_is_pruned_gives_way_to_the_finalized_one() -> None:
    blocks = begun()
    blocks.take(new("b", "a"))
    blocks.take(new("x", "a"))
    blocks.take({"event": "bestBlockChanged", "bestBlockHash": "x"})
    blocks.take(final("b", "x"))
    assert blocks.best == "b"


def test_an_upgrade_counts_from_the_block_that_has_it() -> None:
    blocks = begun()
    blocks.take(new("b", "a", NEXT))
    blocks.take(new("c", "b"))
    assert blocks.runtime is not None
    assert blocks.runtime.version["specVersion"] == 1
    blocks.take(final("c"))
    assert blocks.runtime is not None
    assert blocks.runtime.version["specVersion"] == 2


def test_a_runtime_that_smoldot_cannot_use_is_none() -> None:
    blocks = Blocks()
    bad = {"type": "invalid", "error": "no"}
    blocks.take({"event": "initialized", "finalizedBlockHashes": ["a"], "finalizedBlockRuntime": bad})
    assert blocks.runtime is None


@pytest.mark.parametrize(
    "event",
    [
        {},
        7,
        {"event": "newBlock"},
        new("b", "unknown"),
        final("unknown"),
        {"event": "initialized", "finalizedBlockHashes": []},
        {"event": "bestBlockChanged", "bestBlockHash": ["x"]},
    ],
)
def test_what_makes_no_sense_is_refused(event: Any) -> None:
    with pytest.raises(BadNodeError):
        begun().take(event)


def test_what_is_not_about_blocks_is_left_alone() -> None:
    assert begun().take({"event": "operationCallDone"}) == []
