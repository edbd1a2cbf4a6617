"""One chunk: compressed, padded, sealed.

``seal`` is deterministic under the account's key, so that an unchanged chunk is the same
block in the next backup: the nonce is a keyed hash (BLAKE2b) of what is sealed, which
XChaCha20's 24 bytes have room for. Two equal chunks of one account are equal blocks,
which says no more than that something did not change; under another key they differ.

Each chunk is compressed by itself before it is sealed, and compressed sizes tell about
the content. They are padded by Padmé (Nikitin et al., PURBs, PETS 2019): at most 12%
more, and only O(log log) bits of the size are left to see.
"""

from __future__ import annotations

import struct
from hashlib import blake2b
from typing import Final

import zstandard
from nacl import secret
from nacl.exceptions import CryptoError

from stardust.backup.errors import BackupTamperedError
from stardust.backup.keys import BackupKey

MAX_CHUNK: Final = 512 * 1024
"""Bytes in the clear."""
SMALLEST: Final = 256
_LENGTH: Final = struct.Struct("<I")
_LEVEL: Final = 3
_NONCE: Final = 24


def padme(size: int) -> int:
    """The next size that is told."""
    if size <= SMALLEST:
        return SMALLEST
    exponent = size.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1
    return (size + mask) & ~mask


class Sealer:
    """Seals and opens chunks of one account's backups."""

    def __init__(self, key: BackupKey) -> None:
        self._aead = secret.Aead(key.derive("chunk"))
        self._nonce_key = key.derive("nonce")
        self._compress = zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True, write_checksum=False)
        self._expand = zstandard.ZstdDecompressor()

    def seal(self, label: bytes, clear: bytes) -> bytes:
        """Nonce, ciphertext, tag. ``label`` says what it is, and is needed to open it."""
        packed = self._compress.compress(clear)
        padded = (_LENGTH.pack(len(packed)) + packed).ljust(padme(_LENGTH.size + len(packed)), b"\0")
        nonce = blake2b(label + b"\0" + padded, key=self._nonce_key, digest_size=_NONCE).digest()
        return bytes(self._aead.encrypt(padded, label, nonce))

    def open(self, label: bytes, sealed: bytes) -> bytes:
        """``BackupTamperedError``."""
        try:
            padded: bytes = self._aead.decrypt(sealed, label)
            (length,) = _LENGTH.unpack_from(padded)
            packed = padded[_LENGTH.size : _LENGTH.size + length]
            size = zstandard.get_frame_parameters(packed).content_size
            if size > MAX_CHUNK:
                raise BackupTamperedError
            return self._expand.decompress(packed) if size else b""
        except (CryptoError, ValueError, struct.error, zstandard.ZstdError):
            raise BackupTamperedError from None
