"""Device records as they stand on chain (docs/chain.md, device records and certificates)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from stardust.wire.ids import AccountId, DeviceId

SUITE = 1
SEALING_KEY_SIZE = 1216


class Scheme(StrEnum):
    """Signature scheme of an account key, as ``MultiSignature`` numbers them."""

    ED25519 = "ed25519"
    SR25519 = "sr25519"


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """Public keys of one device under suite 1."""

    device: DeviceId
    olm: bytes
    """32 bytes: curve25519 identity key of the device's Olm account."""
    fallback: bytes
    """32 bytes: curve25519 Olm fallback key, for a first message without a handshake."""
    sealing: bytes
    """1216 bytes: HPKE public key, ML-KEM-768 and X25519."""
    suite: int = SUITE


@dataclass(frozen=True, slots=True)
class CertifiedDevice:
    """A record with the proofs that the chain keeps beside it."""

    account: AccountId
    record: DeviceRecord
    expires: int
    """Block number until which the certificate could be brought in."""
    possession: bytes
    """64 bytes: the device's own signature."""
    scheme: Scheme
    certificate: bytes
    """64 bytes: the account's signature over the statement of docs/chain.md."""
    added: int = 0
    """Block in which the chain took it; 0 before that."""
