"""A beat: what a device lets its contacts see from time to time while it is there.

Sealed (``signaling/beats.py``) it travels under topics that follow from the device's presence key.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from stardust.wire.codec import U63, Decoder, Form, Signature64


class Beat(Form, frozen=True, tag=1):
    """I am here, or going."""

    at: U63
    """Unix time in milliseconds by the sender's clock; each beat of a device is later than the last."""
    state: Literal["here", "gone"]


class SignedBeat(Form, frozen=True, tag=2):
    """The encoding of a ``Beat``, and the device's signature over ``stardust:beat:v1``, the genesis hash and
    the encoding."""

    body: Annotated[bytes, msgspec.Meta(max_length=40)]
    signature: Signature64


BEAT: Decoder[Beat] = Decoder(Beat, limit=40)
SIGNED_BEAT: Decoder[SignedBeat] = Decoder(SignedBeat, limit=120)
