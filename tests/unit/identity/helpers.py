"""Fixed keys, so that the tests' values never move."""

from __future__ import annotations

import hashlib

from stardust.identity.accounts import AccountKey
from stardust.identity.devices import DeviceKeys
from stardust.identity.records import DeviceRecord, Scheme

GENESIS = bytes(range(32))
PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"


def account(name: str = "", scheme: Scheme = Scheme.SR25519) -> AccountKey:
    return AccountKey.from_uri(f"{PHRASE}//{name}" if name else PHRASE, scheme=scheme)


def device(name: str) -> DeviceKeys:
    return DeviceKeys.from_bytes(b"\x01" + hashlib.shake_256(name.encode()).digest(128))


def record(name: str) -> DeviceRecord:
    olm, fallback = (hashlib.sha256(f"{name} {part}".encode()).digest() for part in ("olm", "fallback"))
    return device(name).record(olm, fallback)
