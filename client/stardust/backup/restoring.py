"""From a verified backup to a new database file, which then takes its place in one step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import Any

from stardust.backup.errors import BackupTamperedError, HistoryExistsError
from stardust.backup.exporting import Exporter, Selection
from stardust.backup.reading import Backup, Verified
from stardust.backup.rows import (
    STREAMS,
    AttachmentRow,
    ContactRow,
    FileRow,
    MessageRow,
    ProfileRow,
    Row,
    SettingRow,
    pack,
)
from stardust.errors import DecodeError, LocalError
from stardust.history.attachments import MAX_ATTACHMENT
from stardust.history.database import Database
from stardust.history.models import RECEIVED
from stardust.history.store import Store, open_store
from stardust.identity.trust import Trust
from stardust.wire.items import PROFILE


def restore(backup: Backup, path: Path, database_key: bytes) -> Verified:
    """Verifies all of ``backup`` and makes the database ``path`` of it, under ``database_key``.

    Contacts, messages, attachments, profiles and settings come back; sessions and device keys
    are in no backup. Before the new file appears under its name, it is read again: it gives
    the very streams that the backup holds. Raises ``HistoryExistsError`` and everything
    that ``Backup.verify`` and ``open_store`` raise; then nothing was changed.
    """
    if path.exists():
        raise HistoryExistsError(
            f"There is a history in {path} already; nothing was replaced.",
            hint="move it away, or choose another folder with --home",
        )
    verified = backup.verify()
    beside = path.with_name(f".{path.name}.{os.getpid()}.restore")
    _remove(beside)
    try:
        _fill(backup, beside, database_key, whole=verified.whole)
        _put_in_place(beside, path)
    finally:
        _remove(beside)
    return verified


def _fill(backup: Backup, beside: Path, key: bytes, *, whole: bool) -> None:
    store = open_store(beside, key, create=True)
    try:
        with store.transaction():
            for name in STREAMS:
                _insert(store.database, name, backup.rows(name))
        if whole:
            _compare(store, backup)
    finally:
        store.close()


def _insert(database: Database, name: str, rows: Iterator[Row]) -> None:
    writers: dict[str, Callable[[Database, Any], None]] = {
        "settings": _settings,
        "profiles": _profiles,
        "contacts": _contacts,
        "messages": _messages,
        "attachments": _attachments,
        "files": _files,
    }
    try:
        writers[name](database, rows)
    except BackupTamperedError:
        raise
    except LocalError as error:
        # Only what the tables themselves refuse: the disk's troubles have codes of their own.
        if error.code == LocalError.code:
            raise BackupTamperedError("The backup holds rows that contradict each other.") from None
        raise


def _settings(database: Database, rows: Iterator[SettingRow]) -> None:
    database.run_many(
        "INSERT INTO setting (local, key, value) VALUES (0, ?, ?)", ((r.key, r.value) for r in rows)
    )


def _profiles(database: Database, rows: Iterator[ProfileRow]) -> None:
    for row in rows:
        try:
            PROFILE.decode(row.body)
        except DecodeError:
            raise BackupTamperedError from None
        database.run("INSERT INTO profile (account, profile) VALUES (?, ?)", (row.account, row.body))


def _contacts(database: Database, rows: Iterator[ContactRow]) -> None:
    for row in rows:
        if row.trust is not None:
            Trust.from_bytes(row.trust)
        database.run(
            "INSERT INTO contact (account, state, name, nickname, note, trust, blocked, answered, added_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(row.account, row.state, row.name, row.nickname, row.note, row.trust),
                *(row.blocked, row.answered, row.added_at),
            ),
        )
        database.run(
            "INSERT INTO conversation (conversation, contact) VALUES (?, ?)",
            (row.conversation, database.last_id),
        )


def _messages(database: Database, rows: Iterator[MessageRow]) -> None:
    conversations = {
        bytes(row[0]): int(row[1]) for row in database.rows("SELECT conversation, id FROM conversation")
    }
    for row in rows:
        conversation = conversations.get(row.conversation)
        if conversation is None:
            raise BackupTamperedError("The backup has a message of no conversation.")
        if row.outgoing is (row.state == RECEIVED):
            raise BackupTamperedError("The backup has a message that was both sent and received.")
        database.run(
            "INSERT INTO message (message_id, conversation, sender, device, outgoing, sent_at, stored_at,"
            " place, body, reply_to, state, sent_to_peer_at, delivered_at, read_at, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(
                    row.id,
                    conversation,
                    row.sender,
                    row.device,
                    row.outgoing,
                    row.sent_at,
                    row.stored_at,
                    row.place,
                ),
                *(
                    row.body,
                    row.reply_to,
                    row.state,
                    row.sent_to_peer_at,
                    row.delivered_at,
                    row.read_at,
                    row.reason,
                ),
            ),
        )


def _attachments(database: Database, rows: Iterator[AttachmentRow]) -> None:
    """The files follow; until then each stands there empty."""
    for row in rows:
        database.run(
            "INSERT INTO attachment (digest, media_type, data) VALUES (?, '', x'') ON CONFLICT DO NOTHING",
            (row.digest,),
        )
        added = database.run(
            "INSERT INTO message_attachment (message, position, attachment, name) SELECT m.id, ?, a.id, ?"
            " FROM message m, attachment a WHERE m.message_id = ? AND m.sender = ? AND a.digest = ?",
            (row.position, row.name, row.message, row.sender, row.digest),
        )
        if added != 1:
            raise BackupTamperedError("The backup has a file of no message.")


def _files(database: Database, rows: Iterator[FileRow]) -> None:
    for digest, pieces in groupby(rows, key=lambda row: row.digest):
        media_type, data = "", bytearray()
        for row in pieces:
            if row.offset != len(data) or row.size > MAX_ATTACHMENT or row.offset > row.size:
                raise BackupTamperedError
            media_type = row.media_type
            data += row.piece
        if blake2b(data, digest_size=32).digest() != digest:
            raise BackupTamperedError("A file in the backup is not what it was.")
        changed = database.run(
            "UPDATE attachment SET media_type = ?, data = ? WHERE digest = ?",
            (media_type, bytes(data), digest),
        )
        if changed != 1:
            raise BackupTamperedError("The backup has a file of no message.")


def _compare(store: Store, backup: Backup) -> None:
    exporter = Exporter(store, Selection())
    for name in STREAMS:
        digest = blake2b(digest_size=32)
        for row in exporter.rows(name):
            digest.update(pack(row))
        if digest.digest() != backup.digest(name):
            raise BackupTamperedError("What was restored is not what the backup holds.")


def _put_in_place(beside: Path, path: Path) -> None:
    try:
        # Not ``replace``: a history that has come meanwhile stays.
        os.link(beside, path)
        beside.unlink()
        descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except FileExistsError:
        raise HistoryExistsError from None
    except OSError as error:
        raise LocalError(f"{path} cannot be written: {error.strerror}.") from None


def _remove(beside: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        beside.with_name(beside.name + suffix).unlink(missing_ok=True)
