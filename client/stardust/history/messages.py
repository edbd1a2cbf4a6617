"""Messages of all conversations: storing, states, pages."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Final

from stardust.delivery.port import Failure, MessageState
from stardust.errors import UsageError
from stardust.history.database import Database, Row
from stardust.history.errors import CursorError
from stardust.history.models import RECEIVED, DeviceState, Message, NewMessage, Page
from stardust.history.order import place
from stardust.history.states import may_become, overall
from stardust.wire.ids import AccountId, ConversationId, DeviceId, MessageId

MAX_PAGE: Final = 1000

COLUMNS: Final = (
    "m.message_id, v.conversation, m.sender, m.device, m.outgoing, m.body, m.sent_at, m.stored_at, m.place,"
    " m.state, m.sent_to_peer_at, m.delivered_at, m.read_at, m.reply_to, m.reason"
)
_FROM: Final = f"SELECT {COLUMNS} FROM message m JOIN conversation v ON v.id = m.conversation "  # noqa: S608 - constants

_IN: Final = _FROM + "WHERE m.conversation = (SELECT id FROM conversation WHERE conversation = ?)"  # noqa: S608
_BACKWARDS: Final = (
    _IN + " AND (m.place, m.message_id) < (?, ?) ORDER BY m.place DESC, m.message_id DESC LIMIT ?"
)
_FORWARDS: Final = _IN + " AND (m.place, m.message_id) > (?, ?) ORDER BY m.place, m.message_id LIMIT ?"

_REACHED: Final = {
    MessageState.SENT: "sent_to_peer_at",
    MessageState.DELIVERED: "delivered_at",
    MessageState.READ: "read_at",
}


class Messages:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: NewMessage) -> Message | None:
        """Stores a message at its place (``order``); None when the sender's message is here already.

        The conversation is that of a contact: ``UsageError`` otherwise.
        """
        with self._database.transaction():
            conversation = self._conversation(new.conversation)
            if conversation is None:
                raise UsageError("There is no such conversation.")
            state = MessageState.QUEUED if new.outgoing else RECEIVED
            added = self._database.run(
                "INSERT INTO message (message_id, conversation, sender, device, outgoing, sent_at, stored_at,"
                " place, body, reply_to, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (message_id, sender) DO NOTHING",
                (
                    *(new.id, conversation, new.sender, new.device, new.outgoing, new.sent_at, new.stored_at),
                    *(self._place(conversation, new), new.body, new.reply_to, state),
                ),
            )
            if not added:
                return None
            self._address(self._database.last_id, new.devices, new.stored_at)
        return self._of_sender(new.id, new.sender)

    def _address(self, row_id: int, devices: Sequence[DeviceId], at: int) -> None:
        self._database.run_many(
            "INSERT INTO message_device (message, device, state, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET state = excluded.state, reason = NULL, at = excluded.at"
            " WHERE reason = ?",
            [(row_id, device, MessageState.QUEUED, at, Failure.WITHDRAWN) for device in devices],
        )

    def address(self, message_id: MessageId, devices: Sequence[DeviceId], at: int) -> Message | None:
        """The outgoing message goes to these devices too, or again if it was withdrawn from them. The
        message, if that changed its overall state (one that had failed is queued again)."""
        with self._database.transaction():
            row = self._database.row(
                "SELECT id, state, sender FROM message WHERE message_id = ? AND outgoing = 1", (message_id,)
            )
            if row is None:
                return None
            self._address(row[0], devices, at)
            if not self._summarise(row[0], MessageState(row[1]), None, at):
                return None
            return self._of_sender(message_id, AccountId(row[2]))

    def _conversation(self, conversation: ConversationId) -> int | None:
        row = self._database.row("SELECT id FROM conversation WHERE conversation = ?", (conversation,))
        return int(row[0]) if row else None

    def _place(self, conversation: int, new: NewMessage) -> int:
        row = self._database.row(
            "SELECT place FROM message WHERE conversation = ? AND sender = ? ORDER BY place DESC LIMIT 1",
            (conversation, new.sender),
        )
        return place(new.sent_at, new.stored_at, row[0] if row else None)

    def _of_sender(self, message_id: MessageId, sender: AccountId) -> Message | None:
        row = self._database.row(_FROM + "WHERE m.message_id = ? AND m.sender = ?", (message_id, sender))
        return message(row) if row else None

    def get(self, message_id: MessageId) -> Message | None:
        """The message; if others have used the same id, the one that was stored first."""
        row = self._database.row(_FROM + "WHERE m.message_id = ? ORDER BY m.id LIMIT 1", (message_id,))
        return message(row) if row else None

    def page(self, conversation: ConversationId, *, before: str | None = None, limit: int = 50) -> Page:
        """The newest page, or the one before a cursor of this call. ``CursorError``."""
        position = _position(before) if before is not None else (2**63 - 1, b"\xff" * 16)
        wanted = max(1, min(limit, MAX_PAGE))
        rows = self._database.rows(
            _BACKWARDS,
            (conversation, *position, wanted + 1),
        )
        found = [message(row) for row in rows[:wanted]]
        more = _cursor(found[-1]) if len(rows) > wanted else None
        return Page(tuple(reversed(found)), more)

    def each(self, conversation: ConversationId) -> Iterator[Message]:
        """All messages of a conversation, oldest first, read in pages."""
        position: tuple[int, bytes] = (-(2**63), b"")
        while True:
            rows = self._database.rows(
                _FORWARDS,
                (conversation, *position, MAX_PAGE),
            )
            if not rows:
                return
            for row in rows:
                yield message(row)
            position = (rows[-1][8], rows[-1][0])

    def set_state(
        self,
        device: DeviceId,
        message_ids: Sequence[MessageId],
        state: MessageState,
        reason: Failure | None,
        at: int,
    ) -> tuple[Message, ...]:
        """The new state of these outgoing messages for ``device``; the messages whose overall state
        changed by it. Unknown ids, other receivers' messages and steps backwards are ignored."""
        changed: list[Message] = []
        with self._database.transaction():
            for message_id in message_ids:
                row = self._database.row(
                    "SELECT m.id, m.state, d.state, m.sender FROM message m JOIN message_device d"
                    " ON d.message = m.id AND d.device = ? WHERE m.message_id = ? AND m.outgoing = 1",
                    (device, message_id),
                )
                if row is None or not may_become(MessageState(row[2]), state):
                    continue
                self._database.run(
                    "UPDATE message_device SET state = ?, reason = ?, at = ?"
                    " WHERE message = ? AND device = ?",
                    (state, reason, at, row[0], device),
                )
                if self._summarise(row[0], MessageState(row[1]), reason, at):
                    new = self._of_sender(message_id, AccountId(row[3]))
                    changed += [new] if new else []
        return tuple(changed)

    def _summarise(self, row_id: int, before: MessageState, reason: Failure | None, at: int) -> bool:
        rows = self._database.rows("SELECT state FROM message_device WHERE message = ?", (row_id,))
        after = overall(MessageState(row[0]) for row in rows)
        if after is before:
            return False
        self._database.run(
            "UPDATE message SET state = ?, reason = ? WHERE id = ?",
            (after, reason if after is MessageState.FAILED else None, row_id),
        )
        if column := _REACHED.get(after):
            self._database.run(f"UPDATE message SET {column} = ? WHERE id = ?", (at, row_id))  # noqa: S608 - ours
        return True

    def device_states(self, message_id: MessageId) -> tuple[DeviceState, ...]:
        """Of an outgoing message."""
        rows = self._database.rows(
            "SELECT d.device, d.state, d.reason, d.at FROM message_device d"
            " JOIN message m ON m.id = d.message WHERE m.message_id = ? AND m.outgoing = 1 ORDER BY d.device",
            (message_id,),
        )
        return tuple(DeviceState(DeviceId(row[0]), MessageState(row[1]), row[2], row[3]) for row in rows)

    def unread_ids(
        self, conversation: ConversationId, *, up_to: MessageId | None = None
    ) -> tuple[MessageId, ...]:
        """What the person has not seen yet, in order; up to and with the message ``up_to``."""
        bound = self.get(up_to) if up_to is not None else None
        if up_to is not None and (bound is None or bound.conversation != conversation):
            return ()
        position = (bound.place, bound.id) if bound else (2**63 - 1, b"\xff" * 16)
        rows = self._database.rows(
            "SELECT message_id FROM message WHERE outgoing = 0 AND read_at IS NULL"
            " AND conversation = (SELECT id FROM conversation WHERE conversation = ?)"
            " AND (place, message_id) <= (?, ?) ORDER BY place, message_id",
            (conversation, *position),
        )
        return tuple(MessageId(row[0]) for row in rows)

    def mark_read(self, message_ids: Sequence[MessageId], at: int) -> None:
        """The person has seen these incoming messages."""
        self._database.run_many(
            "UPDATE message SET read_at = ? WHERE message_id = ? AND outgoing = 0 AND read_at IS NULL",
            [(at, message_id) for message_id in message_ids],
        )

    def lacking(
        self, conversation: ConversationId, device: DeviceId, limit: int = MAX_PAGE
    ) -> tuple[Message, ...]:
        """Outgoing messages that no device has stored, that are not given up, and that are not on their
        way to ``device``: oldest first."""
        rows = self._database.rows(
            _IN + " AND m.state IN ('queued', 'sent', 'failed')"  # noqa: S608 - constants
            f" AND (m.state <> 'failed' OR m.reason = '{Failure.WITHDRAWN}')"
            " AND NOT EXISTS (SELECT 1 FROM message_device d WHERE d.message = m.id AND d.device = ?"
            f" AND d.reason IS NOT '{Failure.WITHDRAWN}')"
            " ORDER BY m.place, m.message_id LIMIT ?",
            (conversation, device, limit),
        )
        return tuple(message(row) for row in rows)

    def addressed(self, conversation: ConversationId) -> tuple[DeviceId, ...]:
        """Devices to which undelivered messages of the conversation are on their way."""
        rows = self._database.rows(
            "SELECT DISTINCT d.device FROM message m JOIN message_device d ON d.message = m.id"
            " WHERE m.conversation = (SELECT id FROM conversation WHERE conversation = ?)"
            " AND m.state IN ('queued', 'sent') AND d.state IN ('queued', 'sent')",
            (conversation,),
        )
        return tuple(DeviceId(row[0]) for row in rows)

    def count_from(self, sender: AccountId, conversation: ConversationId) -> int:
        """How many messages of ``sender`` stand in the conversation."""
        row = self._database.row(
            "SELECT count(*) FROM message WHERE sender = ?"
            " AND conversation = (SELECT id FROM conversation WHERE conversation = ?)",
            (sender, conversation),
        )
        return int(row[0]) if row else 0

    def unread(self) -> int:
        """In conversations with accepted contacts."""
        return self._count(
            "m.outgoing = 0 AND m.read_at IS NULL AND EXISTS (SELECT 1 FROM conversation v JOIN contact c"
            " ON c.id = v.contact WHERE v.id = m.conversation AND c.state = 'accepted')"
        )

    def waiting(self) -> int:
        """Outgoing messages that no device has confirmed."""
        return self._count("m.state IN ('queued', 'sent')")

    def count(self, *, stored_after: int = -1) -> int:
        """How many there are, or were stored after that time."""
        row = self._database.row("SELECT count(*) FROM message WHERE stored_at > ?", (stored_after,))
        return int(row[0]) if row else 0

    def _count(self, condition: str) -> int:
        row = self._database.row(f"SELECT count(*) FROM message m WHERE {condition}")  # noqa: S608 - ours
        return int(row[0]) if row else 0


def message(row: Row) -> Message:
    """From a row of ``COLUMNS``."""
    outgoing = bool(row[4])
    return Message(
        id=MessageId(row[0]),
        conversation=ConversationId(row[1]),
        sender=AccountId(row[2]),
        device=DeviceId(row[3]) if row[3] is not None else None,
        outgoing=outgoing,
        body=row[5],
        sent_at=row[6],
        stored_at=row[7],
        place=row[8],
        state=MessageState(row[9]) if outgoing else None,
        sent_to_peer_at=row[10],
        delivered_at=row[11],
        read_at=row[12],
        reply_to=MessageId(row[13]) if row[13] is not None else None,
        reason=row[14],
    )


def _cursor(oldest: Message) -> str:
    raw = oldest.place.to_bytes(8, "big", signed=True) + oldest.id
    return base64.urlsafe_b64encode(raw).decode()


def _position(cursor: str) -> tuple[int, bytes]:
    try:
        raw = base64.b64decode(cursor, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise CursorError from None
    if len(raw) != 24:
        raise CursorError
    return int.from_bytes(raw[:8], "big", signed=True), raw[8:]
