"""Safety numbers: two people compare 60 digits, or scan a code, to know that no key was swapped.

The construction is that of Signal's numeric fingerprints (libsignal, ``NumericFingerprintGenerator``).
For each side, with ``keys`` = the device keys (ed25519, then Olm curve25519, 64 bytes a device)
in ascending order, concatenated:

    h = SHA-512(version (u16 BE, 1) ++ "stardust:safety:v1" ++ genesis ++ account ++ keys)
    5199 times: h = SHA-512(h ++ keys)

so 5200 hashes in all. The fingerprint is the first 32 bytes of ``h``; its 30 digits are six groups,
each five bytes of ``h`` (big endian) modulo 100,000, five digits with leading zeros. The number is
both sides' digits, the smaller first, so that both people see the same 60 digits.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from stardust.errors import DecodeError, UsageError
from stardust.identity.records import DeviceRecord
from stardust.identity.text import WrongVersionError, from_link, to_link
from stardust.wire.codec import encode
from stardust.wire.ids import AccountId
from stardust.wire.links import SAFETY_CODE, SAFETY_PREFIX, SafetyCode

VERSION: Final = 1
ITERATIONS: Final = 5200
MAX_DEVICES: Final = 8


class Comparison(StrEnum):
    """What scanning the other side's code showed."""

    MATCH = "match"
    MISMATCH = "mismatch"
    """The right people, but different keys: somebody may be in between, or a list is old."""
    WRONG_ACCOUNT = "wrong_account"
    """The code is of somebody else, or meant for somebody else."""
    WRONG_VERSION = "wrong_version"
    INVALID = "invalid"
    """Not a safety code at all."""


@dataclass(frozen=True, slots=True)
class Side:
    """An account and the devices that one of the two people believes it has."""

    account: AccountId
    digest: bytes
    """64 bytes: ``h`` of the module's description."""

    @classmethod
    def of(cls, genesis: bytes, account: AccountId, devices: Iterable[DeviceRecord]) -> Side:
        """About 10 ms of hashing. ``UsageError`` without devices or with more than an account can have."""
        keys = sorted(bytes(device.device) + device.olm for device in devices)
        if not 1 <= len(keys) <= MAX_DEVICES:
            raise UsageError("A safety number needs between one and eight devices on each side.")
        joined = b"".join(keys)
        head = VERSION.to_bytes(2, "big") + b"stardust:safety:v1" + genesis + account
        digest = hashlib.sha512(head + joined).digest()
        for _ in range(ITERATIONS - 1):
            digest = hashlib.sha512(digest + joined).digest()
        return cls(account, digest)

    @property
    def fingerprint(self) -> bytes:
        return self.digest[:32]

    @property
    def digits(self) -> str:
        """30 digits."""
        groups = (self.digest[at : at + 5] for at in range(0, 30, 5))
        return "".join(f"{int.from_bytes(group, 'big') % 100_000:05d}" for group in groups)


@dataclass(frozen=True, slots=True)
class SafetyNumber:
    """What one person sees of a pair of accounts."""

    own: Side
    peer: Side

    @property
    def digits(self) -> str:
        """60 digits, the same on both sides."""
        return "".join(sorted((self.own.digits, self.peer.digits)))

    @property
    def groups(self) -> tuple[str, ...]:
        """12 groups of 5 digits."""
        return tuple(self.digits[at : at + 5] for at in range(0, 60, 5))

    @property
    def code(self) -> str:
        """Payload of the QR code that the other person scans."""
        form = SafetyCode(self.own.account, self.peer.account, self.own.fingerprint, self.peer.fingerprint)
        return to_link(SAFETY_PREFIX, encode(form))

    def compare_digits(self, text: str) -> Comparison:
        """Compares with 60 digits that the other person reads out; spaces do not matter."""
        digits = "".join(text.split())
        if len(digits) != 60 or not (digits.isascii() and digits.isdigit()):
            return Comparison.INVALID
        return Comparison.MATCH if hmac.compare_digest(digits, self.digits) else Comparison.MISMATCH

    def compare_code(self, scanned: str) -> Comparison:
        """Compares with the code that the other person shows."""
        try:
            code = SAFETY_CODE.decode(from_link(SAFETY_PREFIX, scanned, limit=256))
        except WrongVersionError:
            return Comparison.WRONG_VERSION
        except DecodeError:
            return Comparison.INVALID
        if code.account != self.peer.account or code.peer != self.own.account:
            return Comparison.WRONG_ACCOUNT
        same = hmac.compare_digest(code.own + code.theirs, self.peer.fingerprint + self.own.fingerprint)
        return Comparison.MATCH if same else Comparison.MISMATCH
