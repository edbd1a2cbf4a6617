from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stardust.backup.errors import (
    BackupAnchorError,
    BackupFileError,
    BackupForeignError,
    BackupForkedError,
    BackupRolledBackError,
    BackupTamperedError,
    BackupTruncatedError,
    HistoryExistsError,
    NotABackupError,
    NotAnchorableError,
)
from stardust.backup.exporting import Selection
from stardust.backup.files import FileSink, FileSource
from stardust.backup.keys import BackupKey
from stardust.backup.making import make_backup
from stardust.backup.reading import check_newest, open_backup
from stardust.backup.restoring import restore
from stardust.chain.port import BackupHead
from stardust.errors import StardustError, UsageError, WrongPassphraseError
from stardust.history.models import Contact, ContactState
from stardust.history.store import Store, open_store
from stardust.wire.ids import AccountId, ConversationId
from tests.unit.backup.helpers import PASSPHRASE, SUBKEY, backup_to, cheap_key, verified
from tests.unit.history.helpers import BOB, KEY, ME, NOW, WITH_BOB, fill, incoming, message_id

NEW_KEY = b"n" * 32


def restore_file(path: Path, target: Path) -> None:
    with FileSource(path) as source:
        restore(open_backup(source, subkey=SUBKEY), target, NEW_KEY)


@pytest.fixture
def car(tmp_path: Path) -> Path:
    return tmp_path / "me.car"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "new").mkdir()
    return tmp_path / "new" / "history.db"


def test_everything_comes_back(store: Store, key: BackupKey, car: Path, target: Path) -> None:
    backup_to(car, store, key)
    restore_file(car, target)
    restored = open_store(target, NEW_KEY)
    assert list(restored.messages.each(WITH_BOB)) == list(store.messages.each(WITH_BOB))
    assert restored.contacts.overviews() == store.contacts.overviews()
    assert restored.contacts.profile(ME) == store.contacts.profile(ME)
    assert restored.contacts.profile(BOB) == store.contacts.profile(BOB)
    assert restored.settings.all() == store.settings.all()
    for number in (1, 2):
        assert restored.attachments.of(message_id(number)) == store.attachments.of(message_id(number))
    (big,) = restored.attachments.of(message_id(2))
    assert restored.attachments.data(big.digest) == bytes(range(256)) * 2000
    assert len(restored.search.find("12th").hits) == 1
    restored.close()


def test_nothing_of_the_device_is_in_a_backup(store: Store, key: BackupKey, car: Path, target: Path) -> None:
    with store.transaction():
        store.ratchets.save_account("the Olm account of this device")
    backup_to(car, store, key)
    restore_file(car, target)
    restored = open_store(target, NEW_KEY)
    assert restored.ratchets.load_account() is None
    assert restored.local.all() == {}
    restored.close()


def test_passphrase_or_account_key_open_it(store: Store, key: BackupKey, car: Path) -> None:
    made = backup_to(car, store, key)
    with FileSource(car) as source:
        by_passphrase = open_backup(source, account=ME, passphrase=PASSPHRASE).verify()
        by_phrase = open_backup(source, account=ME, subkey=SUBKEY).verify()
    assert by_passphrase == by_phrase
    assert (by_phrase.cid, by_phrase.sequence, by_phrase.rows) == (made.cid, 1, made.rows)
    assert (by_phrase.blocks, by_phrase.size) == (made.blocks, made.size)
    assert by_phrase.key.data == key.data


def test_a_wrong_passphrase_is_told(store: Store, key: BackupKey, car: Path) -> None:
    backup_to(car, store, key)
    with FileSource(car) as source:
        with pytest.raises(WrongPassphraseError):
            open_backup(source, passphrase="wrong")
        with pytest.raises(UsageError):
            open_backup(source)


@pytest.mark.parametrize("how", ["subkey", "key", "account"])
def test_the_backup_of_another_account_is_refused(store: Store, key: BackupKey, car: Path, how: str) -> None:
    backup_to(car, store, key)
    ways: dict[str, Callable[[FileSource], object]] = {
        "subkey": lambda source: open_backup(source, subkey=b"x" * 32),
        "key": lambda source: open_backup(source, key=cheap_key()),
        "account": lambda source: open_backup(source, account=BOB, passphrase=PASSPHRASE),
    }
    with FileSource(car) as source, pytest.raises(BackupForeignError):
        ways[how](source)


def test_a_backup_cut_off_anywhere_is_refused_as_truncated(
    store: Store, key: BackupKey, car: Path, tmp_path: Path
) -> None:
    backup_to(car, store, key)
    whole = car.read_bytes()
    cut = tmp_path / "cut.car"
    for size in [0, 1, 30, 59, 60, len(whole) // 2, len(whole) - 1]:
        cut.write_bytes(whole[:size])
        with pytest.raises(BackupTruncatedError):
            verified(cut, key)


def test_a_changed_byte_anywhere_is_refused(store: Store, key: BackupKey, car: Path, tmp_path: Path) -> None:
    backup_to(car, store, key)
    whole = car.read_bytes()
    changed = tmp_path / "changed.car"
    for offset in [*range(0, 70), *range(70, len(whole), len(whole) // 40), len(whole) - 1]:
        data = bytearray(whole)
        data[offset] ^= 0x01
        changed.write_bytes(data)
        with pytest.raises((BackupTamperedError, BackupTruncatedError, NotABackupError)):
            verified(changed, key)


def test_a_refused_backup_leaves_nothing_behind(
    store: Store, key: BackupKey, car: Path, target: Path
) -> None:
    backup_to(car, store, key)
    with FileSource(car) as source:
        backup = open_backup(source, subkey=SUBKEY)
        data = bytearray(car.read_bytes())
        data[len(data) // 2] ^= 1
        car.write_bytes(data)
        with pytest.raises(StardustError):
            restore(backup, target, NEW_KEY)
    assert list(target.parent.iterdir()) == []


def test_a_history_that_is_there_is_never_replaced(
    store: Store, key: BackupKey, car: Path, target: Path
) -> None:
    backup_to(car, store, key)
    target.write_bytes(b"something")
    with pytest.raises(HistoryExistsError):
        restore_file(car, target)
    assert target.read_bytes() == b"something"
    assert list(target.parent.iterdir()) == [target]


def head(sequence: int, cid: bytes, digest: bytes) -> BackupHead:
    return BackupHead(cid, sequence, digest, 1)


def test_older_forked_and_forged_heads_are_told_apart(store: Store, key: BackupKey, car: Path) -> None:
    made = backup_to(car, store, key, sequence=5)
    found = verified(car, key)
    assert check_newest(found, None) is None
    assert check_newest(found, head(5, made.cid, made.digest))
    assert check_newest(found, head(4, b"an older one", b""))
    with pytest.raises(BackupRolledBackError):
        check_newest(found, head(6, made.cid, made.digest))
    with pytest.raises(BackupForkedError):
        check_newest(found, head(5, b"another", made.digest))
    with pytest.raises(BackupAnchorError):
        check_newest(found, head(5, made.cid, bytes(32)))


def test_the_next_backup_uses_most_blocks_again(store: Store, key: BackupKey, tmp_path: Path) -> None:
    fill(store, 2000, body="what was said at number {}, and it was rather long and not very important")
    first, second = tmp_path / "1.car", tmp_path / "2.car"
    backup_to(first, store, key)
    store.messages.add(incoming(5000, "one more"))
    backup_to(second, store, key, sequence=2)
    with FileSource(first) as one, FileSource(second) as two:
        shared = one._places.keys() & two._places.keys()
        assert len(shared) > len(one._places) * 2 // 3


def test_the_same_history_makes_the_same_blocks_and_another_account_makes_others(
    store: Store, key: BackupKey, tmp_path: Path
) -> None:
    first, second, other = tmp_path / "1.car", tmp_path / "2.car", tmp_path / "3.car"
    assert backup_to(first, store, key).cid == backup_to(second, store, key).cid
    backup_to(other, store, cheap_key())
    with FileSource(first) as one, FileSource(other) as three:
        assert one._places.keys() & three._places.keys() == set()


def test_a_restored_history_goes_on_with_the_same_blocks(
    store: Store, key: BackupKey, tmp_path: Path, target: Path
) -> None:
    first, second = tmp_path / "1.car", tmp_path / "2.car"
    backup_to(first, store, key)
    with FileSource(first) as source:
        found = restore(open_backup(source, subkey=SUBKEY), target, NEW_KEY)
    restored = open_store(target, NEW_KEY)
    backup_to(second, restored, found.key, sequence=2)
    restored.close()
    with FileSource(first) as one, FileSource(second) as two:
        # Only head and root say that it is another backup.
        assert len(two._places.keys() - one._places.keys()) == 1


def test_one_conversation_or_chosen_messages_can_be_backed_up(
    store: Store, key: BackupKey, tmp_path: Path, target: Path
) -> None:
    other = ConversationId(b"\x33" * 32)
    store.contacts.save(Contact(AccountId(b"\x03" * 32), other, ContactState.ACCEPTED, added_at=NOW))
    for selection, count in [
        (Selection(conversation=WITH_BOB), 30),
        (Selection(messages=(message_id(1), message_id(7))), 2),
        (Selection(conversation=other), 0),
    ]:
        path = tmp_path / "selection.car"
        made = make_backup(store, key, FileSink(path), sequence=1, made_at=NOW, selection=selection)
        assert made.rows["messages"] == count
        assert made.rows["settings"] == 0
        assert made.rows["contacts"] == (1 if count else 0)
        assert not verified(path, key).whole
        with pytest.raises(NotAnchorableError):
            made.anchor()
    make_backup(
        store,
        key,
        FileSink(tmp_path / "two.car"),
        sequence=1,
        made_at=NOW,
        selection=Selection(messages=(message_id(1), message_id(7))),
    )
    restore_file(tmp_path / "two.car", target)
    restored = open_store(target, NEW_KEY)
    assert [m.id for m in restored.messages.each(WITH_BOB)] == [message_id(1), message_id(7)]
    assert len(restored.attachments.of(message_id(1))) == 2
    restored.close()


def test_a_file_that_is_no_backup_is_not_replaced(store: Store, key: BackupKey, car: Path) -> None:
    car.write_bytes(b"a letter to my grandmother")
    with pytest.raises(BackupFileError):
        backup_to(car, store, key)
    assert car.read_bytes() == b"a letter to my grandmother"


def test_an_older_backup_is_replaced_when_the_new_one_is_complete(
    store: Store, key: BackupKey, car: Path
) -> None:
    backup_to(car, store, key)
    backup_to(car, store, key, sequence=2)
    assert verified(car, key).sequence == 2
    assert [path.name for path in car.parent.glob(".*")] == []


def test_a_backup_reads_one_state_while_messages_come(store: Store, key: BackupKey, car: Path) -> None:
    reader = open_store(store.database.path, KEY, read_only=True)
    with reader.database.snapshot():
        assert reader.messages.count() == 30
        store.messages.add(incoming(99))
        made = backup_to(car, reader, key)
    reader.close()
    assert made.rows["messages"] == 30
