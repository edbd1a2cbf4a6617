from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stardust.backup.keys import BackupKey
from stardust.history.store import Store, open_store
from tests.unit.backup.helpers import cheap_key, furnish
from tests.unit.history.helpers import KEY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "history.db", KEY, create=True)
    furnish(opened)
    yield opened
    opened.close()


@pytest.fixture
def key() -> BackupKey:
    return cheap_key()
