"""A statement for the statement store, made by hand: what a client has to put on the wire."""

from __future__ import annotations

import time

from stardust.identity.devices import DeviceKeys

# Field numbers of a statement; they stand in ascending order.
PROOF, EXPIRY, TOPIC, DATA = 0, 2, 4, 8
ED25519 = 1


def compact(number: int) -> bytes:
    """SCALE Compact, as far as it is needed here."""
    assert number < 1 << 14
    return bytes([number << 2]) if number < 64 else (number << 2 | 1).to_bytes(2, "little")


def statement(device: DeviceKeys, topic: bytes, data: bytes, sequence: int = 0, lives_s: int = 600) -> bytes:
    """Signed by ``device``; another of the same content needs a higher ``sequence``."""
    expiry = (int(time.time()) + lives_s) << 32 | sequence
    fields = bytes([EXPIRY]) + expiry.to_bytes(8, "little")
    fields += bytes([TOPIC]) + topic
    fields += bytes([DATA]) + compact(len(data)) + data
    proof = bytes([PROOF, ED25519]) + device.sign(fields) + device.device
    return compact(4) + proof + fields
