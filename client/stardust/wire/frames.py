"""What delivery puts on a link or a relay route: one frame is one data channel message.

docs/protocol.md says when each is sent. Frames are not sealed themselves (only the
ciphertext in ``Data`` is): they go over routes on which both devices are authenticated.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from stardust.wire.codec import U63, Decoder, Form

MAX_FRAME = 64 * 1024
MAX_MISSING = 32
MAX_REFUSED = 16
MAX_NUMBER = 2**62

StreamId = Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]
Number = Annotated[int, msgspec.Meta(ge=0, le=MAX_NUMBER)]
"""Of an item in its stream."""
Count = Annotated[int, msgspec.Meta(ge=1, le=2**31)]
FrameDigest = Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]
"""The first 8 bytes of blake2b-256 of a ``Data`` frame's ciphertext."""


class Data(Form, frozen=True, tag=1):
    """Items ``first`` .. ``first + count - 1`` of the sender's stream, as one Olm message."""

    stream: StreamId
    first: Number
    count: Annotated[int, msgspec.Meta(ge=1, le=256)]
    olm_type: Literal[0, 1]
    """0: pre-key message, 1: ordinary message (the Olm specification)."""
    ciphertext: Annotated[bytes, msgspec.Meta(max_length=MAX_FRAME - 128)]


class Ack(Form, frozen=True, tag=2):
    """Everything of ``stream`` below ``next`` is stored here."""

    stream: StreamId
    next: Number
    missing: Annotated[tuple[tuple[Number, Count], ...], msgspec.Meta(max_length=MAX_MISSING)] = ()
    """Gaps before items that did arrive, as pairs (first number, count)."""
    refused: Annotated[tuple[Number, ...], msgspec.Meta(max_length=MAX_REFUSED)] = ()
    """The newest numbers below ``next`` whose items this device does not understand."""


class Reset(Form, frozen=True, tag=3):
    """The sender of this frame cannot read item ``first`` in the ``Data`` frame with this digest:
    seal it and what follows again, in a new session."""

    stream: StreamId
    first: Number
    digest: FrameDigest
    reason: Literal["no_session", "undecryptable"]


class Resume(Form, frozen=True, tag=4):
    """Where both streams stand; the first frame of each side on a new link."""

    stream: StreamId
    """The stream of the sender of this frame."""
    base: Number
    """Its first item that can still come."""
    have: Ack | None
    """What the sender of this frame has of the receiver's stream; None: it knows of none."""
    ask: bool
    """True: answer with a ``Resume`` that asks for nothing."""


class Clock(Form, frozen=True, tag=5):
    """What time it is for the sender of this frame, so that the times of its messages can be told in the
    receiver's."""

    at: U63
    """Unix time in milliseconds, when this frame was made."""
    asked: U63 | None = None
    """``at`` of the frame that this one answers; None: it wants an answer itself."""


Frame = Data | Ack | Reset | Resume | Clock

FRAME: Decoder[Frame] = Decoder(Frame, limit=MAX_FRAME)
