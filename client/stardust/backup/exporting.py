"""From the database to the rows of a backup."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from stardust.backup.rows import (
    MAX_FILE_PIECE,
    AttachmentRow,
    ContactRow,
    FileRow,
    MessageRow,
    ProfileRow,
    Row,
    SettingRow,
)
from stardust.history.database import Row as Values
from stardust.history.store import Store
from stardust.wire.ids import ConversationId, MessageId

_PAGE: Final = 1000
_MAX_CHOSEN: Final = 1000


@dataclass(frozen=True, slots=True)
class Selection:
    """What goes into a backup: all (the default), one conversation, or chosen messages."""

    conversation: ConversationId | None = None
    messages: tuple[MessageId, ...] = ()

    @property
    def whole(self) -> bool:
        return self.conversation is None and not self.messages

    @property
    def _condition(self) -> tuple[str, tuple[bytes, ...]]:
        """On ``m`` (message) and ``v`` (its conversation)."""
        parts, values = ["1"], []
        if self.conversation is not None:
            parts.append("v.conversation = ?")
            values.append(bytes(self.conversation))
        if self.messages:
            chosen = self.messages[:_MAX_CHOSEN]
            parts.append(f"m.message_id IN ({', '.join('?' * len(chosen))})")
            values += [bytes(message) for message in chosen]
        return " AND ".join(parts), tuple(values)


class Exporter:
    """Rows of each stream in the canonical order. Read inside one read transaction."""

    def __init__(self, store: Store, selection: Selection) -> None:
        self._database = store.database
        self._store = store
        self._selection = selection
        self._where, self._values = selection._condition

    def rows(self, stream: str) -> Iterator[Row]:
        makers: dict[str, Callable[[], Iterator[Row]]] = {
            "settings": self._settings,
            "profiles": self._profiles,
            "contacts": self._contacts,
            "messages": self._messages,
            "attachments": self._attachments,
            "files": self._files,
        }
        return makers[stream]()

    def _settings(self) -> Iterator[Row]:
        if self._selection.whole:
            for key, value in self._store.settings.all().items():
                yield SettingRow(key, value)

    def _profiles(self) -> Iterator[Row]:
        if self._selection.whole:
            for account, profile in self._database.rows(
                "SELECT account, profile FROM profile ORDER BY account"
            ):
                yield ProfileRow(account, profile)

    def _contacts(self) -> Iterator[Row]:
        concerned = "" if self._selection.whole else self._concerned
        values = () if self._selection.whole else self._values
        for row in self._database.rows(
            "SELECT c.account, v.conversation, c.state, c.name, c.nickname, c.note, c.trust, c.blocked,"  # noqa: S608
            f" c.answered, c.added_at FROM contact c JOIN conversation v ON v.contact = c.id {concerned}"
            " ORDER BY c.added_at, c.account",
            values,
        ):
            account, conversation, state, name, nickname, note, trust, blocked, answered, added_at = row
            flags = (bool(blocked), bool(answered))
            yield ContactRow(account, conversation, state, name, nickname, note, trust, *flags, added_at)

    @property
    def _concerned(self) -> str:
        return f"WHERE EXISTS (SELECT 1 FROM message m WHERE m.conversation = v.id AND {self._where})"  # noqa: S608

    def _messages(self) -> Iterator[Row]:
        for row in self._paged(
            "m.id, m.message_id, v.conversation, m.sender, m.device, m.outgoing, m.sent_at, m.stored_at,"
            " m.place, m.body, m.reply_to, m.state, m.sent_to_peer_at, m.delivered_at, m.read_at, m.reason",
            "",
        ):
            (
                _,
                message,
                conversation,
                sender,
                device,
                outgoing,
                *times,
                body,
                reply_to,
                state,
                sent,
                had,
                read,
                why,
            ) = row
            sent_at, stored_at, place = times
            ids = (message, conversation, sender, device)
            yield MessageRow(
                *(*ids, bool(outgoing)),
                sent_at,
                stored_at,
                place,
                body,
                reply_to,
                state,
                sent,
                had,
                read,
                why,
            )

    def _attachments(self) -> Iterator[Row]:
        joined = "JOIN message_attachment l ON l.message = m.id JOIN attachment a ON a.id = l.attachment"
        for row in self._paged("m.id, m.message_id, m.sender, l.position, a.digest, l.name", joined):
            yield AttachmentRow(*row[1:])

    def _paged(self, columns: str, joined: str) -> Iterator[Values]:
        """Rows of messages in the order of storing; a message's rows stay together."""
        after = 0
        while True:
            ids = self._database.rows(
                "SELECT m.id FROM message m JOIN conversation v ON v.id = m.conversation"  # noqa: S608 - ours
                f" WHERE {self._where} AND m.id > ? ORDER BY m.id LIMIT {_PAGE}",
                (*self._values, after),
            )
            if not ids:
                return
            last = int(ids[-1][0])
            order = "m.id, l.position" if joined else "m.id"
            yield from self._database.rows(
                f"SELECT {columns} FROM message m JOIN conversation v ON v.id = m.conversation {joined}"  # noqa: S608
                f" WHERE {self._where} AND m.id > ? AND m.id <= ? ORDER BY {order}",
                (*self._values, after, last),
            )
            after = last

    def _files(self) -> Iterator[Row]:
        used = self._database.rows(
            "SELECT a.id, a.digest, a.media_type, length(a.data) FROM message_attachment l"  # noqa: S608 - ours
            " JOIN attachment a ON a.id = l.attachment JOIN message m ON m.id = l.message"
            f" JOIN conversation v ON v.id = m.conversation WHERE {self._where}"
            " GROUP BY a.id ORDER BY min(m.id), a.digest",
            self._values,
        )
        for row_id, digest, media_type, size in used:
            for offset in range(0, max(size, 1), MAX_FILE_PIECE):
                piece = self._database.rows(
                    "SELECT substr(data, ?, ?) FROM attachment WHERE id = ?",
                    (offset + 1, MAX_FILE_PIECE, row_id),
                )
                yield FileRow(digest, media_type, size, offset, bytes(piece[0][0]))
