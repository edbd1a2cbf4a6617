"""Backups of a history with files: the first, the next one, and the way back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bench.histories import KEY, ME, attach, new_history, write
from bench.table import Row
from demo.parts import IpfsSearch
from stardust.backup.blocks import Cid
from stardust.backup.files import FileSink, FileSource
from stardust.backup.ipfs import IpfsNode, IpfsSink, IpfsSource
from stardust.backup.keys import BackupKey
from stardust.backup.making import Made, make_backup
from stardust.backup.reading import open_backup
from stardust.backup.restoring import restore
from stardust.history.store import Store

T = TypeVar("T")
MESSAGES, FILES, FILE = 10_000, 20_000_000, 250_000
NEW_MESSAGES = 100
BUILD_LIMIT_S = 1200.0
"""Until an IPFS node is built, where Go is there to do so."""


def run(folder: Path, *, quick: bool) -> list[Row]:
    """To a CAR file, and to a real IPFS node if there is one."""
    messages, files = (1_000, 2_000_000) if quick else (MESSAGES, FILES)
    store = new_history(folder / "history.db")
    key = BackupKey.create(ME, subkey=bytes(32))
    try:
        write(store, 0, messages)
        attach(store, files, FILE)
        rows = to_file(folder, store, key)
        search = IpfsSearch(folder)
        try:
            if asyncio.run(search.wait(BUILD_LIMIT_S)) and search.api:
                rows += to_ipfs(folder, store, key, search.api, messages)
        finally:
            search.stop()
        return rows
    finally:
        store.close()


def timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def to_file(folder: Path, store: Store, key: BackupKey) -> list[Row]:
    car = folder / "history.car"
    made, took = timed(lambda: make_backup(store, key, FileSink(car), sequence=1, made_at=1))
    _, copied = timed(lambda: (folder / "copy").write_bytes(car.read_bytes()))

    def back() -> None:
        with FileSource(car) as source:
            restore(open_backup(source, key=key), folder / "from-file.db", KEY)

    _, restored = timed(back)
    size = f"{made.size / 1e6:.1f} MB in {made.blocks} blocks"
    return [
        Row("backup to a CAR file", took, "s", floor=copied, floor_name="copying the file", note=size),
        Row("restore from it, every row compared", restored, "s"),
    ]


def to_ipfs(folder: Path, store: Store, key: BackupKey, api: str, messages: int) -> list[Row]:
    with IpfsNode(api) as node:
        known: set[Cid] = set()
        first, took = timed(lambda: upload(node, store, key, known, 1))
        write(store, messages, NEW_MESSAGES)
        second, again = timed(lambda: upload(node, store, key, known, 2))

        def back() -> None:
            with IpfsSource(node, second.cid) as source:
                restore(open_backup(source, key=key), folder / "from-ipfs.db", KEY)

        _, restored = timed(back)
    share = 100 * second.new_size / first.size
    return [
        Row("backup to IPFS (kubo), the first", took, "s", note=f"{first.size / 1e6:.1f} MB uploaded"),
        Row(f"the next one, after {NEW_MESSAGES} new messages", again, "s"),
        Row("· of the first one's bytes uploaded", share, "%", 5, note=f"{second.new_size / 1e3:.0f} kB"),
        Row("restore from IPFS, every row compared", restored, "s"),
    ]


def upload(node: IpfsNode, store: Store, key: BackupKey, known: set[Cid], sequence: int) -> Made:
    sink = IpfsSink(node, known)
    return make_backup(store, key, sink, sequence=sequence, made_at=sequence)
