"""How an account certifies a device, and how anybody checks it (docs/chain.md, device records)."""

from __future__ import annotations

import struct
from hashlib import blake2b
from typing import Final, Protocol

from stardust.identity.accounts import verify
from stardust.identity.devices import DeviceKeys, sealing_key, verify_device
from stardust.identity.errors import CertificateError
from stardust.identity.records import SEALING_KEY_SIZE, SUITE, CertifiedDevice, DeviceRecord, Scheme
from stardust.wire.ids import AccountId

STATEMENT: Final = b"stardust:device:v1"
POSSESSION: Final = b"stardust:possess:v1"


class Signer(Protocol):
    """An account key (``AccountKey``, or a wallet elsewhere)."""

    @property
    def account(self) -> AccountId: ...

    @property
    def scheme(self) -> Scheme: ...

    def sign(self, message: bytes) -> bytes: ...


def encode_record(record: DeviceRecord) -> bytes:
    """SCALE of a ``DeviceRecord``; ``CertificateError`` when a key has another length than suite 1 says."""
    keys = (record.device, record.olm, record.fallback)
    if (
        record.suite != SUITE
        or any(len(key) != 32 for key in keys)
        or len(record.sealing) != SEALING_KEY_SIZE
    ):
        raise CertificateError("A device record is not of a suite that this version knows.")
    # SCALE compact length of 1216: two-byte mode.
    length = (SEALING_KEY_SIZE << 2 | 1).to_bytes(2, "little")
    return bytes([record.suite]) + b"".join(keys) + length + record.sealing


def statement(genesis: bytes, account: AccountId, record: DeviceRecord, expires: int) -> bytes:
    """50 bytes that the account signs."""
    return STATEMENT + _digest(genesis, account, record, expires)


def possession(genesis: bytes, account: AccountId, record: DeviceRecord, expires: int) -> bytes:
    """51 bytes that the device signs, so that nobody can claim another's key."""
    return POSSESSION + _digest(genesis, account, record, expires)


def certify(
    account: Signer, keys: DeviceKeys, record: DeviceRecord, *, genesis: bytes, expires: int
) -> CertifiedDevice:
    """Both signatures over ``record``, good until block ``expires``."""
    return CertifiedDevice(
        account=account.account,
        record=record,
        expires=expires,
        possession=keys.sign(possession(genesis, account.account, record, expires)),
        scheme=account.scheme,
        certificate=account.sign(statement(genesis, account.account, record, expires)),
    )


def check(device: CertifiedDevice, genesis: bytes) -> None:
    """Raises ``CertificateError`` unless both signatures hold and all keys are of suite 1.

    The account may have signed the bare statement or its ``<Bytes>`` form (browser wallets).
    """
    signed = statement(genesis, device.account, device.record, device.expires)
    forms = (signed, b"<Bytes>" + signed + b"</Bytes>")
    if not any(verify(device.scheme, device.account, form, device.certificate) for form in forms):
        raise CertificateError
    owned = possession(genesis, device.account, device.record, device.expires)
    if not verify_device(device.record.device, owned, device.possession):
        raise CertificateError("The chain holds a device key whose device did not agree to it.")
    sealing_key(device.record)


def _digest(genesis: bytes, account: AccountId, record: DeviceRecord, expires: int) -> bytes:
    if len(genesis) != 32 or len(account) != 32 or not 0 <= expires < 2**32:
        raise CertificateError("A certificate names an impossible chain, account or block.")
    body = genesis + account + encode_record(record) + struct.pack("<I", expires)
    return blake2b(body, digest_size=32).digest()
