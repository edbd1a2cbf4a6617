"""The blocks that hold a backup together (docs/backup-format.md).

The root and the index are in the clear, so that any IPFS node can follow the links and
keep the whole; head and manifest are sealed like everything else.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeVar

import dag_cbor
import msgspec
from multiformats import CID

from stardust.backup.blocks import MAX_BLOCK, Cid, is_cid
from stardust.backup.errors import BackupNewerError, BackupTamperedError, NotABackupError
from stardust.backup.keys import Wraps
from stardust.wire.codec import U63, Key32

FORMAT: Final = "stardust-backup"
VERSION: Final = 1
INDEX_LINKS: Final = 2048
MAX_INDEX: Final = 512
"""Index blocks: together 1,048,576 chunks."""

HEAD: Final = b"stardust:backup:v1:head"
MANIFEST: Final = b"stardust:backup:v1:manifest"
CHUNK: Final = b"stardust:backup:v1:chunk"

CidBytes = Annotated[bytes, msgspec.Meta(min_length=36, max_length=36)]
T = TypeVar("T")


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base: DAG-CBOR maps with exactly these keys."""


class Root(Strict, frozen=True):
    format: Literal["stardust-backup"]
    version: Literal[1]
    keys: Wraps
    head: Annotated[bytes, msgspec.Meta(max_length=MAX_BLOCK // 2)]
    """Sealed ``Head``."""
    index: Annotated[tuple[CidBytes, ...], msgspec.Meta(max_length=MAX_INDEX)]
    """Links to blocks that are lists of links to all sealed chunks, in the order of first use."""


class Ref(Strict, frozen=True, array_like=True):
    """A sealed chunk: the sha2-256 of its block, and its size in the clear."""

    block: Key32
    size: Annotated[int, msgspec.Meta(ge=1, le=MAX_BLOCK)]


class Head(Strict, frozen=True):
    account: Key32
    sequence: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
    previous: CidBytes | None
    """Root of the backup before this one."""
    made_at: U63
    """Unix milliseconds."""
    whole: bool
    """False: a selection."""
    manifest: tuple[Ref, ...]


class Stream(Strict, frozen=True):
    name: Annotated[str, msgspec.Meta(max_length=32)]
    rows: U63
    size: U63
    digest: Key32
    """blake2b-256 of the stream in the clear."""
    chunks: tuple[Ref, ...]


class Manifest(Strict, frozen=True):
    streams: Annotated[tuple[Stream, ...], msgspec.Meta(max_length=16)]


def encode(form: Strict) -> bytes:
    """DAG-CBOR. Links of a root are CIDs (tag 42), everything else is plain."""
    plain: dict[str, Any] = _listed(msgspec.to_builtins(form, builtin_types=(bytes,)))
    if isinstance(form, Root):
        plain["index"] = [_link(Cid(cid)) for cid in form.index]
    return dag_cbor.encode(plain)


def encode_index(cids: list[Cid]) -> bytes:
    return dag_cbor.encode([_link(cid) for cid in cids])


def decode_root(data: bytes) -> Root:
    """``NotABackupError``, ``BackupNewerError``."""
    plain = _decoded(data)
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        raise NotABackupError
    version = plain.get("version")
    if isinstance(version, int) and version > VERSION:
        raise BackupNewerError(hint="install the newest version")
    try:
        return _converted(plain, Root)
    except BackupTamperedError:
        raise NotABackupError from None


def decode_index(data: bytes) -> tuple[Cid, ...]:
    plain = _decoded(data)
    if not isinstance(plain, list) or not 1 <= len(plain) <= INDEX_LINKS:
        raise BackupTamperedError
    if not all(isinstance(cid, bytes) and is_cid(cid) for cid in plain):
        raise BackupTamperedError
    return tuple(Cid(cid) for cid in plain)


def decode(data: bytes, form: type[T]) -> T:
    """``Head`` or ``Manifest``. ``BackupTamperedError``."""
    return _converted(_decoded(data), form)


def _listed(value: Any) -> Any:
    """Tuples as lists, which is what the codec takes."""
    if isinstance(value, (list, tuple)):
        return [_listed(item) for item in value]
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return value


def _link(cid: Cid) -> CID:
    return CID.decode(bytes(cid))


def _decoded(data: bytes) -> Any:
    try:
        return _plain(dag_cbor.decode(data))
    except Exception:  # the library raises many kinds for bytes from outside
        raise BackupTamperedError from None


def _plain(value: Any) -> Any:
    """CIDs as bytes."""
    if isinstance(value, CID):
        return bytes(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _converted(plain: Any, form: type[T]) -> T:
    try:
        return msgspec.convert(plain, form, builtin_types=(bytes,))
    except (msgspec.MsgspecError, RecursionError):
        raise BackupTamperedError from None
