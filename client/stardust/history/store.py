"""The history of one account on this machine: all tables behind one object."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from stardust.history.attachments import Attachments
from stardust.history.contacts import Contacts
from stardust.history.database import Database, connect
from stardust.history.messages import Messages
from stardust.history.presence import PresenceKeys
from stardust.history.ratchets import Ratchets
from stardust.history.records import Audit, Invites, Settings, SpentSignals
from stardust.history.schema import migrate, migrations
from stardust.history.search import Search
from stardust.history.streams import Streams


class Store:
    """One connection with everything on it; belongs to one thread at a time.

    The daemon has one that writes, on its storage thread. More of them, opened with
    ``read_only``, may read on other threads while it writes (write-ahead log).
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.contacts = Contacts(database)
        self.messages = Messages(database)
        self.search = Search(database)
        self.attachments = Attachments(database)
        self.streams = Streams(database)
        """``delivery.port.DeliveryStore``"""
        self.ratchets = Ratchets(database)
        """``session.port.SessionStore``"""
        self.presence = PresenceKeys(database)
        """Of this device only."""
        self.invites = Invites(database)
        self.settings = Settings(database, local=False)
        """Goes into backups."""
        self.local = Settings(database, local=True)
        """Of this device only."""
        self.audit = Audit(database)
        self.spent_signals = SpentSignals(database)

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing over every table; survives a power failure when it ends. Nested: joins."""
        return self.database.transaction()

    def close(self) -> None:
        self.database.close()


def open_store(path: Path, key: bytes, *, create: bool = False, read_only: bool = False) -> Store:
    """Opens the database in ``path`` with its 32-byte ``key``, and brings it to the present schema.

    ``create``: makes it when it is not there, else ``DatabaseMissingError``. Raises ``DatabaseKeyError`` (a
    wrong key), ``DatabaseDamagedError`` (the file is never overwritten), ``DatabaseNewerError``,
    ``DiskFullError``, ``DiskReadOnlyError``, ``DatabaseBusyError``, ``LocalError``.
    """
    database = connect(path, key, create=create, read_only=read_only)
    try:
        if not read_only:
            migrate(database, migrations())
    except BaseException:
        database.close()
        raise
    return Store(database)
