"""Decoders of backups, from the file down to the rows, and of what an IPFS node answers."""

from __future__ import annotations

import base64
import io
import tempfile
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
from nacl import secret

from stardust.backup import car
from stardust.backup.blocks import Cid, cid_text, dag_cbor_cid, parse_cid
from stardust.backup.errors import BackupTamperedError, NotABackupError
from stardust.backup.files import FileSink, FileSource
from stardust.backup.keys import BackupKey, unwrap
from stardust.backup.making import _Maker
from stardust.backup.manifest import CHUNK, Head, Manifest, decode, decode_index, decode_root
from stardust.backup.reading import open_backup
from stardust.backup.restoring import restore
from stardust.backup.rows import STREAMS, AttachmentRow, FileRow, ProfileRow, Row, Rows, pack
from stardust.backup.sealing import Sealer
from stardust.daemon.records import Records
from stardust.errors import LocalError, RemoteError, UsageError
from stardust.history.models import ContactState
from stardust.history.store import Store, open_store
from stardust.wire.codec import Decoder as FormDecoder
from stardust.wire.codec import encode
from stardust.wire.items import Profile
from tests.fuzz.decoder import Decoder, golden, text
from tests.fuzz.of_identity import cheap_passphrases
from tests.unit.backup.helpers import PASSPHRASE, SUBKEY
from tests.unit.history.helpers import ME, message_id
from tests.vectors.backups import MADE_AT, ROWS, fixed_key
from tests.vectors.make import stored

KEY = fixed_key()
SEALER = Sealer(KEY)
ANY_ROW: FormDecoder[Row] = FormDecoder(Row, limit=300_000)


def _whole() -> list[bytes]:
    return [base64.b64decode(stored("backup")["car"])]


def _framing(data: bytes) -> object:
    file = io.BytesIO(data)
    return car.read_header(file), list(car.sections(file))


def _file(data: bytes) -> object:
    with tempfile.NamedTemporaryFile(suffix=".car") as file:
        file.write(data)
        file.flush()
        with FileSource(Path(file.name)) as source:
            return open_backup(source, key=KEY).verify()


def _root(data: bytes) -> object:
    root = decode_root(data)
    for way in ({"passphrase": PASSPHRASE, "subkey": None}, {"passphrase": None, "subkey": SUBKEY}):
        with cheap_passphrases():
            unwrap(root.keys, **way)
    return root


def _rows(name: str) -> Decoder:
    def read(data: bytes) -> object:
        whole = list(Rows(STREAMS[name]).read([data]))
        assert whole == list(Rows(STREAMS[name]).read(data[at : at + 7] for at in range(0, len(data), 7)))
        assert list(Rows(STREAMS[name]).read(pack(row) for row in whole)) == whole
        return whole

    packed = [pack(row) for row in ROWS if isinstance(row, STREAMS[name])]
    return Decoder(
        f"rows: {name}",
        read,
        lambda: [*packed, b"".join(packed)],
        refuses=(BackupTamperedError,),
        covers=("backup.rows.Rows.read",),
    )


def _chunk(data: bytes) -> object:
    """Any content, sealed under the account's key."""
    return SEALER.open(CHUNK, bytes(secret.Aead(KEY.derive("chunk")).encrypt(data, CHUNK, bytes(24))))


class _Given:
    """Stands for an ``Exporter``: rows that no history ever held."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows

    def rows(self, name: str) -> Iterator[Row]:
        return (row for row in self._rows if isinstance(row, STREAMS[name]))


def _restored(data: bytes) -> object:
    try:
        rows = [ANY_ROW.decode(bytes(raw)) for raw in msgspec.msgpack.decode(data, type=list[msgspec.Raw])]
    except (msgspec.MsgspecError, RecursionError):
        raise NotABackupError from None
    return restored(rows)


def restored(rows: list[Row]) -> list[object]:
    """Any rows, in a backup that is otherwise as it should be: all can be read that is restored."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "backup.car"
        sink = FileSink(path)
        maker: Any = _Maker(KEY, sink)
        streams = tuple(maker.stream(name, _Given(rows)) for name in STREAMS)
        sink.finish(maker.root(streams, sequence=1, made_at=MADE_AT, previous=None, whole=True))
        with FileSource(path) as source:
            restore(open_backup(source, key=KEY), Path(folder) / "history.db", bytes(32))
        store = open_store(Path(folder) / "history.db", bytes(32))
        try:
            return read_everything(store)
        finally:
            store.close()


def read_everything(store: Store) -> list[object]:
    """As the daemon shows it."""
    seen: list[object] = [store.settings.all()]
    for overview in store.contacts.overviews():
        contact = overview.contact
        seen += [contact.trust, ContactState(contact.state), store.contacts.profile(contact.account)]
        seen += store.messages.each(contact.conversation)
        for message in store.messages.page(contact.conversation).messages:
            files = store.attachments.of(message.id)
            seen += [shown(message), *(store.attachments.data(file.digest) for file in files)]
    return seen


def shown(message: Any) -> object:
    """What ``daemon.records`` makes of a stored message."""
    return Records.show(_NoAccounts(), message)  # type: ignore[arg-type]


class _NoAccounts:
    """Stands for ``Records`` with nobody in them."""

    def __init__(self) -> None:
        self._accounts: dict[bytes, bytes] = {}


def _packed_rows() -> list[bytes]:
    settings, contact, sent = ROWS[0], ROWS[2], ROWS[4]
    messages = (sent, msgspec.structs.replace(ROWS[5], outgoing=True))
    digest = blake2b(b"a file", digest_size=32).digest()
    attached = AttachmentRow(message_id(1), ME, 0, digest, "a.txt")
    files = (attached, FileRow(digest, "text/plain", 6, 0, b"a file"))
    profile = ProfileRow(ME, encode(Profile(ME, 1, "Me", "", b"")))
    contradiction = msgspec.structs.replace(sent, state="received")
    return [
        _list(contact, contradiction),
        _list(settings, contact, *messages),
        _list(contact),
        _list(profile, contact, *messages, *files),
    ]


def _list(*rows: Row) -> bytes:
    return msgspec.msgpack.encode([msgspec.Raw(msgspec.msgpack.encode(row)) for row in rows])


def _form(kind: Any) -> Callable[[bytes], object]:
    return lambda data: decode(data, kind)


DECODERS = (
    Decoder("CAR framing", _framing, _whole, refuses=(RemoteError,), covers=("backup.car.read_header",)),
    Decoder(
        "backup files",
        _file,
        _whole,
        refuses=(RemoteError,),
        covers=("backup.car.read_header", "backup.reading.open_backup"),
        cost=2,
    ),
    Decoder(
        "roots",
        _root,
        lambda: golden("backup_forms", "forms", 0),
        refuses=(RemoteError, UsageError, LocalError),
        covers=("backup.manifest.decode_root", "backup.keys.unwrap"),
    ),
    Decoder(
        "indexes",
        decode_index,
        lambda: golden("backup_forms", "index"),
        refuses=(BackupTamperedError,),
        covers=("backup.manifest.decode_index",),
    ),
    Decoder(
        "heads",
        _form(Head),
        lambda: golden("backup_forms", "forms", 1) + golden("backup_forms", "forms", 2),
        refuses=(BackupTamperedError,),
        covers=("backup.manifest.decode",),
    ),
    Decoder(
        "manifests",
        _form(Manifest),
        lambda: golden("backup_forms", "forms", 3),
        refuses=(BackupTamperedError,),
        covers=("backup.manifest.decode",),
    ),
    *(_rows(name) for name in STREAMS),
    Decoder(
        "sealed chunks",
        lambda data: SEALER.open(CHUNK, data),
        lambda: golden("backup", "chunk", key="sealed"),
        refuses=(BackupTamperedError,),
        covers=("backup.sealing.Sealer.open",),
    ),
    Decoder(
        "contents of chunks",
        _chunk,
        lambda: golden("backup", "chunk", key="padded"),
        refuses=(BackupTamperedError,),
        covers=("backup.sealing.Sealer.open",),
    ),
    Decoder(
        "restored rows",
        _restored,
        _packed_rows,
        refuses=(RemoteError,),
        covers=("backup.reading.open_backup",),
        cost=20,
    ),
    Decoder(
        "backup keys",
        BackupKey.from_bytes,
        lambda: [KEY.to_bytes(), KEY.to_bytes().replace(b"passphrase", b"passphras\xe5")],
        refuses=(LocalError,),
        covers=("backup.keys.BackupKey.from_bytes",),
    ),
    Decoder(
        "CIDs",
        lambda data: parse_cid(text(data)),
        lambda: [cid_text(Cid(dag_cbor_cid(b"a root"))).encode()],
        refuses=(UsageError,),
        covers=("backup.blocks.parse_cid",),
    ),
)
