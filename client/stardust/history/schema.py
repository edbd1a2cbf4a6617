"""Brings a database to the present schema: numbered SQL files, each in one transaction.

``PRAGMA user_version`` holds the number of the last one. Before an existing database is
changed, a copy of it (encrypted as it is) is put beside it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib import resources

from stardust.errors import LocalError
from stardust.history.database import Database
from stardust.history.errors import DatabaseNewerError, DiskFullError


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    sql: str


def migrations() -> tuple[Migration, ...]:
    """All that this version knows, ascending from 1."""
    folder = resources.files(__package__) / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(Migration(int(name[:4]), (folder / name).read_text(encoding="utf-8")) for name in names)


def migrate(database: Database, known: tuple[Migration, ...]) -> None:
    """``DatabaseNewerError`` when the database knows more than this version does."""
    version = version_of(database)
    pending = [migration for migration in known if migration.number > version]
    if version > known[-1].number:
        raise DatabaseNewerError(hint="install the newest version, or open it with the one that wrote it")
    if version and pending:
        _keep_copy(database, version)
    for migration in pending:
        with database.transaction():
            database.run(migration.sql)
            database.run(f"PRAGMA user_version = {migration.number:d}")


def version_of(database: Database) -> int:
    row = database.row("PRAGMA user_version")
    return int(row[0]) if row else 0


def _keep_copy(database: Database, version: int) -> None:
    database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = database.path.with_name(f"{database.path.name}.v{version}")
    try:
        shutil.copy2(database.path, copy)
    except OSError as error:
        copy.unlink(missing_ok=True)
        if error.errno == 28:
            raise DiskFullError(hint="a copy of the history is made before it is changed") from None
        raise LocalError(f"{copy} cannot be written: {error.strerror}.") from None
