"""``DeliveryStore`` on the database: the durable state of all streams (delivery/port.py)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Final

import msgspec

from stardust.delivery.port import (
    DroppedItem,
    FrameHead,
    IncomingStream,
    OutgoingItem,
    OutgoingStream,
    SealedFrame,
)
from stardust.history.database import Database, Row, damaged
from stardust.wire.ids import DeviceId, MessageId

SEEN_KEPT: Final = 65_536
_PRUNE_EVERY: Final = 1_024

_NUMBERS: Final = msgspec.msgpack.Decoder(tuple[int, ...])


class Streams:
    def __init__(self, database: Database) -> None:
        self._database = database

    def transaction(self) -> AbstractContextManager[None]:
        return self._database.transaction()

    # outgoing
    def outgoing(self, device: DeviceId) -> OutgoingStream | None:
        row = self._database.row(
            "SELECT stream, acked, sealed, next FROM outgoing WHERE device = ?", (device,)
        )
        return OutgoingStream(device, *row) if row else None

    def save_outgoing(self, stream: OutgoingStream) -> None:
        self._database.run(
            "INSERT OR REPLACE INTO outgoing (device, stream, acked, sealed, next) VALUES (?, ?, ?, ?, ?)",
            (stream.device, stream.stream, stream.acked, stream.sealed, stream.next),
        )

    def append_items(self, device: DeviceId, items: Sequence[OutgoingItem]) -> None:
        self._database.run_many(
            "INSERT INTO outgoing_item (device, number, message_id, body, expires) VALUES (?, ?, ?, ?, ?)",
            [(device, item.number, item.message_id, item.body, item.expires) for item in items],
        )

    def items(self, device: DeviceId, first: int, limit: int) -> tuple[OutgoingItem, ...]:
        rows = self._database.rows(
            "SELECT number, message_id, body, expires FROM outgoing_item"
            " WHERE device = ? AND number >= ? ORDER BY number LIMIT ?",
            (device, first, limit),
        )
        return tuple(_item(row) for row in rows)

    def void_item(self, device: DeviceId, number: int, body: bytes) -> None:
        self._database.run(
            "UPDATE outgoing_item SET message_id = NULL, body = ?, expires = NULL"
            " WHERE device = ? AND number = ?",
            (body, device, number),
        )

    def drop_items(self, device: DeviceId, below: int) -> tuple[DroppedItem, ...]:
        rows = self._database.rows(
            "DELETE FROM outgoing_item WHERE device = ? AND number < ? RETURNING number, message_id",
            (device, below),
        )
        return tuple(DroppedItem(row[0], _id(row[1])) for row in sorted(rows, key=lambda row: int(row[0])))

    def first_expiry(self) -> int | None:
        row = self._database.row(
            "SELECT i.expires FROM outgoing_item i JOIN outgoing o ON o.device = i.device"
            " WHERE i.expires IS NOT NULL AND i.number >= o.sealed ORDER BY i.expires LIMIT 1"
        )
        return int(row[0]) if row else None

    def expired(self, now: int, limit: int) -> tuple[tuple[DeviceId, OutgoingItem], ...]:
        rows = self._database.rows(
            "SELECT i.number, i.message_id, i.body, i.expires, i.device FROM outgoing_item i"
            " JOIN outgoing o ON o.device = i.device WHERE i.expires <= ? AND i.number >= o.sealed"
            " ORDER BY i.expires, i.device, i.number LIMIT ?",
            (now, limit),
        )
        return tuple((DeviceId(row[4]), _item(row[:4])) for row in rows)

    def waiting(self) -> tuple[DeviceId, ...]:
        return tuple(
            DeviceId(row[0]) for row in self._database.rows("SELECT device FROM outgoing WHERE acked < next")
        )

    # sealed frames
    def save_frame(self, device: DeviceId, frame: SealedFrame) -> None:
        self._database.run(
            "INSERT OR REPLACE INTO sealed_frame (device, first, count, frame) VALUES (?, ?, ?, ?)",
            (device, frame.first, frame.count, frame.frame),
        )

    def frame(self, device: DeviceId, first: int) -> SealedFrame | None:
        row = self._database.row(
            "SELECT first, count, frame FROM sealed_frame WHERE device = ? AND first = ?", (device, first)
        )
        return SealedFrame(*row) if row else None

    def frame_heads(self, device: DeviceId) -> tuple[FrameHead, ...]:
        rows = self._database.rows(
            "SELECT first, count, length(frame) FROM sealed_frame WHERE device = ? ORDER BY first", (device,)
        )
        return tuple(FrameHead(*row) for row in rows)

    def drop_frames(self, device: DeviceId, below: int | None) -> None:
        self._database.run(
            "DELETE FROM sealed_frame WHERE device = ?1 AND (?2 IS NULL OR first + count <= ?2)",
            (device, below),
        )

    # incoming
    def incoming(self, device: DeviceId) -> IncomingStream | None:
        row = self._database.row("SELECT stream, next, refused FROM incoming WHERE device = ?", (device,))
        if row is None:
            return None
        try:
            return IncomingStream(device, row[0], row[1], _NUMBERS.decode(row[2]))
        except msgspec.MsgspecError:
            raise damaged(self._database.path) from None

    def heard_from(self, limit: int) -> tuple[DeviceId, ...]:
        """Devices that have sent something, at most ``limit``, the latest first."""
        rows = self._database.rows("SELECT device FROM incoming ORDER BY rowid DESC LIMIT ?", (limit,))
        return tuple(DeviceId(row[0]) for row in rows)

    def save_incoming(self, stream: IncomingStream) -> None:
        self._database.run(
            "INSERT OR REPLACE INTO incoming (device, stream, next, refused) VALUES (?, ?, ?, ?)",
            (stream.device, stream.stream, stream.next, msgspec.msgpack.encode(stream.refused)),
        )

    def first_sight(self, device: DeviceId, message_id: MessageId) -> bool:
        new = self._database.run(
            "INSERT INTO seen_message (device, message_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (device, message_id),
        )
        if new and self._database.last_id % _PRUNE_EVERY == 0:
            self._prune_seen()
        return bool(new)

    def _prune_seen(self) -> None:
        for (device,) in self._database.rows("SELECT DISTINCT device FROM seen_message"):
            self._database.run(
                "DELETE FROM seen_message WHERE device = ?1 AND n <= (SELECT n FROM seen_message"
                " WHERE device = ?1 ORDER BY n DESC LIMIT 1 OFFSET ?2)",
                (device, SEEN_KEPT),
            )


def _item(row: Row) -> OutgoingItem:
    number, message_id, body, expires = row
    return OutgoingItem(number, _id(message_id), body, expires)


def _id(value: bytes | None) -> MessageId | None:
    return MessageId(value) if value is not None else None
