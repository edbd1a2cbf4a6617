"""Opens the golden envelope by what docs/protocol.md says alone, without the HPKE of the product."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from nacl.signing import SigningKey

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "signals.json").read_text())
LABEL = b"\\.//^\\"
"""Of X-Wing."""
SUITE = b"HPKE" + bytes.fromhex("647a00010003")


def extract(salt: bytes, label: bytes, key: bytes) -> bytes:
    """LabeledExtract of RFC 9180, section 4."""
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + SUITE + label + key, "sha256")


def expand(key: bytes, label: bytes, info: bytes, size: int) -> bytes:
    """LabeledExpand, for at most 32 bytes."""
    labeled = size.to_bytes(2, "big") + b"HPKE-v1" + SUITE + label + info
    return hmac.digest(key, labeled + b"\x01", "sha256")[:size]


def shared_secret(mlkem: MLKEM768PrivateKey, x25519: X25519PrivateKey, encapsulated: bytes) -> bytes:
    """X-Wing."""
    post_quantum = mlkem.decapsulate(encapsulated[:1088])
    classical = x25519.exchange(X25519PublicKey.from_public_bytes(encapsulated[1088:]))
    own = x25519.public_key().public_bytes_raw()
    return hashlib.sha3_256(post_quantum + classical + encapsulated[1088:] + own + LABEL).digest()


def test_the_golden_envelope_opens_by_the_document() -> None:
    secrets = hashlib.shake_256(VECTORS["receiver"].encode()).digest(128)
    mlkem = MLKEM768PrivateKey.from_seed_bytes(secrets[32:96])
    x25519 = X25519PrivateKey.from_private_bytes(secrets[96:])
    envelope = bytes.fromhex(VECTORS["envelope"])
    assert envelope[:2] == bytes([1, 1])
    encapsulated, ciphertext = envelope[2:1122], envelope[1122:]
    shared = shared_secret(mlkem, x25519, encapsulated)
    receiver = bytes(SigningKey(secrets[:32]).verify_key)
    info = b"stardust:signal:v1" + bytes.fromhex(VECTORS["genesis"]) + receiver
    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    key, nonce = expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)
    padded = ChaCha20Poly1305(key).decrypt(nonce, ciphertext, b"")
    assert len(padded) == 1024
    assert padded.rstrip(b"\x00") == bytes.fromhex(VECTORS["signed"]) + b"\x80"
