"""Backups on a real kubo."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stardust.backup.blocks import Cid, cid_text, parse_cid, raw_cid
from stardust.backup.errors import (
    BackupTamperedError,
    IpfsMissingError,
    IpfsUnavailableError,
)
from stardust.backup.ipfs import IpfsNode, IpfsSink, IpfsSource
from stardust.backup.keys import BackupKey
from stardust.backup.making import Made, make_backup
from stardust.backup.reading import check_newest, open_backup
from stardust.backup.restoring import restore
from stardust.chain.port import BackupHead
from stardust.history.store import Store, open_store
from tests.fixtures.kubo import Kubo
from tests.unit.backup.helpers import PASSPHRASE, SUBKEY, cheap_key, furnish
from tests.unit.history.helpers import KEY, ME, NOW, WITH_BOB, chatter, incoming

pytestmark = [pytest.mark.kubo, pytest.mark.timeout(600)]

NEW_KEY = b"n" * 32


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "history.db", KEY, create=True)
    furnish(opened)
    yield opened
    opened.close()


@pytest.fixture
def key() -> BackupKey:
    return cheap_key()


@pytest.fixture
def node(kubo: Kubo) -> Iterator[IpfsNode]:
    with IpfsNode(kubo.api, attempts=2) as opened:
        yield opened


def back_up(store: Store, key: BackupKey, sink: IpfsSink, sequence: int = 1) -> Made:
    return make_backup(store, key, sink, sequence=sequence, made_at=NOW)


def test_the_recovery_phrase_alone_brings_everything_back(
    store: Store, key: BackupKey, node: IpfsNode, kubo: Kubo, tmp_path: Path
) -> None:
    cid, sequence, digest = back_up(store, key, IpfsSink(node)).anchor()
    on_chain = BackupHead(cid, sequence, digest, 1)
    kubo.collect_garbage()
    with IpfsSource(node, Cid(on_chain.cid)) as source:
        backup = open_backup(source, account=ME, subkey=SUBKEY)
        found = restore(backup, tmp_path / "restored.db", NEW_KEY)
    assert check_newest(found, on_chain)
    restored = open_store(tmp_path / "restored.db", NEW_KEY)
    assert list(restored.messages.each(WITH_BOB)) == list(store.messages.each(WITH_BOB))
    restored.close()


def test_the_passphrase_alone_opens_it(store: Store, key: BackupKey, node: IpfsNode) -> None:
    made = back_up(store, key, IpfsSink(node))
    with IpfsSource(node, parse_cid(cid_text(made.cid))) as source:
        verified = open_backup(source, account=ME, passphrase=PASSPHRASE).verify()
    assert (verified.rows, verified.blocks, verified.size) == (made.rows, made.blocks, made.size)


def test_a_second_backup_uploads_little(store: Store, key: BackupKey, node: IpfsNode, kubo: Kubo) -> None:
    words = random.Random(7)
    with store.transaction():
        for number in range(100, 10_000):
            store.messages.add(incoming(number, chatter(words)))
    first = IpfsSink(node)
    back_up(store, key, first)
    for number in range(100):
        store.messages.add(incoming(20_000 + number, chatter(words)))
    second = IpfsSink(node, set(first.blocks))
    made = back_up(store, key, second, sequence=2)
    # Where chunks end depends on the key: four or five of some 55 are new.
    assert made.new_size < made.size * 0.15
    assert made.new_blocks <= 6
    kubo.collect_garbage()
    with IpfsSource(node, made.cid) as source:
        assert open_backup(source, key=key).verify().messages == 10_030


def test_a_node_that_lost_blocks_gets_them_all_the_next_time(
    store: Store, key: BackupKey, node: IpfsNode, kubo: Kubo
) -> None:
    sink = IpfsSink(node)
    node.unpin(back_up(store, key, sink).cid)
    kubo.collect_garbage()
    again = IpfsSink(node, set(sink.blocks))
    store.settings.set("something", b"else")
    with pytest.raises(IpfsMissingError):
        back_up(store, key, again, sequence=2)
    made = back_up(store, key, IpfsSink(node, again.known), sequence=2)
    with IpfsSource(node, made.cid) as source:
        assert open_backup(source, key=key).verify().sequence == 2


def test_a_node_that_goes_away_is_an_error_and_a_later_try_succeeds(
    store: Store, key: BackupKey, node: IpfsNode, kubo: Kubo
) -> None:
    sink = IpfsSink(node)
    kubo.stop()
    with pytest.raises(IpfsUnavailableError):
        back_up(store, key, sink)
    kubo.start()
    made = back_up(store, key, IpfsSink(node, sink.known))
    with IpfsSource(node, made.cid) as source:
        backup = open_backup(source, key=key)
        kubo.stop()
        with pytest.raises(IpfsUnavailableError):
            backup.verify()
        kubo.start()
        assert backup.verify().messages == 30


def test_a_backup_that_is_not_there_is_told(node: IpfsNode, tmp_path: Path) -> None:
    absent = Cid(b"\x01\x71\x12\x20" + b"?" * 32)
    with IpfsSource(node, absent, folder=tmp_path) as source, pytest.raises(IpfsMissingError):
        open_backup(source, subkey=SUBKEY)


@pytest.fixture
def liar() -> Iterator[str]:
    """Answers every question with the same bytes, and endless ones to ``version``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            if "version" not in self.path:
                self.wfile.write(b"not what was asked for")
                return
            try:
                while True:
                    self.wfile.write(bytes(65536))
            except OSError:
                return

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_lying_node_is_not_believed(liar: str) -> None:
    with IpfsNode(liar, attempts=1) as node:
        with pytest.raises(BackupTamperedError):
            node.block(raw_cid(b"something"))
        with pytest.raises(IpfsUnavailableError):
            node.version()
