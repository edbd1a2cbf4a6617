"""The real parts: a dev chain for the whole run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.devchain import DevChain


@pytest.fixture(scope="session")
def devchain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevChain]:
    chain = DevChain(Path(tmp_path_factory.mktemp("devchain")) / "chain.log")
    try:
        chain.wait()
        yield chain
    finally:
        chain.stop()
