"""The golden backup opens, and its parts have the golden bytes."""

from __future__ import annotations

import base64
import io
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from nacl import secret

from stardust.backup import car
from stardust.backup.blocks import Cid, dag_cbor_cid, parse_cid, raw_cid
from stardust.backup.files import FileSource
from stardust.backup.keys import BackupKey, unwrap
from stardust.backup.manifest import Head, Manifest, decode, decode_index, decode_root
from stardust.backup.reading import open_backup
from stardust.backup.restoring import restore
from stardust.backup.rows import STREAMS, Rows
from stardust.backup.sealing import Sealer
from stardust.history.store import open_store
from tests.vectors.backups import rows_of
from tests.vectors.make import stored
from tests.vectors.plain import plain

FORMS = stored("backup_forms")
WHOLE = stored("backup")
KEY = BackupKey.from_bytes(bytes.fromhex(FORMS["key"]["stored"]))


@pytest.fixture
def backup_file(tmp_path: Path) -> Path:
    path = tmp_path / "golden.car"
    path.write_bytes(base64.b64decode(WHOLE["car"]))
    return path


def test_the_golden_backup_gives_its_rows_by_either_way(backup_file: Path) -> None:
    ways: list[dict[str, Any]] = [
        {"passphrase": FORMS["key"]["passphrase"]},
        {"subkey": bytes.fromhex(FORMS["key"]["subkey"])},
        {"key": KEY},
    ]
    for way in ways:
        with FileSource(backup_file) as source:
            backup = open_backup(source, **way)
            verified = backup.verify()
            assert rows_of(backup) == WHOLE["rows"]
        assert (verified.cid.hex(), verified.sequence) == (WHOLE["root"], WHOLE["sequence"])
        assert verified.key.anchor(verified.cid, verified.sequence).hex() == WHOLE["digest"]
        assert verified.account.hex() == FORMS["account"]


def test_the_golden_backup_restores(backup_file: Path, tmp_path: Path) -> None:
    with FileSource(backup_file) as source:
        restore(open_backup(source, key=KEY), tmp_path / "history.db", bytes(32))
    store = open_store(tmp_path / "history.db", bytes(32))
    bodies = [row[0] for row in store.database.rows("SELECT body FROM message ORDER BY id")]
    store.close()
    assert bodies == [row["body"] for row in WHOLE["rows"]["messages"]]


def test_the_golden_chunk_opens_and_its_nonce_is_a_keyed_hash() -> None:
    chunk = WHOLE["chunk"]
    label, sealed = chunk["label"].encode(), bytes.fromhex(chunk["sealed"])
    assert Sealer(KEY).open(label, sealed).hex() == chunk["clear"]
    padded = secret.Aead(KEY.derive("chunk")).decrypt(sealed, label)
    assert padded.hex() == chunk["padded"]
    nonce = blake2b(label + b"\0" + padded, key=KEY.derive("nonce"), digest_size=24).digest()
    assert sealed.startswith(nonce)


def test_the_golden_key_opens_by_passphrase_and_by_account() -> None:
    subkey = bytes.fromhex(FORMS["key"]["subkey"])
    assert unwrap(KEY.wraps, passphrase=FORMS["key"]["passphrase"], subkey=None) == KEY.data
    assert unwrap(KEY.wraps, passphrase=None, subkey=subkey) == KEY.data
    assert KEY.data.hex() == FORMS["key"]["data"]


def test_golden_forms_are_read() -> None:
    kinds: dict[str, Any] = {"Head": Head, "Manifest": Manifest}
    for case in FORMS["forms"]:
        name, data = case["fields"]["form"], bytes.fromhex(case["encoded"])
        form = decode_root(data) if name == "Root" else decode(data, kinds[name])
        assert plain(form) == case["fields"]
    index = decode_index(bytes.fromhex(FORMS["index"]["encoded"]))
    assert [cid.hex() for cid in index] == FORMS["index"]["cids"]


def test_golden_rows_are_read() -> None:
    kinds = {kind.__name__: kind for kind in STREAMS.values()}
    for case in FORMS["rows"]:
        packed = bytes.fromhex(case["packed"])
        (row,) = Rows(kinds[case["fields"]["form"]]).read([packed[:3], packed[3:]])
        assert plain(row) == case["fields"]


def test_the_golden_file_is_framed_as_written() -> None:
    case = FORMS["car"]
    file = io.BytesIO(bytes.fromhex(case["file"]))
    assert car.read_header(file).hex() == case["root"]
    assert [data.hex() for _, data in car.sections(file)] == case["blocks"]


def test_golden_CIDs_name_their_data() -> None:
    raw, dag = FORMS["cids"]["raw"], FORMS["cids"]["dag_cbor"]
    assert raw_cid(bytes.fromhex(raw["data"])).hex() == raw["cid"]
    assert (
        dag_cbor_cid(bytes.fromhex(dag["data"])) == parse_cid(dag["text"]) == Cid(bytes.fromhex(dag["cid"]))
    )
