"""The device's secrets at rest: one file, sealed under the passphrase.

``device.keys`` is the magic ``STARKEYS``, a version byte, Argon2id's operations (u32 LE)
and memory in KiB (u32 LE), the salt (16), then XChaCha20-Poly1305: nonce (24) and
ciphertext, with everything before as associated data.
"""

from __future__ import annotations

import struct
from typing import Annotated, Final

import msgspec
from nacl import pwhash, secret, utils
from nacl.exceptions import CryptoError

from stardust.backup.keys import SUBKEY_LABEL, BackupKey
from stardust.daemon.errors import VaultDamagedError
from stardust.daemon.home import Home, write_private
from stardust.errors import WrongPassphraseError, start_again
from stardust.identity.accounts import AccountKey
from stardust.identity.devices import DeviceKeys

_MAGIC: Final = b"STARKEYS"
_VERSION: Final = 1
_HEADER: Final = struct.Struct("<8sBII16s")
_OPERATIONS: Final = 3
_MEMORY_KIB: Final = 64 * 1024
_MAX_MEMORY_KIB: Final = 1024 * 1024
_MAX_SIZE: Final = 64 * 1024

Key = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class Secrets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must not be lost or seen. The account key is not among it."""

    account: Key
    """Public: whose device this is."""
    scheme: str
    device: bytes
    """``DeviceKeys.to_bytes``."""
    database: Key
    """Opens ``history.db``."""
    pickle: Key
    """Opens the Olm pickles in the database."""
    backup: bytes
    """``BackupKey.to_bytes``: seals a backup without asking."""

    def __repr__(self) -> str:
        """Without any secret."""
        return f"Secrets(account={self.account.hex()})"


def new_secrets(account: AccountKey, device: DeviceKeys, passphrase: str) -> Secrets:
    """Fresh keys for the database and the backups of a new device. About 0.6 s of Argon2id."""
    backup = BackupKey.create(account.account, passphrase=passphrase, subkey=account.subkey(SUBKEY_LABEL))
    return Secrets(
        account=account.account,
        scheme=account.scheme.value,
        device=device.to_bytes(),
        database=utils.random(32),
        pickle=utils.random(32),
        backup=backup.to_bytes(),
    )


def seal(home: Home, secrets: Secrets, passphrase: str) -> None:
    """Writes the vault. An empty passphrase: a random one is kept beside it, for this user's eyes."""
    if not passphrase:
        passphrase = utils.random(32).hex()
        write_private(home.unlock, passphrase.encode())
    header = _HEADER.pack(_MAGIC, _VERSION, _OPERATIONS, _MEMORY_KIB, utils.random(16))
    sealed = secret.Aead(_stretch(passphrase, header)).encrypt(msgspec.msgpack.encode(secrets), header)
    write_private(home.vault, header + sealed)


def needs_passphrase(home: Home) -> bool:
    """False when the home was made without one."""
    return not home.unlock.exists()


def unseal(home: Home, passphrase: str) -> Secrets:
    """``WrongPassphraseError``, ``VaultDamagedError``."""
    data = _read(home)
    if not needs_passphrase(home):
        try:
            passphrase = home.unlock.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise VaultDamagedError(f"{home.unlock} cannot be read: {error}.") from None
    header, sealed = data[: _HEADER.size], data[_HEADER.size :]
    try:
        clear = secret.Aead(_stretch(passphrase, header)).decrypt(sealed, header)
        return msgspec.msgpack.decode(clear, type=Secrets)
    except CryptoError:
        raise WrongPassphraseError(hint="it is the one chosen at: stardust init") from None
    except (msgspec.MsgspecError, ValueError):
        raise VaultDamagedError(hint=start_again(home.path)) from None


def check(home: Home) -> None:
    """Without the passphrase: whether it looks like a vault. ``VaultDamagedError``."""
    _read(home)


def _read(home: Home) -> bytes:
    """The file, whose header is one that this version writes or could have written."""
    home.require()
    try:
        data = home.vault.read_bytes()
    except OSError as error:
        raise VaultDamagedError(f"{home.vault} cannot be read: {error.strerror}.") from None
    damaged = VaultDamagedError(hint=start_again(home.path))
    if not _HEADER.size + secret.Aead.NONCE_SIZE + secret.Aead.MACBYTES < len(data) <= _MAX_SIZE:
        raise damaged
    magic, version, operations, memory, _ = _HEADER.unpack(data[: _HEADER.size])
    bounded = 8 <= memory <= _MAX_MEMORY_KIB and 1 <= operations <= 16
    if magic != _MAGIC or version != _VERSION or not bounded:
        raise damaged
    return data


def _stretch(passphrase: str, header: bytes) -> bytes:
    """32 bytes by Argon2id with the parameters in ``header``."""
    _, _, operations, memory, salt = _HEADER.unpack(header)
    key: bytes = pwhash.argon2id.kdf(
        32, passphrase.encode(), salt, opslimit=operations, memlimit=memory * 1024
    )
    return key
