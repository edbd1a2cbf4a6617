"""Files that belong to messages, kept once for each content."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from stardust.errors import UsageError
from stardust.history.database import Database
from stardust.history.models import Attachment
from stardust.wire.ids import MessageId

MAX_ATTACHMENT: Final = 64 * 1024 * 1024


class Attachments:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, message_id: MessageId, name: str, media_type: str, data: bytes) -> Attachment:
        """Puts a file behind the others of a message. ``UsageError``: no such message, too large."""
        if len(data) > MAX_ATTACHMENT:
            raise UsageError(f"A file in a message has at most {MAX_ATTACHMENT >> 20} MiB.")
        digest = blake2b(data, digest_size=32).digest()
        with self._database.transaction():
            self._database.run(
                "INSERT INTO attachment (digest, media_type, data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (digest, media_type, data),
            )
            added = self._database.run(
                "INSERT INTO message_attachment (message, position, attachment, name)"
                " SELECT m.id, (SELECT count(*) FROM message_attachment x WHERE x.message = m.id), a.id, ?"
                " FROM message m, attachment a WHERE m.message_id = ? AND a.digest = ? ORDER BY m.id LIMIT 1",
                (name, message_id, digest),
            )
            if not added:
                raise UsageError("There is no such message.")
        return Attachment(digest, name, media_type, len(data))

    def of(self, message_id: MessageId) -> tuple[Attachment, ...]:
        rows = self._database.rows(
            "SELECT a.digest, l.name, a.media_type, length(a.data) FROM message_attachment l"
            " JOIN attachment a ON a.id = l.attachment JOIN message m ON m.id = l.message"
            " WHERE m.message_id = ? ORDER BY m.id, l.position",
            (message_id,),
        )
        return tuple(Attachment(*row) for row in rows)

    def data(self, digest: bytes) -> bytes | None:
        row = self._database.row("SELECT data FROM attachment WHERE digest = ?", (digest,))
        return bytes(row[0]) if row else None

    def drop_unused(self) -> int:
        """Deletes files whose messages are gone; how many."""
        return self._database.run(
            "DELETE FROM attachment WHERE id NOT IN (SELECT attachment FROM message_attachment)"
        )
