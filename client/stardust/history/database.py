"""One connection to the encrypted database file: opening, transactions, errors by name.

SQLite3 Multiple Ciphers encrypts every page of the file and of the write-ahead log
(ChaCha20, authenticated by Poly1305, with the 32-byte key as it is). Nothing
temporary reaches the disk.

``synchronous = FULL``: in WAL mode ``NORMAL`` survives a killed process, but a power
failure may take the last transactions. A received message is acknowledged right after
its transaction, and the sender then forgets it: so each commit waits for the disk.
What that costs is paid once for all that stands in a transaction.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import apsw
from apsw.fts5 import SimplifyTokenizer, UnicodeWordsTokenizer

from stardust.errors import LocalError, start_again
from stardust.history.errors import (
    DatabaseBusyError,
    DatabaseDamagedError,
    DatabaseKeyError,
    DatabaseMissingError,
    DiskFailedError,
    DiskFullError,
    DiskReadOnlyError,
)

Row = tuple[Any, ...]
Value = bytes | str | int | None

_BUSY_MS: Final = 5_000


class Database:
    """A connection; belongs to one thread at a time."""

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """All rows of one statement."""
        with translated(self.path):
            found: list[Row] = self._connection.execute(sql, values).fetchall()
            return found

    def row(self, sql: str, values: Sequence[Value] = ()) -> Row | None:
        """The first row."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Executes a writing statement; how many rows it changed."""
        with translated(self.path):
            self._connection.execute(sql, values)
            return self._connection.changes()

    def run_many(self, sql: str, many: Iterable[Sequence[Value]]) -> None:
        with translated(self.path):
            self._connection.executemany(sql, many)

    @property
    def last_id(self) -> int:
        """Row id of the last insertion."""
        return self._connection.last_insert_rowid()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable when it ends; inside another one it is a part of that."""
        if self._connection.in_transaction:
            yield
            return
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            # A full disk may have rolled it back already.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads within see the same state, whatever other connections write meanwhile."""
        if self._connection.in_transaction:
            yield
            return
        self.run("BEGIN")
        try:
            yield
        finally:
            self.run("ROLLBACK")

    def check(self) -> None:
        """Reads every page; ``DatabaseDamagedError`` unless all is well."""
        problems = [row[0] for row in self.rows("PRAGMA quick_check(3)")]
        if problems != ["ok"]:
            raise damaged(self.path)

    def close(self) -> None:
        """The write-ahead log goes into the file. Harmless when called twice."""
        with contextlib.suppress(apsw.Error):
            if not self._connection.readonly("main"):
                self._connection.execute("PRAGMA optimize")
        self._connection.close()


def connect(path: Path, key: bytes, *, create: bool = False, read_only: bool = False) -> Database:
    """Opens ``path`` with the 32-byte ``key``.

    A file that was not closed cleanly (its log is still there) is checked first. Raises
    ``DatabaseMissingError`` (also for an empty file), ``DatabaseKeyError``, ``DatabaseDamagedError``,
    ``DiskReadOnlyError``, ``LocalError``.
    """
    if len(key) != 32:
        raise ValueError("the database key has 32 bytes")
    fresh = _size(path) == 0
    if fresh and not create:
        raise DatabaseMissingError(path)
    unclean = _size(path.with_name(path.name + "-wal")) > 0
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    if fresh and not read_only:
        _create_private(path)
    with translated(path):
        connection = apsw.Connection(str(path), flags=flags)
    try:
        _unlock(connection, path, key)
        _configure(connection, path, read_only=read_only)
        database = Database(connection, path)
        if unclean and not read_only:
            database.check()
    except BaseException:
        connection.close()
        raise
    return database


def _create_private(path: Path) -> None:
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise DiskReadOnlyError(
            f"{path} cannot be made: {error.strerror}.", hint="check owner, rights and disk"
        ) from None


def _unlock(connection: apsw.Connection, path: Path, key: bytes) -> None:
    connection.set_busy_timeout(_BUSY_MS)
    connection.pragma("cipher", "chacha20")
    connection.pragma("key", f"raw:{key.hex()}")
    try:
        with translated(path):
            connection.execute("PRAGMA schema_version").fetchall()  # reads the first page
    except DatabaseDamagedError:
        # SQLite cannot tell a wrong key from a first page that was overwritten.
        raise DatabaseKeyError(
            f"{path} does not open with the key of this home folder: it belongs to another one, "
            "or its beginning is damaged.",
            hint=start_again(path.parent),
        ) from None


def _configure(connection: apsw.Connection, path: Path, *, read_only: bool) -> None:
    connection.register_fts5_tokenizer("unicodewords", UnicodeWordsTokenizer)  # type: ignore[arg-type]  # apsw decorates it
    connection.register_fts5_tokenizer("simplify", SimplifyTokenizer)
    with translated(path):
        connection.pragma("temp_store", "memory")
        connection.pragma("foreign_keys", True)
        connection.pragma("trusted_schema", False)
        connection.pragma("cell_size_check", True)
        if not read_only:
            connection.pragma("journal_mode", "wal")
            connection.pragma("synchronous", "full")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def damaged(path: Path) -> DatabaseDamagedError:
    return DatabaseDamagedError(f"The history in {path} is damaged.", hint=start_again(path.parent))


class translated:
    """Context: SQLite's errors under our names. The text never holds values or keys."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, apsw.Error):
            raise _named(error, self._path) from None


def _named(error: apsw.Error, path: Path) -> LocalError:
    match error:
        case apsw.FullError():
            return DiskFullError(
                f"The disk of {path.parent} is full; nothing was changed.",
                hint="free some space, then try again",
            )
        case apsw.CorruptError() | apsw.NotADBError():
            return damaged(path)
        case apsw.ReadOnlyError() | apsw.CantOpenError() | apsw.PermissionsError():
            return DiskReadOnlyError(f"{path} cannot be written.", hint="check owner, rights and disk")
        case apsw.BusyError() | apsw.LockedError():
            return DatabaseBusyError(hint="is another Stardust running on this home folder?")
        case apsw.IOError():
            return DiskFailedError(
                f"The disk failed under {path}; nothing was changed.", hint="check the disk"
            )
        case _:
            return LocalError(f"The history refused a change ({type(error).__name__}).")
