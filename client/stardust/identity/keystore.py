"""Account files of polkadot-js: encrypted JSON, version 3, both ways.

``encoded`` is base64 of: salt (32), N, p, r (u32 LE each), nonce (24), and the
XSalsa20-Poly1305 box of a PKCS#8-like block: header, secret (64), divider,
public key (32). The key is scrypt of the passphrase. Source: polkadot-js
``@polkadot/keyring`` pair/encode, ``@polkadot/util-crypto`` json and scrypt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import struct
from dataclasses import replace
from typing import Annotated, Final, Literal

import msgspec
import sr25519
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from nacl.signing import SigningKey

from stardust.errors import WrongPassphraseError
from stardust.identity.accounts import AccountKey, well_known
from stardust.identity.address import from_address
from stardust.identity.derivation import SecretPair
from stardust.identity.errors import BadAddressError, KeystoreError
from stardust.identity.records import Scheme

MAX_KEYSTORE: Final = 16 * 1024
SCRYPT_N: Final = 1 << 17
"""What polkadot-js writes today."""
ACCEPTED: Final = frozenset({(13, 10), (14, 5), (15, 3), (15, 1), (16, 2), (17, 1)})
"""Pairs (log2 N, p), always with r = 8, as polkadot-js accepts them: anything else may be meant to
exhaust us."""

_HEADER: Final = bytes.fromhex("3053020101300506032b657004220420")
_DIVIDER: Final = bytes.fromhex("a123032100")
_PARAMETERS: Final = struct.Struct("<III")
_BLOCK: Final = len(_HEADER) + 64 + len(_DIVIDER) + 32


class _Encoding(msgspec.Struct, frozen=True):
    content: tuple[Literal["pkcs8"], Scheme]
    type: tuple[Literal["scrypt"], Literal["xsalsa20-poly1305"]]
    version: Literal["3"]


class _Meta(msgspec.Struct, frozen=True, omit_defaults=True):
    name: Annotated[str, msgspec.Meta(max_length=256)] = ""
    whenCreated: int = 0
    isTesting: bool = False
    """polkadot-js's word for a key that everybody has."""


class _Keystore(msgspec.Struct, frozen=True):
    encoded: Annotated[str, msgspec.Meta(max_length=1024)]
    encoding: _Encoding
    address: Annotated[str, msgspec.Meta(max_length=64)]
    meta: _Meta = _Meta()


def export_keystore(key: AccountKey, passphrase: str, *, name: str = "", created_ms: int = 0) -> bytes:
    """The account as a JSON file that polkadot-js and its browser wallets open."""
    if key.scheme is Scheme.SR25519:
        secret = bytes(sr25519.convert_secret_key_to_ed25519(key.secret))
    else:
        secret = key.secret + bytes(key.account)
    salt = os.urandom(32)
    box = SecretBox(_stretch(passphrase, salt, SCRYPT_N, 1))
    sealed = box.encrypt(_HEADER + secret + _DIVIDER + bytes(key.account))
    encoded = base64.b64encode(salt + _PARAMETERS.pack(SCRYPT_N, 1, 8) + sealed)
    encoding = _Encoding(("pkcs8", key.scheme), ("scrypt", "xsalsa20-poly1305"), "3")
    keystore = _Keystore(
        encoded.decode(), encoding, key.address, _Meta(name or key.address, created_ms, key.known)
    )
    return msgspec.json.encode(keystore)


def import_keystore(data: bytes, passphrase: str) -> AccountKey:
    """The account in a polkadot-js JSON file.

    Raises ``KeystoreError`` (not such a file, damaged, or its key is not of its
    address) and ``WrongPassphraseError``.
    """
    keystore = _parse(data)
    try:
        blob = base64.b64decode(keystore.encoded, validate=True)
    except (binascii.Error, ValueError):
        raise KeystoreError("The account file is damaged: its key is not base64.") from None
    if len(blob) != 32 + _PARAMETERS.size + SecretBox.NONCE_SIZE + SecretBox.MACBYTES + _BLOCK:
        raise KeystoreError("The account file is damaged: its key has the wrong length.")
    n, p, r = _PARAMETERS.unpack_from(blob, 32)
    if n.bit_count() != 1 or (n.bit_length() - 1, p) not in ACCEPTED or r != 8:
        raise KeystoreError(f"The account file wants unusual scrypt parameters (N={n}, r={r}, p={p}).")
    try:
        block = SecretBox(_stretch(passphrase, blob[:32], n, p)).decrypt(blob[32 + _PARAMETERS.size :])
    except CryptoError:
        raise WrongPassphraseError(hint="it is the one under which the account file was written") from None
    return _key_of(block, keystore)


def _parse(data: bytes) -> _Keystore:
    if len(data) > MAX_KEYSTORE:
        raise KeystoreError(f"The account file has {len(data)} bytes; they are much smaller.")
    try:
        return msgspec.json.decode(data, type=_Keystore)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise KeystoreError(
            hint="Export the account as JSON (version 3, sr25519 or ed25519) from polkadot-js or its wallet."
        ) from None


def _key_of(block: bytes, keystore: _Keystore) -> AccountKey:
    secret, public = block[len(_HEADER) : len(_HEADER) + 64], block[-32:]
    framed = block.startswith(_HEADER) and block[len(_HEADER) + 64 : -32] == _DIVIDER
    scheme = keystore.encoding.content[1]
    try:
        address_key = from_address(keystore.address)
        pair = _pair(secret, scheme)
    except (ValueError, BadAddressError):
        raise KeystoreError("The account file is damaged: its key or address is not valid.") from None
    if not framed or pair.public != public or address_key != public:
        raise KeystoreError("The account file is damaged: its key is not of its address.")
    known = keystore.meta.isTesting or public in well_known()
    return AccountKey.from_pair(replace(pair, known=known), scheme)


def _pair(secret: bytes, scheme: Scheme) -> SecretPair:
    if scheme is Scheme.ED25519:
        return SecretPair(bytes(SigningKey(secret[:32]).verify_key), secret[:32])
    public, expanded = sr25519.pair_from_ed25519_secret_key(secret)
    return SecretPair(bytes(public), bytes(expanded))


def _stretch(passphrase: str, salt: bytes, n: int, p: int) -> bytes:
    # scrypt needs 128 * N * r bytes and a little more than OpenSSL's default cap allows.
    memory = 128 * 8 * (n + p) + (1 << 20)
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=n, r=8, p=p, maxmem=memory, dklen=32)
