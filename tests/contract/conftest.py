"""Real parts that only some machines have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def node_is_built() -> bool:
    """By ``scripts/build-node``, which takes long: not for these tests alone."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    cache = os.environ.get("STARDUST_CACHE") or f"{cache}/stardust"
    return any(Path(cache, "node").glob("stardust-node-*"))


@pytest.fixture
def network_nodes(request: pytest.FixtureRequest) -> list[str]:
    """WebSocket addresses of two nodes of a real network (``tests/fixtures/network.py``)."""
    if not node_is_built():
        pytest.skip("no node was built: ./scripts/build-node")
    network = request.getfixturevalue("shared_network")
    urls: list[str] = [node.url for node in network.nodes.values()]
    return urls[-2:]
