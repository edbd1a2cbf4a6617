"""What people hand each other outside the network, as a link or a QR code.

Text: the prefix, then base64url without padding of one version byte (1) and the form.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from stardust.wire.codec import U63, Decoder, Form, Key32, Signature64

VERSION: Final = 1
INVITE_PREFIX: Final = "stardust:invite:"
SAFETY_PREFIX: Final = "stardust:safety:"
MAX_INVITE: Final = 1024
"""Bytes of an encoded ``SignedInvite``."""

Hint = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class Invite(Form, frozen=True, tag=1):
    """Come and talk to me: who I am, on which chain, and a secret that shows who invited whom."""

    hidden = frozenset({"secret"})
    account: Key32
    device: Key32
    genesis: Key32
    name: Annotated[str, msgspec.Meta(max_length=64)]
    secret: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    hints: Annotated[tuple[Hint, ...], msgspec.Meta(max_length=3)]
    """URLs (``ws:`` or ``wss:``) of nodes of that chain."""
    expires: U63
    """Unix time in seconds."""


class SignedInvite(Form, frozen=True, tag=2):
    """The encoding of an ``Invite``; the device's signature over ``stardust:invite:v1`` and it."""

    hidden = frozenset({"body"})
    body: Annotated[bytes, msgspec.Meta(max_length=900)]
    signature: Signature64


class SafetyCode(Form, frozen=True, tag=3):
    """One side's view of a pair of accounts, to be scanned by the other side."""

    account: Key32
    """Who shows the code."""
    peer: Key32
    """Whom it is meant for."""
    own: Key32
    """Fingerprint of ``account`` and its devices, as the shower sees them."""
    theirs: Key32
    """Fingerprint of ``peer`` and its devices, as the shower sees them."""


INVITE: Decoder[Invite] = Decoder(Invite, limit=900)
SIGNED_INVITE: Decoder[SignedInvite] = Decoder(SignedInvite, limit=MAX_INVITE)
SAFETY_CODE: Decoder[SafetyCode] = Decoder(SafetyCode, limit=256)
