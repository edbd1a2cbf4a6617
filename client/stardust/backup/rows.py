"""What stands in a backup: streams of rows in a stable order, each row a strict form.

A stream is the concatenation of ``length (u32 LE) ++ MessagePack array``. Messages come in
the order in which they were stored, so what is new stands at the end and the chunks
before it stay the same.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

import msgspec

from stardust.backup.errors import BackupTamperedError
from stardust.errors import DecodeError
from stardust.wire.codec import U63, Decoder, Form, Id16, Key32, encode

LENGTH: Final = struct.Struct("<I")
MAX_ROW: Final = 256 * 1024
MAX_FILE_PIECE: Final = 192 * 1024

Int63 = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]
"""Times and places; one more still fits the database."""
Short = Annotated[str, msgspec.Meta(max_length=256)]
Piece = Annotated[bytes, msgspec.Meta(max_length=MAX_FILE_PIECE)]


class SettingRow(Form, frozen=True, tag=1):
    hidden = frozenset({"value"})
    key: Short
    value: Annotated[bytes, msgspec.Meta(max_length=65_536)]


class ProfileRow(Form, frozen=True, tag=2):
    """``body``: the encoding of a ``Profile`` (wire/items.py)."""

    hidden = frozenset({"body"})
    account: Key32
    body: Annotated[bytes, msgspec.Meta(max_length=40_000)]


class ContactRow(Form, frozen=True, tag=3):
    account: Key32
    conversation: Key32
    state: Literal["request_sent", "request_received", "accepted", "declined"]
    name: Short
    nickname: Short
    note: Annotated[str, msgspec.Meta(max_length=1024)]
    trust: Annotated[bytes, msgspec.Meta(max_length=65_536)] | None
    blocked: bool
    answered: bool
    added_at: Int63


class MessageRow(Form, frozen=True, tag=4):
    hidden = frozenset({"body"})
    id: Id16
    conversation: Key32
    sender: Key32
    device: Key32 | None
    outgoing: bool
    sent_at: U63
    stored_at: Int63
    place: Int63
    body: Annotated[str, msgspec.Meta(max_length=65_536)]
    reply_to: Id16 | None
    state: Literal["received", "queued", "sent", "delivered", "read", "failed"]
    sent_to_peer_at: Int63 | None
    delivered_at: Int63 | None
    read_at: Int63 | None
    reason: Literal["expired", "withdrawn", "refused"] | None


class AttachmentRow(Form, frozen=True, tag=5):
    """A file of a message; ``position`` counts within the message."""

    message: Id16
    sender: Key32
    position: Annotated[int, msgspec.Meta(ge=0, le=65_535)]
    digest: Key32
    name: Short


class FileRow(Form, frozen=True, tag=6):
    """A piece of a file, from ``offset`` on; the pieces of a file follow one another."""

    hidden = frozenset({"piece"})
    digest: Key32
    media_type: Short
    size: Annotated[int, msgspec.Meta(ge=0, le=2**31)]
    offset: Annotated[int, msgspec.Meta(ge=0, le=2**31)]
    piece: Piece


Row = SettingRow | ProfileRow | ContactRow | MessageRow | AttachmentRow | FileRow
R = TypeVar("R", bound=Row)

STREAMS: Final[dict[str, Any]] = {
    "settings": SettingRow,
    "profiles": ProfileRow,
    "contacts": ContactRow,
    "messages": MessageRow,
    "attachments": AttachmentRow,
    "files": FileRow,
}
"""In this order they are written and restored."""


def pack(row: Row) -> bytes:
    body = encode(row)
    return LENGTH.pack(len(body)) + body


class Rows(Generic[R]):
    """Reads the rows of one stream from pieces of it. ``BackupTamperedError``."""

    def __init__(self, form: type[R]) -> None:
        self._decoder: Decoder[R] = Decoder(form, limit=MAX_ROW)

    def read(self, pieces: Iterable[bytes]) -> Iterator[R]:
        held = b""
        for piece in pieces:
            held += piece
            used = 0
            while (end := _end(held, used)) is not None:
                yield self._decode(held[used + LENGTH.size : end])
                used = end
            held = held[used:]
        if held:
            raise BackupTamperedError("A row of the backup is cut off.")

    def _decode(self, body: bytes) -> R:
        try:
            return self._decoder.decode(body)
        except DecodeError:
            raise BackupTamperedError("A row of the backup is not valid.") from None


def _end(held: bytes, used: int) -> int | None:
    """Where the row that starts at ``used`` ends; None: it is not all here."""
    if len(held) - used < LENGTH.size:
        return None
    (size,) = LENGTH.unpack_from(held, used)
    if size > MAX_ROW:
        raise BackupTamperedError("A row of the backup is too long.")
    end = used + LENGTH.size + int(size)
    return end if end <= len(held) else None
