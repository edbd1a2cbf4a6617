"""What travels over a signaling transport: one sealed envelope for one device.

On every transport the bytes are ``SealedEnvelope``: ``version (1) ++ suite (1) ++
HPKE encapsulation and ciphertext``. Inside, padded to a bucket, stands a
``SignedSignal``; its ``body`` is the encoding of a ``Signal`` and is what the
sender's device signed (ed25519).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

from stardust.wire.codec import U63, Decoder, Form, Id16, Key32, Signature64

MAX_ENVELOPE = 4096
"""Bytes of a sealed envelope; what one pallet call carries."""


class SignalKind(IntEnum):
    """Kinds as the pallet knows them (docs/chain.md)."""

    OFFER = 0
    ANSWER = 1
    CANDIDATE = 2
    PING = 3
    OFFLINE_MESSAGE = 4


class Signal(Form, frozen=True, tag=1):
    """What one device says to another to get a connection."""

    id: Id16
    kind: SignalKind
    genesis: Key32
    sender_account: Key32
    sender_device: Key32
    receiver_device: Key32
    expires: U63
    """Unix time in seconds."""
    payload: Annotated[bytes, msgspec.Meta(max_length=2600)]


class SignedSignal(Form, frozen=True, tag=2):
    """A ``Signal`` as bytes, and the sender device's ed25519 signature over them."""

    body: Annotated[bytes, msgspec.Meta(max_length=2850)]
    signature: Signature64


SIGNAL: Decoder[Signal] = Decoder(Signal, limit=2850)
SIGNED_SIGNAL: Decoder[SignedSignal] = Decoder(SignedSignal, limit=2950)
