"""Sealed beats: who has the device's presence key sees that it is there, and nobody else.

``version (1) ++ nonce (12) ++ ciphertext``, ChaCha20-Poly1305 (RFC 8439) under the presence key. The
device signs inside: its contacts share the key, and none of them may speak for it. Pure.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from stardust.identity.devices import DeviceKeys, verify_device
from stardust.signaling.envelope import CLOCK_TOLERANCE_S
from stardust.signaling.errors import EnvelopeError
from stardust.signaling.padding import pad, unpad
from stardust.wire.codec import encode
from stardust.wire.ids import DeviceId
from stardust.wire.presence import BEAT, SIGNED_BEAT, Beat, SignedBeat

VERSION: Final = 1
SIGNED: Final = b"stardust:beat:v1"
NONCE: Final = 12
PADDED: Final = 128
"""Bytes of the plaintext, always."""
SEALED: Final = 1 + NONCE + PADDED + 16
EVERY_S: Final = 45.0
"""At most, between two beats."""
GONE_AFTER_S: Final = 100.0
"""Without a beat; one may be lost. No node has to keep a beat for longer."""


def seal_beat(beat: Beat, keys: DeviceKeys, key: bytes, genesis: bytes, nonce: bytes) -> bytes:
    """``SEALED`` bytes. ``key``: the presence key of ``keys``' device; ``nonce``: 12 random bytes."""
    body = encode(beat)
    plain = encode(SignedBeat(body, keys.sign(SIGNED + genesis + body)))
    data = pad(plain, (PADDED,))
    return bytes([VERSION]) + nonce + ChaCha20Poly1305(key).encrypt(nonce, data, _bound(genesis, keys.device))


def open_beat(sealed: bytes, device: DeviceId, key: bytes, genesis: bytes, now: float) -> Beat:
    """The beat of ``device``, made about now (Unix seconds) by a clock that may be off.

    Raises ``EnvelopeError`` or ``DecodeError``."""
    if len(sealed) != SEALED or sealed[0] != VERSION:
        raise EnvelopeError("A beat is of a version that this client does not know.")
    nonce, data = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
    try:
        plain = ChaCha20Poly1305(key).decrypt(nonce, data, _bound(genesis, device))
    except InvalidTag:
        raise EnvelopeError("A beat cannot be opened with the key that its device gave.") from None
    signed = SIGNED_BEAT.decode(unpad(plain, (PADDED,)))
    if not verify_device(device, SIGNED + genesis + signed.body, signed.signature):
        raise EnvelopeError("A beat is not signed by its device.")
    beat = BEAT.decode(signed.body)
    age = now - beat.at / 1000
    if not -CLOCK_TOLERANCE_S <= age <= CLOCK_TOLERANCE_S + GONE_AFTER_S:
        raise EnvelopeError("A beat is of another time.")
    return beat


def _bound(genesis: bytes, device: DeviceId) -> bytes:
    return SIGNED + genesis + device
