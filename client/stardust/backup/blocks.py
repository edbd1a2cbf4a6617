"""Content-addressed blocks: CIDs as raw bytes, and where blocks go to and come from.

All blocks here have CIDv1 with sha2-256: 36 bytes, of which the first four say version,
codec (raw or dag-cbor), hash and its length (the CID specification, multiformats/cid).
"""

from __future__ import annotations

import hashlib
from base64 import b32decode, b32encode
from typing import Final, NewType, Protocol

from stardust.backup.errors import BackupTamperedError
from stardust.errors import UsageError

Cid = NewType("Cid", bytes)
"""36 bytes."""

CID_SIZE: Final = 36
MAX_BLOCK: Final = 1024 * 1024
"""Bytes; IPFS nodes exchange blocks up to 2 MiB, and kubo asks before it takes more than 1 MiB."""
_RAW: Final = b"\x01\x55\x12\x20"
_DAG_CBOR: Final = b"\x01\x71\x12\x20"


def raw_cid(data: bytes) -> Cid:
    return Cid(_RAW + hashlib.sha256(data).digest())


def dag_cbor_cid(data: bytes) -> Cid:
    return Cid(_DAG_CBOR + hashlib.sha256(data).digest())


def is_cid(value: bytes) -> bool:
    """Of a block of ours."""
    return len(value) == CID_SIZE and value[:4] in (_RAW, _DAG_CBOR)


def is_dag_cbor(cid: Cid) -> bool:
    return cid[:4] == _DAG_CBOR


def check(cid: Cid, data: bytes) -> bytes:
    """``data``, which hashes to ``cid``; ``BackupTamperedError`` otherwise."""
    if hashlib.sha256(data).digest() != cid[4:]:
        raise BackupTamperedError
    return data


def cid_text(cid: Cid) -> str:
    """As people and IPFS write it: base32, beginning with ``b``."""
    return "b" + b32encode(cid).decode().rstrip("=").lower()


def parse_cid(text: str) -> Cid:
    """The CID of a backup's root. ``UsageError``."""
    body = text.strip()[1:].upper()
    try:
        raw = b32decode(body + "=" * (-len(body) % 8)) if text.strip()[:1] == "b" else b""
    except ValueError:
        raw = b""
    if not is_cid(raw) or not is_dag_cbor(Cid(raw)):
        raise UsageError(f"This is not the CID of a backup: {text[:80]}.")
    return Cid(raw)


class BlockSink(Protocol):
    """Takes the blocks of one backup."""

    def put(self, cid: Cid, data: bytes) -> bool:
        """Takes a block. False: it is there from an earlier backup."""
        ...

    def finish(self, root: Cid) -> None:
        """All blocks below ``root`` were put; when this returns they are kept."""
        ...

    def abort(self) -> None:
        """The backup will not be finished; leaves nothing half-made behind."""
        ...


class BlockSource(Protocol):
    """Gives the blocks of one backup, each checked against its CID."""

    @property
    def root(self) -> Cid: ...

    def get(self, cid: Cid) -> bytes:
        """Raises ``BackupTruncatedError``, ``BackupTamperedError``, ``IpfsUnavailableError``,
        ``IpfsMissingError``, ``BackupFileError``."""
        ...
