"""CAR version 1 (ipld.io/specs/transport/car/carv1): framing only, with bounds.

A file is ``varint(length) ++ header`` and then for each block ``varint(length) ++ CID ++
data``. The header is the DAG-CBOR map ``{"roots": [CID], "version": 1}``; ours has one root.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

import dag_cbor
from multiformats import CID, varint

from stardust.backup.blocks import CID_SIZE, MAX_BLOCK, Cid, is_cid
from stardust.backup.errors import BackupTruncatedError, NotABackupError

MAX_HEADER: Final = 256
_BEGINNING: Final = b"\xa2\x65roots"
"""Of each header: a map of two, and the first key."""
_MAX_VARINT: Final = 4
"""Bytes: lengths below 2**28."""


class Section(NamedTuple):
    """Where the data of a block stands in the file."""

    cid: Cid
    offset: int
    size: int


def header(root: Cid) -> bytes:
    """Always of the same length."""
    body = dag_cbor.encode({"roots": [CID.decode(bytes(root))], "version": 1})
    return varint.encode(len(body)) + body


def section(cid: Cid, data: bytes) -> bytes:
    return varint.encode(CID_SIZE + len(data)) + cid + data


def read_header(file: BinaryIO) -> Cid:
    """The one root. ``NotABackupError``, ``BackupTruncatedError``."""
    length = _length(file)
    if length is None:
        raise BackupTruncatedError("The file is empty.")
    if length > MAX_HEADER:
        raise NotABackupError
    body = file.read(length)
    if len(body) < length:
        raise BackupTruncatedError if _BEGINNING.startswith(body[: len(_BEGINNING)]) else NotABackupError
    try:
        decoded = dag_cbor.decode(body)
    except Exception:  # the library raises many kinds for bytes from outside
        raise NotABackupError from None
    if not isinstance(decoded, dict) or decoded.get("version") != 1:
        raise NotABackupError
    roots = decoded.get("roots")
    if not isinstance(roots, list) or len(roots) != 1 or not isinstance(roots[0], CID):
        raise NotABackupError
    root = bytes(roots[0])
    if not is_cid(root):
        raise NotABackupError
    return Cid(root)


def sections(file: BinaryIO) -> Iterator[tuple[Section, bytes]]:
    """All blocks after the header, as they are: nothing is checked against the CIDs here."""
    while (length := _length(file)) is not None:
        if not CID_SIZE <= length <= CID_SIZE + MAX_BLOCK:
            raise NotABackupError("The file has a block of a size that no backup has.")
        cid = _exactly(file, CID_SIZE)
        if not is_cid(cid):
            raise NotABackupError("The file has a block of a kind that no backup has.")
        offset = file.tell()
        data = _exactly(file, length - CID_SIZE)
        yield Section(Cid(cid), offset, len(data)), data


def _length(file: BinaryIO) -> int | None:
    """None at the end of the file."""
    raw = b""
    while len(raw) < _MAX_VARINT:
        byte = file.read(1)
        if not byte:
            if raw:
                raise BackupTruncatedError
            return None
        raw += byte
        if byte[0] < 0x80:
            break
    try:
        return varint.decode(raw)
    except ValueError:
        raise NotABackupError from None


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise BackupTruncatedError
    return data
