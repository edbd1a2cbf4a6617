"""Real parts that only some machines have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def node_binary() -> Path | None:
    """Of ``scripts/build-node``, if it was run."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    cache = os.environ.get("STARDUST_CACHE") or f"{cache}/stardust"
    found = Path(os.environ.get("STARDUST_NODE") or f"{cache}/bin/stardust-node")
    return found if found.exists() else None


@pytest.fixture
def network_nodes(request: pytest.FixtureRequest) -> list[str]:
    """WebSocket addresses of two nodes of a real network (``tests/fixtures/network.py``)."""
    if node_binary() is None:
        pytest.skip("no node was built: ./scripts/build-node")
    network = request.getfixturevalue("network")
    urls: list[str] = [node.url for node in network.nodes.values()]
    return urls[-2:]
