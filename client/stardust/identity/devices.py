"""A device's own keys: ed25519 for chain and signatures, hybrid HPKE for what is sealed to it.

Its Olm keys belong to the session layer, which hands the public ones over for the record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import nacl.bindings
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey
from nacl.utils import random

from stardust.errors import LocalError, UntrustedError
from stardust.identity.records import SEALING_KEY_SIZE, DeviceRecord
from stardust.wire.ids import DeviceId

_VERSION: Final = 1
_SIZE: Final = 1 + 32 + 64 + 32
_MLKEM_PUBLIC: Final = 1184


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """The secrets of this device; keeps the interface ``DeviceSigner``."""

    device: DeviceId
    _signing: SigningKey = field(repr=False)
    _mlkem: MLKEM768PrivateKey = field(repr=False)
    _x25519: X25519PrivateKey = field(repr=False)

    @classmethod
    def create(cls) -> DeviceKeys:
        return cls._of(random(32), random(64), random(32))

    @classmethod
    def from_bytes(cls, data: bytes) -> DeviceKeys:
        """What ``to_bytes`` gave; ``LocalError`` when it is damaged."""
        if len(data) != _SIZE or data[0] != _VERSION:
            raise LocalError("The keys of this device are damaged.")
        return cls._of(data[1:33], data[33:97], data[97:])

    @classmethod
    def _of(cls, signing: bytes, mlkem: bytes, x25519: bytes) -> DeviceKeys:
        key = SigningKey(signing)
        return cls(
            DeviceId(bytes(key.verify_key)),
            key,
            MLKEM768PrivateKey.from_seed_bytes(mlkem),
            X25519PrivateKey.from_private_bytes(x25519),
        )

    def to_bytes(self) -> bytes:
        """129 bytes, all secret: version, ed25519 seed, ML-KEM-768 seed (FIPS 203 d and z), X25519 scalar."""
        secrets = bytes(self._signing) + self._mlkem.private_bytes_raw() + self._x25519.private_bytes_raw()
        return bytes([_VERSION]) + secrets

    def sign(self, message: bytes) -> bytes:
        """64 bytes: ed25519 signature."""
        return self._signing.sign(message).signature

    def pair_key(self, other: DeviceId, genesis: bytes) -> bytes:
        """32 bytes that only this device and ``other`` can compute, on the chain of ``genesis``.

        X25519 between the two ed25519 keys in their Montgomery form. That one key may both sign and
        agree is shown by E. Thormarker, "On using the same key pair for Ed25519 and an X25519 based
        KEM" (2021). Without state, so nothing gets out of step; for topics only: it is neither
        forward secret nor post-quantum. Raises ``UntrustedError`` for a key of low order.
        """
        try:
            # libsodium refuses points of low order in the first step and an all-zero secret in the last.
            public = nacl.bindings.crypto_sign_ed25519_pk_to_curve25519(bytes(other))
            private = nacl.bindings.crypto_sign_ed25519_sk_to_curve25519(
                bytes(self._signing) + bytes(self.device)
            )
            shared = nacl.bindings.crypto_scalarmult(private, public)
        except (CryptoError, ValueError, TypeError):
            raise UntrustedError("A device's key is not valid.") from None
        info = b"stardust:pair:v1" + genesis + b"".join(sorted((self.device, other)))
        return HKDF(hashes.SHA256(), length=32, salt=None, info=info).derive(shared)

    @property
    def sealing(self) -> MLKEM768X25519PrivateKey:
        """Opens what is sealed to this device (HPKE, ML-KEM-768 and X25519)."""
        return MLKEM768X25519PrivateKey(self._mlkem, self._x25519)

    def record(self, olm: bytes, fallback: bytes) -> DeviceRecord:
        """The public record, with the session layer's Olm identity and fallback keys (32 bytes each)."""
        sealing = self._mlkem.public_key().public_bytes_raw() + self._x25519.public_key().public_bytes_raw()
        return DeviceRecord(self.device, olm, fallback, sealing)


def sealing_key(record: DeviceRecord) -> MLKEM768X25519PublicKey:
    """The key under which to seal for ``record``: 1184 bytes ML-KEM-768, then 32 bytes X25519.

    Raises ``UntrustedError`` when the record holds no valid key.
    """
    raw = record.sealing
    try:
        if len(raw) != SEALING_KEY_SIZE:
            raise ValueError("length")
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC]),
            X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC:]),
        )
    except ValueError:
        raise UntrustedError("A device's sealing key is not valid.") from None


def verify_device(device: DeviceId, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (64 bytes) is the device's ed25519 signature over ``message``."""
    try:
        VerifyKey(bytes(device)).verify(message, signature)
    except (CryptoError, ValueError):
        return False
    return True
