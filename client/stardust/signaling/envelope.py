"""Sealed envelopes: padded, signed, and readable by one device only.

``version (1) ++ suite (1) ++ HPKE encapsulated key and ciphertext``. HPKE (RFC 9180) in base mode
with ML-KEM-768 and X25519, HKDF-SHA256 and ChaCha20-Poly1305; ``info`` binds version, genesis and
receiver. The plaintext is padded (ISO/IEC 7816-4) to one of a few sizes, so that an envelope
tells nothing about what is in it but its kind's rough size. The sender signs inside.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from stardust.identity.devices import DeviceKeys, sealing_key, verify_device
from stardust.identity.records import DeviceRecord
from stardust.signaling.errors import EnvelopeError
from stardust.signaling.padding import pad, unpad
from stardust.wire.codec import encode
from stardust.wire.ids import DeviceId
from stardust.wire.signals import MAX_ENVELOPE, SIGNAL, SIGNED_SIGNAL, Signal, SignedSignal

VERSION: Final = 1
SUITE_ID: Final = 1
OVERHEAD: Final = 2 + 1120 + 16
"""Version and suite, the encapsulated key, the tag."""
BUCKETS: Final = (1024, 1792, MAX_ENVELOPE - OVERHEAD)
"""Sizes of the padded plaintext."""
CLOCK_TOLERANCE_S: Final = 15 * 60
"""How far apart two clocks may be. What a late signal can do is bounded by the attempt ids of the link."""
MAX_LIFETIME_S: Final = 15 * 60

_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _info(genesis: bytes, receiver: DeviceId) -> bytes:
    return b"stardust:signal:v1" + genesis + receiver


def seal(signal: Signal, keys: DeviceKeys, receiver: DeviceRecord) -> bytes:
    """``signal`` for ``receiver``, at most ``MAX_ENVELOPE`` bytes."""
    body = encode(signal)
    plain = pad(encode(SignedSignal(body, keys.sign(body))), BUCKETS)
    sealed = _SUITE.encrypt(plain, sealing_key(receiver), info=_info(signal.genesis, receiver.device))
    return bytes([VERSION, SUITE_ID]) + sealed


def open_envelope(envelope: bytes, keys: DeviceKeys, genesis: bytes, now: float) -> Signal:
    """The signal in ``envelope``, signed by the device that it names.

    ``now`` is Unix time in seconds. That the device speaks for the account it names is for the
    caller to check. Raises ``EnvelopeError`` or ``DecodeError``.
    """
    if not OVERHEAD < len(envelope) <= MAX_ENVELOPE:
        raise EnvelopeError("An envelope has an impossible size.")
    if envelope[0] != VERSION or envelope[1] != SUITE_ID:
        raise EnvelopeError("An envelope is of a version that this client does not know.")
    try:
        plain = _SUITE.decrypt(envelope[2:], keys.sealing, info=_info(genesis, keys.device))
    except (InvalidTag, ValueError):
        raise EnvelopeError("An envelope cannot be opened with this device's key.") from None
    signed = SIGNED_SIGNAL.decode(unpad(plain, BUCKETS))
    signal = SIGNAL.decode(signed.body)
    if signal.receiver_device != keys.device or signal.genesis != genesis:
        raise EnvelopeError("An envelope was written for another device or another chain.")
    if not verify_device(DeviceId(signal.sender_device), signed.body, signed.signature):
        raise EnvelopeError("An envelope is not signed by the device that it names.")
    if signal.expires < now - CLOCK_TOLERANCE_S:
        raise EnvelopeError("An envelope has expired.")
    if signal.expires > now + MAX_LIFETIME_S + CLOCK_TOLERANCE_S:
        raise EnvelopeError("An envelope claims to be valid for too long.")
    return signal
