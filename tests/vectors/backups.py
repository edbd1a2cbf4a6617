"""Golden vectors of backups (docs/backup-format.md).

The forms, the keys derived and the digest on chain are made again each time. The whole backup is
recorded: its compressed chunks are those of one version of zstd, while every version reads them.
"""

from __future__ import annotations

import base64
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import Any

from nacl import secret

from stardust.backup import car, keys
from stardust.backup.blocks import cid_text, dag_cbor_cid, raw_cid
from stardust.backup.files import FileSource
from stardust.backup.keys import AccountWrap, BackupKey, PassphraseWrap
from stardust.backup.manifest import (
    CHUNK,
    FORMAT,
    Head,
    Manifest,
    Ref,
    Root,
    Stream,
    Strict,
    encode,
    encode_index,
)
from stardust.backup.reading import Backup, open_backup
from stardust.backup.rows import (
    STREAMS,
    AttachmentRow,
    ContactRow,
    FileRow,
    MessageRow,
    ProfileRow,
    Row,
    SettingRow,
    pack,
)
from stardust.backup.sealing import Sealer, padme
from stardust.history.store import open_store
from tests.unit.backup.helpers import PASSPHRASE, SUBKEY, backup_to
from tests.unit.history.helpers import BOB, KEY, ME, MY_DEVICE, WITH_BOB, fill, message_id
from tests.vectors.plain import plain

DATA_KEY = bytes(range(0x80, 0xA0))
MADE_AT = 1_800_000_000_000


def fixed_key() -> BackupKey:
    """``DATA_KEY`` under ``SUBKEY`` and, at the lowest cost, under ``PASSPHRASE``; all nonces fixed."""
    nonce, salt = bytes(24), bytes(range(16))
    stretched = keys._stretch(PASSPHRASE, salt, 1, 8)
    by_passphrase = secret.Aead(stretched).encrypt(DATA_KEY, b"stardust:backup:v1:key:passphrase", nonce)
    by_account = secret.Aead(SUBKEY).encrypt(DATA_KEY, b"stardust:backup:v1:key:account", nonce)
    wraps = (PassphraseWrap(1, 8, salt, bytes(by_passphrase)), AccountWrap(bytes(by_account)))
    return BackupKey(ME, DATA_KEY, wraps)


ROWS: tuple[Row, ...] = (
    SettingRow("theme", b"dark"),
    ProfileRow(BOB, b"a profile's encoding"),
    ContactRow(BOB, WITH_BOB, "accepted", "Bob", "Bobby", "", None, False, True, MADE_AT),
    ContactRow(ME, WITH_BOB, "request_sent", "", "", "ä" * 10, b"trust", True, False, -1),
    MessageRow(
        *(message_id(1), WITH_BOB, ME, MY_DEVICE, True, MADE_AT, MADE_AT + 1, -5, "Zoë ⭐", None),
        *("delivered", MADE_AT, MADE_AT, None, None),
    ),
    MessageRow(
        *(message_id(2), WITH_BOB, BOB, None, False, 0, 0, 0, "", message_id(1)),
        *("failed", None, None, None, "expired"),
    ),
    AttachmentRow(message_id(1), ME, 0, bytes(32), "a.txt"),
    FileRow(bytes(32), "text/plain", 6, 0, b"a file"),
)


def forms() -> tuple[Strict, ...]:
    refs = (Ref(bytes(32), 1), Ref(bytes([1]) * 32, 524_288))
    return (
        Root(FORMAT, 1, fixed_key().wraps, b"a sealed head", (dag_cbor_cid(b"1"), dag_cbor_cid(b"2"))),
        Head(bytes(ME), 7, dag_cbor_cid(b"before"), MADE_AT, True, refs),
        Head(bytes(ME), 1, None, MADE_AT, False, ()),
        Manifest((Stream("messages", 3, 524_289, bytes(32), refs), Stream("files", 0, 0, bytes(32), ()))),
    )


def backup_forms() -> dict[str, Any]:
    key = fixed_key()
    root = dag_cbor_cid(b"a root")
    return {
        "about": "docs/backup-format.md. Hexadecimal; links are CIDs of 36 bytes.",
        "account": ME.hex(),
        "key": {
            "stored": key.to_bytes().hex(),
            "data": DATA_KEY.hex(),
            "subkey": SUBKEY.hex(),
            "passphrase": PASSPHRASE,
            "derived": {label: key.derive(label).hex() for label in ("chunk", "nonce", "chunker", "anchor")},
        },
        "anchor": {"cid": root.hex(), "sequence": 7, "digest": key.anchor(root, 7).hex()},
        "cids": {
            "raw": {
                "data": b"hello".hex(),
                "cid": raw_cid(b"hello").hex(),
                "text": cid_text(raw_cid(b"hello")),
            },
            "dag_cbor": {
                "data": "a0",
                "cid": dag_cbor_cid(b"\xa0").hex(),
                "text": cid_text(dag_cbor_cid(b"\xa0")),
            },
        },
        "padding": {str(size): padme(size) for size in (0, 256, 257, 1000, 4097, 65_536, 65_537, 524_288)},
        "forms": [{"fields": plain(form), "encoded": encode(form).hex()} for form in forms()],
        "index": {
            "cids": [raw_cid(b"1").hex(), raw_cid(b"2").hex()],
            "encoded": encode_index([raw_cid(b"1"), raw_cid(b"2")]).hex(),
        },
        "rows": [{"fields": plain(row), "packed": pack(row).hex()} for row in ROWS],
        "car": {
            "root": root.hex(),
            "blocks": [b"one".hex(), b"".hex()],
            "file": (
                car.header(root) + car.section(raw_cid(b"one"), b"one") + car.section(raw_cid(b""), b"")
            ).hex(),
        },
    }


def rows_of(backup: Backup) -> dict[str, Any]:
    return {name: [plain(row) for row in backup.rows(name)] for name in STREAMS}


def record_backup() -> dict[str, Any]:
    """A small history, backed up and read again."""
    key = fixed_key()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "backup.car"
        store = open_store(Path(folder) / "history.db", KEY, create=True)
        try:
            fill(store, 4)
            store.settings.set("theme", b"dark")
            store.attachments.add(message_id(1), "a.txt", "text/plain", b"a file")
            made = backup_to(path, store, key, sequence=7)
        finally:
            store.close()
        with FileSource(path) as source:
            backup = open_backup(source, key=key)
            backup.verify()
            rows = rows_of(backup)
        data = path.read_bytes()
    return {
        "about": "docs/backup-format.md: a backup under the key of backup_forms.json, and a chunk.",
        "car": base64.b64encode(data).decode(),
        "root": made.cid.hex(),
        "digest": made.digest.hex(),
        "sequence": 7,
        "rows": rows,
        "chunk": _chunk(key),
    }


def _chunk(key: BackupKey) -> dict[str, str]:
    clear = b"".join(pack(row) for row in ROWS)
    sealed = Sealer(key).seal(CHUNK, clear)
    padded = secret.Aead(key.derive("chunk")).decrypt(sealed, CHUNK)
    nonce = blake2b(CHUNK + b"\0" + padded, key=key.derive("nonce"), digest_size=24).digest()
    assert sealed.startswith(nonce)
    return {"label": CHUNK.decode(), "clear": clear.hex(), "padded": padded.hex(), "sealed": sealed.hex()}
