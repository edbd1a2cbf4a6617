"""What a client and a rendezvous say to each other: one form is one binary WebSocket message.

A rendezvous keeps sealed envelopes under topics for a while and hands them to whoever listens. It
knows no accounts and no keys. docs/protocol.md says which form follows which.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from stardust.wire.codec import U32, Decoder, Form, Key32
from stardust.wire.signals import MAX_ENVELOPE

VERSION: Final = 1
MAX_LIFETIME: Final = 900
"""Seconds."""
TOPICS_AT_ONCE: Final = 128
MAX_REQUEST: Final = 4_400
MAX_NOTICE: Final = 4_160
"""Bytes of what a client and what a rendezvous says."""

Topics = Annotated[tuple[Key32, ...], msgspec.Meta(min_length=1, max_length=TOPICS_AT_ONCE)]
Sealed = Annotated[bytes, msgspec.Meta(min_length=1, max_length=MAX_ENVELOPE)]


class Hello(Form, frozen=True, tag=1):
    """The first message of a client."""

    version: Annotated[int, msgspec.Meta(ge=1, le=65_535)]


class Subscribe(Form, frozen=True, tag=2):
    """Hand me what waits under these topics, again if I had it, and then what comes."""

    request: U32
    """Chosen by the client; the answer repeats it."""
    topics: Topics


class Unsubscribe(Form, frozen=True, tag=3):
    """Nothing more under these topics."""

    request: U32
    topics: Topics


class Publish(Form, frozen=True, tag=4):
    """Keep this and hand it to whoever listens. It replaces what stands on the same channel of the topic."""

    request: U32
    topic: Key32
    channel: Key32
    """Nobody else is told it, so nobody else can replace what stands on it."""
    lifetime: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIFETIME)]
    """Seconds from now: no clock has to be right."""
    envelope: Sealed


class Welcome(Form, frozen=True, tag=5):
    """The answer to a ``Hello`` of a version that the rendezvous speaks."""

    version: Annotated[int, msgspec.Meta(ge=1, le=65_535)]
    topics: U32
    """To how many this connection may listen at a time."""


class Arrived(Form, frozen=True, tag=6):
    """An envelope under a topic that the client listens to."""

    topic: Key32
    envelope: Sealed


class Ok(Form, frozen=True, tag=7):
    """A request is done."""

    request: U32


class Refused(Form, frozen=True, tag=8):
    """A request is not done, and has changed nothing."""

    request: U32
    reason: Literal["version", "busy", "full", "topics"]
    """``version``: not spoken here; the connection ends. ``busy``: too many requests, later they are
    welcome. ``full``: the topic holds as much as it may. ``topics``: too many of them."""


Request = Hello | Subscribe | Unsubscribe | Publish
Notice = Welcome | Arrived | Ok | Refused

REQUEST: Decoder[Request] = Decoder(Request, limit=MAX_REQUEST)
NOTICE: Decoder[Notice] = Decoder(Notice, limit=MAX_NOTICE)
