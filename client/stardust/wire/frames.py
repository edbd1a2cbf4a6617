"""What delivery puts on a link or a relay route: one frame is one data channel message."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from stardust.wire.codec import U32, U63, Decoder, Form

MAX_FRAME = 64 * 1024

StreamId = Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]


class Data(Form, frozen=True, tag=1):
    """Items ``first`` .. ``first + count - 1`` of the sender's stream, as one Olm message."""

    stream: StreamId
    first: U63
    count: Annotated[int, msgspec.Meta(ge=1, le=256)]
    olm_type: Literal[0, 1]
    """0: pre-key message, 1: ordinary message (the Olm specification)."""
    ciphertext: Annotated[bytes, msgspec.Meta(max_length=MAX_FRAME - 128)]


class Ack(Form, frozen=True, tag=2):
    """Everything below ``next`` is stored here. ``missing`` names gaps that block what came after."""

    stream: StreamId
    next: U63
    missing: Annotated[tuple[tuple[U63, U32], ...], msgspec.Meta(max_length=32)] = ()
    """Pairs (first number, count)."""


class Reset(Form, frozen=True, tag=3):
    """The sender of this frame cannot read the stream from ``first`` on: seal it again in a new session."""

    stream: StreamId
    first: U63
    reason: Literal["no_session", "undecryptable"]


Frame = Data | Ack | Reset

FRAME: Decoder[Frame] = Decoder(Frame, limit=MAX_FRAME)
