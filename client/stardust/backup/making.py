"""Makes a backup: rows, chunks, sealed blocks, root."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from pyfastcdc import FastCDC

from stardust.backup.blocks import BlockSink, Cid, dag_cbor_cid, raw_cid
from stardust.backup.errors import BackupTooLargeError, NotAnchorableError
from stardust.backup.exporting import Exporter, Selection
from stardust.backup.keys import BackupKey
from stardust.backup.manifest import (
    CHUNK,
    FORMAT,
    HEAD,
    INDEX_LINKS,
    MANIFEST,
    MAX_INDEX,
    Head,
    Manifest,
    Ref,
    Root,
    Stream,
    encode,
    encode_index,
)
from stardust.backup.rows import STREAMS, pack
from stardust.backup.sealing import Sealer
from stardust.history.store import Store

_AVERAGE: Final = 32 * 1024
_FILE_AVERAGE: Final = 128 * 1024


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup."""

    cid: Cid
    sequence: int
    whole: bool
    digest: bytes
    """What goes on chain with ``cid`` and ``sequence``."""
    rows: dict[str, int]
    """By stream."""
    blocks: int
    size: int
    """Bytes of all blocks."""
    new_blocks: int
    """Those that the sink did not have."""
    new_size: int

    def anchor(self) -> tuple[bytes, int, bytes]:
        """The arguments of ``Chain.set_chat_backup``. ``NotAnchorableError`` for a selection."""
        if not self.whole:
            raise NotAnchorableError
        return bytes(self.cid), self.sequence, self.digest


def make_backup(
    store: Store,
    key: BackupKey,
    sink: BlockSink,
    *,
    sequence: int,
    made_at: int,
    previous: Cid | None = None,
    selection: Selection | None = None,
) -> Made:
    """Backs up what ``store`` holds now (one snapshot; it may be written to meanwhile).

    ``sequence`` is greater than that of every earlier backup of the account. Raises what
    the sink raises, ``BackupTooLargeError``, ``LocalError``; the sink was aborted then.
    """
    maker = _Maker(key, sink)
    chosen = selection or Selection()
    try:
        with store.database.snapshot():
            exporter = Exporter(store, chosen)
            streams = tuple(maker.stream(name, exporter) for name in STREAMS)
        root = maker.root(streams, sequence=sequence, made_at=made_at, previous=previous, whole=chosen.whole)
        sink.finish(root)
    except BaseException:
        sink.abort()
        raise
    return Made(
        cid=root,
        sequence=sequence,
        whole=chosen.whole,
        digest=key.anchor(root, sequence),
        rows={stream.name: stream.rows for stream in streams},
        blocks=maker.counts.blocks,
        size=maker.counts.size,
        new_blocks=maker.counts.new_blocks,
        new_size=maker.counts.new_size,
    )


@dataclass(slots=True)
class _Counts:
    blocks: int = 0
    size: int = 0
    new_blocks: int = 0
    new_size: int = 0


@dataclass(slots=True)
class _Feed:
    """Rows of a stream as a file to read from, with what the manifest says about it."""

    pieces: Iterator[bytes]
    rows: int = 0
    size: int = 0
    hash: Any = field(default_factory=lambda: blake2b(digest_size=32))
    _held: bytes = b""

    def read(self, size: int) -> bytes:
        parts, have = [self._held], len(self._held)
        while have < size and (piece := next(self.pieces, None)) is not None:
            self.rows += 1
            self.size += len(piece)
            self.hash.update(piece)
            parts.append(piece)
            have += len(piece)
        whole = b"".join(parts)
        self._held = whole[size:]
        return whole[:size]


class _Maker:
    def __init__(self, key: BackupKey, sink: BlockSink) -> None:
        self.counts = _Counts()
        self._key = key
        self._sink = sink
        self._sealer = Sealer(key)
        # Where chunks end tells about their content: so that is secret too.
        self._seed = int.from_bytes(key.derive("chunker")[:8], "little") >> 1
        self._put: dict[Cid, None] = {}

    def stream(self, name: str, exporter: Exporter) -> Stream:
        feed = _Feed(pack(row) for row in exporter.rows(name))
        average = _FILE_AVERAGE if name == "files" else _AVERAGE
        refs = self._chunks(CHUNK, feed, average)
        return Stream(name, feed.rows, feed.size, feed.hash.digest(), refs)

    def _chunks(self, label: bytes, feed: _Feed, average: int) -> tuple[Ref, ...]:
        cutter = FastCDC(average, min_size=average // 4, max_size=average * 4, seed=self._seed)
        return tuple(self._sealed(label, bytes(chunk.data)) for chunk in cutter.cut_stream(feed))

    def _sealed(self, label: bytes, clear: bytes) -> Ref:
        sealed = self._sealer.seal(label, clear)
        cid = raw_cid(sealed)
        self._give(cid, sealed)
        return Ref(cid[4:], len(clear))

    def _give(self, cid: Cid, data: bytes) -> None:
        if cid in self._put:
            return
        self._put[cid] = None
        new = self._sink.put(cid, data)
        self.counts.blocks += 1
        self.counts.size += len(data)
        self.counts.new_blocks += new
        self.counts.new_size += len(data) * new

    def root(
        self, streams: tuple[Stream, ...], *, sequence: int, made_at: int, previous: Cid | None, whole: bool
    ) -> Cid:
        manifest = _Feed(iter([encode(Manifest(streams))]))
        refs = self._chunks(MANIFEST, manifest, _AVERAGE)
        head = Head(bytes(self._key.account), sequence, previous, made_at, whole, refs)
        index = self._index()
        sealed = self._sealer.seal(HEAD, encode(head))
        data = encode(Root(FORMAT, 1, self._key.wraps, sealed, index))
        cid = dag_cbor_cid(data)
        self._give(cid, data)
        return cid

    def _index(self) -> tuple[Cid, ...]:
        chunks = list(self._put)
        if len(chunks) > INDEX_LINKS * MAX_INDEX:
            raise BackupTooLargeError
        index = []
        for first in range(0, len(chunks), INDEX_LINKS):
            data = encode_index(chunks[first : first + INDEX_LINKS])
            index.append(dag_cbor_cid(data))
            self._give(index[-1], data)
        return tuple(index)
