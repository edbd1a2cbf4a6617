from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stardust.history.store import Store, open_store
from tests.unit.history.helpers import KEY


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "history.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    path.parent.mkdir()
    opened = open_store(path, KEY, create=True)
    yield opened
    opened.close()
