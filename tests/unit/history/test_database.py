"""What happens to the file: encryption, damage, full and read-only disks, migrations."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from stardust.errors import LocalError
from stardust.history.database import connect
from stardust.history.errors import (
    DatabaseBusyError,
    DatabaseDamagedError,
    DatabaseKeyError,
    DatabaseMissingError,
    DatabaseNewerError,
    DiskFullError,
    DiskReadOnlyError,
)
from stardust.history.schema import Migration, migrate, migrations, version_of
from stardust.history.store import Store, open_store
from tests.unit.history.helpers import BOBS_DEVICE, KEY, NOW, WITH_BOB, bob, fill, incoming, outgoing

MARKER = "xylophone-marker-quartz"


def test_no_plaintext_reaches_any_file(store: Store, path: Path) -> None:
    with store.transaction():
        store.contacts.save(bob())
        for number in range(300):
            store.messages.add(outgoing(number, f"{MARKER} {number} " + "x" * 500))
        store.settings.set(MARKER, MARKER.encode())
        store.ratchets.save_account(MARKER)
        store.audit.add(NOW, MARKER)
    store.search.find("xylophone")
    # Sorting and a temporary index, which could spill to disk.
    store.database.rows("SELECT body FROM message ORDER BY body || body || hex(randomblob(100))")
    while_open = {file: file.read_bytes() for file in path.parent.iterdir()}
    store.close()
    afterwards = {file: file.read_bytes() for file in path.parent.iterdir()}
    assert path.with_name("history.db-wal") in while_open
    for content in [*while_open.values(), *afterwards.values()]:
        assert MARKER.encode() not in content
        assert MARKER.encode("utf-16-le") not in content
        assert b"SQLite format 3" not in content
        assert KEY not in content
        assert KEY.hex().encode() not in content


def test_only_this_user_may_read_it(store: Store, path: Path) -> None:
    assert path.stat().st_mode & 0o077 == 0
    assert path.with_name("history.db-wal").stat().st_mode & 0o077 == 0


def test_a_wrong_key_is_told_and_changes_nothing(store: Store, path: Path) -> None:
    store.close()
    before = path.read_bytes()
    with pytest.raises(DatabaseKeyError):
        open_store(path, b"?" * 32)
    with pytest.raises(DatabaseKeyError):
        open_store(path, b"?" * 32, create=True)
    assert path.read_bytes() == before


def test_nothing_is_made_unless_asked(path: Path) -> None:
    path.parent.mkdir()
    with pytest.raises(LocalError):
        open_store(path, KEY)
    assert list(path.parent.iterdir()) == []


def test_errors_do_not_tell_keys_or_values(store: Store) -> None:
    with pytest.raises(LocalError) as caught:
        store.database.run("INSERT INTO setting (local, key, value) VALUES (7, ?, x'00')", (MARKER,))
    assert MARKER not in str(caught.value) + repr(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("empty", [True, False])
def test_a_missing_history_is_made_only_when_that_is_asked_for(path: Path, empty: bool) -> None:
    path.parent.mkdir()
    if empty:
        path.touch()
    for read_only in (True, False):
        with pytest.raises(DatabaseMissingError, match="missing"):
            open_store(path, KEY, read_only=read_only)
    assert [one.stat().st_size for one in path.parent.iterdir()] == [0] * empty
    open_store(path, KEY, create=True).close()
    open_store(path, KEY).close()


def test_a_damaged_page_is_told_by_name_and_left_alone(store: Store, path: Path) -> None:
    fill(store, 400)
    store.close()
    data = bytearray(path.read_bytes())
    for offset in range(4096 * 60, len(data), 4096):
        data[offset + 100] ^= 0xFF
    path.write_bytes(data)
    damaged = open_store(path, KEY)
    with pytest.raises(DatabaseDamagedError) as caught:
        list(damaged.messages.each(WITH_BOB))
    damaged.close()
    assert caught.value.hint is not None
    assert path.read_bytes() == data


def test_after_an_unclean_end_every_page_is_checked(store: Store, path: Path, tmp_path: Path) -> None:
    fill(store, 400)
    store.database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    store.messages.add(incoming(1000))
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("history.db", "history.db-wal"):
        shutil.copy(path.with_name(name), crashed / name)
    copy = crashed / "history.db"
    data = bytearray(copy.read_bytes())
    data[4096 * 30 + 7] ^= 1
    copy.write_bytes(data)
    with pytest.raises(DatabaseDamagedError):
        open_store(copy, KEY)


def test_what_was_committed_is_there_after_the_process_is_killed(path: Path) -> None:
    path.parent.mkdir()
    program = (
        "import os, sys, signal; from pathlib import Path;"
        "from stardust.history.store import open_store;"
        f"from tests.unit.history.helpers import *; s = open_store(Path({str(path)!r}), KEY, create=True);"
        "fill(s, 50); t = s.transaction(); t.__enter__(); s.messages.add(incoming(99));"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, timeout=60)
    assert done.returncode == -signal.SIGKILL
    store = open_store(path, KEY)
    assert store.messages.count() == 50
    store.close()


def test_a_full_disk_is_told_and_nothing_is_changed(store: Store) -> None:
    fill(store, 10)
    (pages,) = store.database.row("PRAGMA page_count") or (0,)
    store.database.rows(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(DiskFullError):
        fill_more(store)
    assert store.messages.count() == 10
    store.database.rows("PRAGMA max_page_count = 1000000")
    fill_more(store)
    assert store.messages.count() == 210


def fill_more(store: Store) -> None:
    with store.transaction():
        for number in range(100, 300):
            store.messages.add(incoming(number, "much " * 100))


def test_a_file_size_limit_is_told_and_nothing_is_lost(path: Path) -> None:
    """The operating system refuses to write, in a process of its own."""
    path.parent.mkdir()
    program = (
        "import resource, signal; from pathlib import Path;"
        "from stardust.history.store import open_store; from stardust.errors import LocalError;"
        f"from tests.unit.history.helpers import *; s = open_store(Path({str(path)!r}), KEY, create=True);"
        "fill(s, 10); signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000))\n"
        "try:\n"
        "    with s.transaction():\n"
        "        for n in range(100, 1000): s.messages.add(incoming(n, 'much ' * 1000))\n"
        "except LocalError as error:\n"
        "    print(error.code, s.messages.count())\n"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, timeout=60, capture_output=True, text=True
    )
    assert done.stdout.split()[0] in ("disk_full", "disk_failed"), done.stderr
    assert done.stdout.split()[1] == "10"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 700_000
    store = open_store(path, KEY)
    assert store.messages.count() == 10
    store.close()


def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        # Root may write anywhere; a folder that is a file is refused to everybody.
        (tmp_path / "file").write_bytes(b"")
        target = tmp_path / "file" / "history.db"
    else:
        tmp_path.chmod(0o500)
        target = tmp_path / "history.db"
    with pytest.raises(DiskReadOnlyError):
        open_store(target, KEY, create=True)


def test_a_reader_cannot_write(store: Store, path: Path) -> None:
    fill(store, 3)
    reader = open_store(path, KEY, read_only=True)
    assert reader.messages.count() == 3
    with pytest.raises(DiskReadOnlyError):
        reader.settings.set("a", b"b")
    reader.close()


def test_readers_go_on_while_somebody_writes(store: Store, path: Path) -> None:
    fill(store, 3)
    reader = open_store(path, KEY, read_only=True)
    with store.transaction():
        store.messages.add(incoming(100))
        assert reader.messages.count() == 3
    assert reader.messages.count() == 4
    reader.close()


def test_a_second_writer_is_told_that_it_has_to_wait(store: Store, path: Path) -> None:
    other = open_store(path, KEY)
    other.database.rows("PRAGMA busy_timeout = 50")
    with store.transaction(), pytest.raises(DatabaseBusyError):
        other.settings.set("a", b"b")
    other.close()


def test_commits_wait_for_the_disk(store: Store) -> None:
    assert store.database.row("PRAGMA synchronous") == (2,)
    assert store.database.row("PRAGMA journal_mode") == ("wal",)
    assert store.database.row("PRAGMA temp_store") == (2,)


def test_a_failed_step_takes_back_all_tables(store: Store) -> None:
    store.contacts.save(bob())

    def step() -> None:
        with store.transaction():
            store.messages.add(outgoing(1))
            store.ratchets.save_account("new")
            store.streams.first_sight(BOBS_DEVICE, outgoing(1).id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        step()
    assert store.messages.count() == 0
    assert store.ratchets.load_account() is None


def test_a_new_database_has_the_newest_schema(store: Store) -> None:
    assert version_of(store.database) == migrations()[-1].number
    assert [migration.number for migration in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_database_of_a_newer_version_is_refused(store: Store, path: Path) -> None:
    store.database.run("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(DatabaseNewerError):
        open_store(path, KEY)


def test_a_migration_keeps_a_copy_of_what_was_before(store: Store, path: Path) -> None:
    fill(store, 5)
    newest = migrations()[-1].number
    following = Migration(newest + 1, "CREATE TABLE later (x INTEGER) STRICT; INSERT INTO later VALUES (1);")
    migrate(store.database, (*migrations(), following))
    assert version_of(store.database) == newest + 1
    assert store.database.row("SELECT x FROM later") == (1,)
    copy = connect(path.with_name(f"history.db.v{newest}"), KEY)
    assert copy.row("SELECT count(*) FROM message") == (5,)
    assert version_of(copy) == newest
    copy.close()


def test_a_history_of_the_first_version_is_brought_up_with_all_that_is_in_it(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    first = connect(path, KEY, create=True)
    migrate(first, migrations()[:1])
    first.run("INSERT INTO setting (local, key, value) VALUES (1, 'kept', x'01')")
    first.close()
    with closing(open_store(path, KEY)) as store:
        assert store.local.get("kept") == b"\x01"
        assert store.presence.own() is None
        assert version_of(store.database) == migrations()[-1].number
    assert path.with_name("history.db.v1").exists()


def test_a_migration_that_fails_changes_nothing(store: Store) -> None:
    fill(store, 5)
    newest = migrations()[-1].number
    broken = Migration(newest + 1, "CREATE TABLE later (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1);")
    with pytest.raises(LocalError):
        migrate(store.database, (*migrations(), broken))
    assert version_of(store.database) == newest
    assert store.database.rows("SELECT name FROM sqlite_schema WHERE name = 'later'") == []


def test_a_copy_that_cannot_be_made_stops_the_migration(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("stardust.history.schema.shutil.copy2", full)
    newest = migrations()[-1].number
    with pytest.raises(DiskFullError):
        migrate(store.database, (*migrations(), Migration(newest + 1, "CREATE TABLE later (x) ")))
    assert version_of(store.database) == newest
