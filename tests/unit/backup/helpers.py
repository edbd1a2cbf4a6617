"""A history worth keeping, and a key that costs little."""

from __future__ import annotations

from pathlib import Path

from stardust.backup.files import FileSink, FileSource
from stardust.backup.keys import AccountWrap, BackupKey, wrap_by_passphrase
from stardust.backup.making import Made, make_backup
from stardust.backup.reading import Verified, open_backup
from stardust.history.store import Store
from stardust.wire.ids import AccountId
from stardust.wire.items import Profile
from tests.unit.history.helpers import BOB, ME, NOW, fill, message_id

SUBKEY = b"s" * 32
PASSPHRASE = "correct horse"


def cheap_key(account: AccountId = ME) -> BackupKey:
    """Both wraps, with an Argon2id that takes no time."""
    made = BackupKey.create(account, subkey=SUBKEY)
    cheap = wrap_by_passphrase(made.data, PASSPHRASE, operations=1, memory_kib=8)
    return BackupKey(account, made.data, (cheap, *(w for w in made.wraps if isinstance(w, AccountWrap))))


def furnish(store: Store, messages: int = 30) -> None:
    """Messages with Bob, a file, profiles and settings."""
    fill(store, messages, body="the {}th thing that was said, between the two of us")
    store.settings.set("theme", b"dark")
    store.local.set("of this device", b"stays here")
    store.contacts.save_profile(Profile(bytes(ME), 1, "Alice", "", b""))
    store.contacts.save_profile(Profile(bytes(BOB), 3, "Bobby", "a bio", b""))
    store.attachments.add(message_id(2), "b.bin", "application/octet-stream", bytes(range(256)) * 2000)
    store.attachments.add(message_id(1), "a.txt", "text/plain", b"a file")
    store.attachments.add(message_id(1), "again.txt", "text/plain", b"a file")


def backup_to(path: Path, store: Store, key: BackupKey, *, sequence: int = 1) -> Made:
    return make_backup(store, key, FileSink(path), sequence=sequence, made_at=NOW)


def verified(path: Path, key: BackupKey) -> Verified:
    with FileSource(path) as source:
        return open_backup(source, key=key).verify()
