"""The key of an account's backups, and the two ways to it: passphrase and recovery phrase.

A random data key of 32 bytes seals all backups of the account, so that blocks are
re-used. It stands in each backup twice, wrapped (XChaCha20-Poly1305): under a key
stretched from the passphrase (Argon2id), and under ``AccountKey.subkey("backup")``,
which follows from the recovery phrase alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Annotated, Final, Literal

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl import pwhash, secret, utils
from nacl.exceptions import CryptoError

from stardust.backup.blocks import Cid
from stardust.backup.errors import BackupForeignError, BackupTamperedError
from stardust.errors import LocalError, UsageError, WrongPassphraseError
from stardust.wire.codec import Key32
from stardust.wire.ids import AccountId

SUBKEY_LABEL: Final = "backup"
OPERATIONS: Final = 3
MEMORY_KIB: Final = 256 * 1024
_MAX_OPERATIONS: Final = 16
_MAX_MEMORY_KIB: Final = 1024 * 1024
_WRAPPED_SIZE: Final = 24 + 32 + 16
"""Nonce, key, tag."""
_BY_PASSPHRASE: Final = b"stardust:backup:v1:key:passphrase"
_BY_ACCOUNT: Final = b"stardust:backup:v1:key:account"

Wrapped = Annotated[bytes, msgspec.Meta(min_length=_WRAPPED_SIZE, max_length=_WRAPPED_SIZE)]


class PassphraseWrap(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="by", tag="passphrase"
):
    """The data key under Argon2id (version 1.3, one lane) of the passphrase in UTF-8."""

    operations: Annotated[int, msgspec.Meta(ge=1, le=_MAX_OPERATIONS)]
    memory_kib: Annotated[int, msgspec.Meta(ge=8, le=_MAX_MEMORY_KIB)]
    salt: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    sealed: Wrapped


class AccountWrap(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="by", tag="account"):
    """The data key under the account's subkey."""

    sealed: Wrapped


Wrap = PassphraseWrap | AccountWrap
Wraps = Annotated[tuple[Wrap, ...], msgspec.Meta(min_length=1, max_length=2)]


@dataclass(frozen=True, slots=True)
class BackupKey:
    """The data key with its wraps; kept in the vault as ``to_bytes``."""

    account: AccountId
    data: bytes = field(repr=False)
    wraps: tuple[Wrap, ...] = field(repr=False)

    @classmethod
    def create(cls, account: AccountId, *, passphrase: str = "", subkey: bytes | None = None) -> BackupKey:
        """A fresh data key. ``subkey``: ``AccountKey.subkey("backup")``, where the account key is at
        hand. One of the two at least: ``UsageError``. About 0.6 s of Argon2id."""
        data = utils.random(32)
        wraps: list[Wrap] = []
        if passphrase:
            wraps.append(wrap_by_passphrase(data, passphrase))
        if subkey is not None:
            wraps.append(AccountWrap(bytes(_aead(subkey).encrypt(data, _BY_ACCOUNT))))
        if not wraps:
            raise UsageError("A backup needs a passphrase or the account key.")
        return cls(account, data, tuple(wraps))

    def with_passphrase(self, passphrase: str) -> BackupKey:
        """The same data key under another passphrase; empty: under none."""
        kept = tuple(wrap for wrap in self.wraps if isinstance(wrap, AccountWrap))
        wraps: tuple[Wrap, ...] = (wrap_by_passphrase(self.data, passphrase), *kept) if passphrase else kept
        if not wraps:
            raise UsageError("A backup needs a passphrase or the account key.")
        return BackupKey(self.account, self.data, wraps)

    def with_subkey(self, subkey: bytes) -> BackupKey:
        """The same data key, also under the account's subkey."""
        kept = tuple(wrap for wrap in self.wraps if isinstance(wrap, PassphraseWrap))
        return BackupKey(
            self.account,
            self.data,
            (*kept, AccountWrap(bytes(_aead(subkey).encrypt(self.data, _BY_ACCOUNT)))),
        )

    def derive(self, label: str) -> bytes:
        """32 bytes: HKDF-SHA256 (RFC 5869) of the data key, for one purpose."""
        info = b"stardust:backup:v1:" + label.encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self.data)

    def anchor(self, cid: Cid, sequence: int) -> bytes:
        """32 bytes, the digest that goes on chain: only who has the data key can name a backup."""
        said = b"stardust:backup:v1:anchor" + self.account + sequence.to_bytes(8, "little") + cid
        return blake2b(said, key=self.derive("anchor"), digest_size=32).digest()

    def to_bytes(self) -> bytes:
        return msgspec.msgpack.encode(_Stored(1, bytes(self.account), self.data, self.wraps))

    @classmethod
    def from_bytes(cls, stored: bytes) -> BackupKey:
        """What ``to_bytes`` gave. ``LocalError``."""
        try:
            form = msgspec.msgpack.decode(stored, type=_Stored)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise LocalError("The key of the backups is damaged.") from None
        return cls(AccountId(form.account), form.data, form.wraps)


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal[1]
    account: Key32
    data: Key32
    wraps: Wraps


def wrap_by_passphrase(
    data: bytes, passphrase: str, *, operations: int = OPERATIONS, memory_kib: int = MEMORY_KIB
) -> PassphraseWrap:
    salt = utils.random(16)
    key = _stretch(passphrase, salt, operations, memory_kib)
    return PassphraseWrap(operations, memory_kib, salt, bytes(_aead(key).encrypt(data, _BY_PASSPHRASE)))


def unwrap(wraps: tuple[Wrap, ...], *, passphrase: str | None, subkey: bytes | None) -> bytes:
    """The data key. ``WrongPassphraseError``; ``BackupForeignError`` when ``subkey`` does not fit."""
    for wrap in wraps:
        if isinstance(wrap, AccountWrap) and subkey is not None:
            return _open(subkey, wrap.sealed, _BY_ACCOUNT, BackupForeignError())
    for wrap in wraps:
        if isinstance(wrap, PassphraseWrap) and passphrase:
            key = _stretch(passphrase, wrap.salt, wrap.operations, wrap.memory_kib)
            wrong = WrongPassphraseError(hint="it is the one under which the backup was made")
            return _open(key, wrap.sealed, _BY_PASSPHRASE, wrong)
    ways = " or ".join(
        "the recovery phrase" if isinstance(w, AccountWrap) else "its passphrase" for w in wraps
    )
    raise UsageError(f"This backup opens with {ways}.")


def _open(key: bytes, sealed: bytes, label: bytes, wrong: Exception) -> bytes:
    try:
        data: bytes = _aead(key).decrypt(sealed, label)
    except CryptoError:
        raise wrong from None
    return data


def _aead(key: bytes) -> secret.Aead:
    return secret.Aead(key)


def _stretch(passphrase: str, salt: bytes, operations: int, memory_kib: int) -> bytes:
    try:
        key: bytes = pwhash.argon2id.kdf(
            32, passphrase.encode(), salt, opslimit=operations, memlimit=memory_kib * 1024
        )
    except (CryptoError, ValueError):
        raise BackupTamperedError("The backup asks for a passphrase in an impossible way.") from None
    return key
