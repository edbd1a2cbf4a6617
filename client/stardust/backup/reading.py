"""Opens a backup and checks all of it, before anything is done with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeVar

from stardust.backup.blocks import MAX_BLOCK, BlockSource, Cid, is_dag_cbor, raw_cid
from stardust.backup.errors import (
    BackupAnchorError,
    BackupForeignError,
    BackupForkedError,
    BackupRolledBackError,
    BackupTamperedError,
)
from stardust.backup.keys import BackupKey, unwrap
from stardust.backup.manifest import (
    CHUNK,
    HEAD,
    MANIFEST,
    Head,
    Manifest,
    Ref,
    Root,
    Stream,
    decode,
    decode_index,
    decode_root,
)
from stardust.backup.rows import STREAMS, Row, Rows
from stardust.backup.sealing import Sealer
from stardust.chain.port import BackupHead
from stardust.wire.ids import AccountId

_RAW_PREFIX = raw_cid(b"")[:4]
R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Verified:
    """What stands in a backup whose every block was checked."""

    cid: Cid
    account: AccountId
    sequence: int
    previous: Cid | None
    made_at: int
    whole: bool
    rows: dict[str, int]
    """By stream."""
    blocks: int
    size: int
    """Bytes of all blocks."""
    key: BackupKey = field(repr=False)
    """To be kept for the next backup, which then re-uses this one's blocks."""

    @property
    def messages(self) -> int:
        return self.rows["messages"]

    @property
    def contacts(self) -> int:
        return self.rows["contacts"]


class Backup:
    """An opened backup. ``verify`` before ``rows``."""

    def __init__(self, source: BlockSource, root: Root, head: Head, key: BackupKey) -> None:
        self._source = source
        self._root = root
        self._head = head
        self._key = key
        self._sealer = Sealer(key)
        self._sizes: dict[Cid, int] = {}
        manifest = decode(b"".join(self._chunks(MANIFEST, head.manifest)), Manifest)
        if tuple(stream.name for stream in manifest.streams) != tuple(STREAMS):
            raise BackupTamperedError("The backup lacks a part.")
        self._streams = {stream.name: stream for stream in manifest.streams}

    def verify(self) -> Verified:
        """Every block is there, hashes to its CID and opens; every stream has the rows, size and
        digest of the manifest; the index names exactly the chunks in use."""
        for name in STREAMS:
            for _ in self.rows(name):
                pass
        used = {self._cid(ref) for refs in self._all_refs() for ref in refs}
        if self._indexed() != used:
            raise BackupTamperedError("The backup's index does not fit its content.")
        head = self._head
        return Verified(
            cid=self._source.root,
            account=AccountId(head.account),
            sequence=head.sequence,
            previous=Cid(head.previous) if head.previous else None,
            made_at=head.made_at,
            whole=head.whole,
            rows={name: stream.rows for name, stream in self._streams.items()},
            blocks=len(self._sizes),
            size=sum(self._sizes.values()),
            key=self._key,
        )

    def digest(self, name: str) -> bytes:
        """blake2b-256 of a stream, as the manifest has it."""
        return self._streams[name].digest

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of a stream; at its end number, size and digest were checked."""
        stream = self._streams[name]
        seen = _Seen()
        reader: Rows[Row] = Rows(STREAMS[name])
        for row in reader.read(seen.through(self._chunks(CHUNK, stream.chunks))):
            seen.rows += 1
            yield row
        seen.check(stream)

    def _all_refs(self) -> Iterator[tuple[Ref, ...]]:
        yield self._head.manifest
        for stream in self._streams.values():
            yield stream.chunks

    def _indexed(self) -> set[Cid]:
        """All chunks that the index names."""
        self._get(self._source.root)
        return {cid for block in self._root.index for cid in decode_index(self._get(Cid(block)))}

    def _get(self, cid: Cid) -> bytes:
        data = self._source.get(cid)
        self._sizes[cid] = len(data)
        return data

    def _chunks(self, label: bytes, refs: Iterable[Ref]) -> Iterator[bytes]:
        for ref in refs:
            clear = self._sealer.open(label, self._get(self._cid(ref)))
            if len(clear) != ref.size:
                raise BackupTamperedError
            yield clear

    @staticmethod
    def _cid(ref: Ref) -> Cid:
        return Cid(_RAW_PREFIX + ref.block)


class _Seen:
    """What was read of a stream."""

    def __init__(self) -> None:
        self.rows = 0
        self._size = 0
        self._hash = blake2b(digest_size=32)

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._size += len(chunk)
            self._hash.update(chunk)
            yield chunk

    def check(self, stream: Stream) -> None:
        if (self.rows, self._size, self._hash.digest()) != (stream.rows, stream.size, stream.digest):
            raise BackupTamperedError("The backup does not hold what it says.")


def open_backup(
    source: BlockSource,
    *,
    account: AccountId | None = None,
    passphrase: str | None = None,
    subkey: bytes | None = None,
    key: BackupKey | None = None,
) -> Backup:
    """Opens the backup in ``source`` by its passphrase, by ``AccountKey.subkey("backup")``, or with
    the ``key`` of this machine. ``account``: whose it has to be.

    Raises ``NotABackupError``, ``BackupNewerError``, ``BackupForeignError``, ``WrongPassphraseError``,
    ``BackupTruncatedError``, ``BackupTamperedError``, ``UsageError`` and what the source raises.
    """
    data = source.get(source.root)
    if len(data) > MAX_BLOCK or not is_dag_cbor(source.root):
        raise BackupTamperedError
    root = decode_root(data)
    secret = key.data if key else unwrap(root.keys, passphrase=passphrase, subkey=subkey)
    unlocked = BackupKey(account or AccountId(bytes(32)), secret, root.keys)
    try:
        head = decode(Sealer(unlocked).open(HEAD, root.head), Head)
    except BackupTamperedError:
        if key is not None:
            raise BackupForeignError from None
        raise
    owner = AccountId(head.account)
    if owner != (key.account if key else account or owner):
        raise BackupForeignError
    return Backup(source, root, head, key or BackupKey(owner, secret, root.keys))


def check_newest(verified: Verified, head: BackupHead | None) -> bool | None:
    """Compares with what stands on chain: True when it is the newest; None when the chain has nothing.

    Raises ``BackupRolledBackError`` (the chain has a newer one), ``BackupForkedError`` (another one
    of the same number), ``BackupAnchorError`` (the head was not made with this account's backup key).
    A backup that is newer than the chain's head, because it was never named there, is the newest.
    """
    if head is None:
        return None
    if head.sequence > verified.sequence:
        raise BackupRolledBackError(
            f"This is backup {verified.sequence}; the chain knows number {head.sequence}.",
            hint="restore the newest one, or add --older",
        )
    if head.sequence == verified.sequence:
        if head.cid != verified.cid:
            raise BackupForkedError
        if head.digest != verified.key.anchor(verified.cid, verified.sequence):
            raise BackupAnchorError
    return True
