"""Proof of work for joining with an empty account (docs/chain.md, ``work``)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from stardust.identity.certificates import possession
from stardust.identity.errors import WorkTooHardError
from stardust.identity.records import CertifiedDevice, Scheme

MAX_DIFFICULTY: Final = 24
"""Bits; about 20 s on one core of today. Chains of this project ask for 12 or 16."""
_BATCH: Final = 4096
_SCHEMES: Final = {Scheme.ED25519: b"\0", Scheme.SR25519: b"\1"}
"""Numbers in ``MultiSignature``."""


def solve(
    genesis: bytes,
    device: CertifiedDevice,
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
    prefix = _prefix(genesis, device)
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


def check_work(genesis: bytes, device: CertifiedDevice, nonce: int, difficulty: int) -> bool:
    """Whether ``nonce`` has the wanted leading zero bits."""
    attempt = _prefix(genesis, device)
    attempt.update(struct.pack("<Q", nonce))
    return int.from_bytes(attempt.digest(), "big") < 1 << (256 - difficulty)


def _prefix(genesis: bytes, device: CertifiedDevice) -> blake2b:
    """All but the nonce. It covers what is signed and both signatures: the work is for one call only."""
    signed = possession(genesis, device.account, device.record, device.expires)
    signatures = device.possession + _SCHEMES[device.scheme] + device.certificate
    return blake2b(
        b"stardust:work:v2" + blake2b(signed + signatures, digest_size=32).digest(), digest_size=32
    )
