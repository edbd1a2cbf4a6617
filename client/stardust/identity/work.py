"""Proof of work for joining with an empty account (docs/chain.md, ``work``)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from stardust.identity.errors import WorkTooHardError
from stardust.wire.ids import AccountId, DeviceId

MAX_DIFFICULTY: Final = 24
"""Bits; about 20 s on one core of today. Chains of this project ask for 12 or 16."""
_BATCH: Final = 4096


def solve(
    genesis: bytes,
    account: AccountId,
    device: DeviceId,
    expires: int,
    difficulty: int,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> int | None:
    """The smallest nonce whose hash begins with ``difficulty`` zero bits; None when ``cancelled``.

    Plain computation (16 bits: about 0.1 s): run it in a thread, off the event loop.
    Raises ``WorkTooHardError`` above ``MAX_DIFFICULTY``.
    """
    if difficulty > MAX_DIFFICULTY:
        raise WorkTooHardError(f"The node asks for {difficulty} bits of work, more than {MAX_DIFFICULTY}.")
    prefix = _prefix(genesis, account, device, expires)
    bound, pack = 1 << (256 - difficulty), struct.Struct("<Q").pack
    for start in range(0, 2**63, _BATCH):
        if cancelled():
            return None
        for nonce in range(start, start + _BATCH):
            attempt = prefix.copy()
            attempt.update(pack(nonce))
            if int.from_bytes(attempt.digest(), "big") < bound:
                return nonce
    return None


def check_work(
    genesis: bytes, account: AccountId, device: DeviceId, expires: int, nonce: int, difficulty: int
) -> bool:
    """Whether ``nonce`` has the wanted leading zero bits."""
    attempt = _prefix(genesis, account, device, expires)
    attempt.update(struct.pack("<Q", nonce))
    return int.from_bytes(attempt.digest(), "big") < 1 << (256 - difficulty)


def _prefix(genesis: bytes, account: AccountId, device: DeviceId, expires: int) -> blake2b:
    return blake2b(
        b"stardust:work:v1" + genesis + account + device + struct.pack("<I", expires), digest_size=32
    )
