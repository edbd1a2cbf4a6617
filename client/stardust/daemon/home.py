"""A person's home folder: what lies where, who may read it, and that one daemon uses it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stardust.api.locate import default_home
from stardust.daemon.errors import (
    AlreadyRunningError,
    HomeTakenError,
    HomeUnusableError,
    KeysMissingError,
    NoHomeError,
)
from stardust.errors import start_again
from stardust.history.errors import DatabaseMissingError

PRIVATE_DIR: Final = 0o700
PRIVATE_FILE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Home:
    """Paths in a home folder. Nothing is made or read before a method says so."""

    path: Path

    @classmethod
    def at(cls, path: Path | None = None) -> Home:
        """``path``, else ``STARDUST_HOME``, else this user's data folder."""
        return cls((path or default_home()).expanduser().absolute())

    @property
    def config(self) -> Path:
        return self.path / "config.toml"

    @property
    def vault(self) -> Path:
        """The device's secrets, sealed under the passphrase."""
        return self.path / "device.keys"

    @property
    def unlock(self) -> Path:
        """Takes the passphrase's place in a home without one."""
        return self.path / "unlock.key"

    @property
    def account(self) -> Path:
        """The account key as a polkadot-js JSON file; absent when it is kept elsewhere."""
        return self.path / "account.json"

    @property
    def database(self) -> Path:
        return self.path / "history.db"

    @property
    def unfinished(self) -> Path:
        """Lies here while an account is set up: what is beside it belongs to nobody yet."""
        return self.path / "setup.unfinished"

    @property
    def genesis(self) -> Path:
        """Genesis hash of the first chain that was seen, unless the configuration names one."""
        return self.path / "genesis"

    @property
    def network(self) -> Path:
        """The chain spec that ``stardust init --network`` was given."""
        return self.path / "network.json"

    @property
    def lock(self) -> Path:
        return self.path / "daemon.lock"

    @property
    def log(self) -> Path:
        return self.path / "log" / "daemon.log"

    @property
    def failure(self) -> Path:
        """Why the daemon could not start the last time; absent when it could."""
        return self.log.with_name("start-failure.json")

    @property
    def exists(self) -> bool:
        return self.vault.exists()

    def require(self) -> None:
        """``NoHomeError`` unless an account was set up here, ``KeysMissingError`` when only its history is
        left."""
        if self._keys_are_gone:
            raise KeysMissingError(
                self._without_keys, hint=f"put {self.vault.name} back; else {start_again(self.path)}"
            )
        if not self.exists:
            raise NoHomeError(f"There is no account in {self.path} yet.", hint="make one with: stardust init")

    def require_history(self) -> None:
        """``DatabaseMissingError``: an account is never set up without its history."""
        if not self.database.exists() or not self.database.stat().st_size:
            raise DatabaseMissingError(self.database)

    @property
    def _keys_are_gone(self) -> bool:
        return self.database.exists() and not self.exists and not self.unfinished.exists()

    @property
    def _without_keys(self) -> str:
        return f"{self.path} holds a history, but not the keys to it ({self.vault.name})."

    def require_free(self) -> None:
        """``HomeTakenError`` when an account lies there, or a history or account key that is not left from
        an attempt to set one up."""
        if self.exists:
            raise HomeTakenError(
                f"{self.path} holds an account already.", hint="choose another folder with --home"
            )
        if self._keys_are_gone:
            raise HomeTakenError(
                self._without_keys,
                hint="put the keys back, move the history away, or choose another folder with --home",
            )
        if self.account.exists() and not self.unfinished.exists():
            raise HomeTakenError(
                f"{self.path} holds the key of an account ({self.account.name}).",
                hint="move it away (stardust init --account-file imports it), or choose another folder with "
                "--home",
            )

    def create(self) -> tuple[Path, ...]:
        """Makes the folder for this user only. The folders that were not there before, inner ones first.
        ``HomeTakenError``, ``HomeUnusableError``."""
        self.require_free()
        made = tuple(folder for folder in (self.path, *self.path.parents) if not folder.exists())
        try:
            self.path.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
            self.path.chmod(PRIVATE_DIR)
        except OSError as error:
            raise HomeUnusableError(f"{self.path} cannot be made: {error.strerror}.") from None
        return made

    @contextlib.contextmanager
    def furnishing(self) -> Iterator[None]:
        """Around setting up an account in a folder that this makes; the vault comes last. An attempt that
        fails takes back what it made; one that was killed leaves a mark, and the next takes it back."""
        made = self.create()
        try:
            with self.locked():
                yield from self._marked()
        except BaseException:
            self._unmake(made)
            raise

    def _marked(self) -> Iterator[None]:
        if self.unfinished.exists():
            self._take_back()
        write_private(self.unfinished, b"")
        try:
            yield
        except BaseException:
            self._take_back()
            raise
        finally:
            self.unfinished.unlink(missing_ok=True)

    def _unmake(self, made: Sequence[Path]) -> None:
        """Of a home without an account: the folders that were made for it."""
        if self.path in made and not self.exists:
            self.lock.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # somebody has put something there meanwhile
                for folder in made:
                    folder.rmdir()

    def _take_back(self) -> None:
        """All that an attempt leaves, if it made no account."""
        if not self.exists:
            name = self.database.name
            left = (*self.path.glob(f"{name}*"), *self.path.glob(f".{name}.*"), *self.path.glob(".*.new"))
            for path in (self.account, self.unlock, *left):
                path.unlink(missing_ok=True)

    def loose_permissions(self) -> tuple[Path, ...]:
        """What other users of this machine may look at, though they should not."""
        private = (self.path, self.config, self.vault, self.unlock, self.account, self.database)
        return tuple(path for path in private if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the folder for this process. ``AlreadyRunningError``, ``HomeUnusableError``."""
        try:
            descriptor = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        except OSError as error:
            raise HomeUnusableError(
                f"{self.path} cannot be written to: {error.strerror}.", hint="check owner and rights"
            ) from None
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunningError(
                    f"A daemon is running on {self.path} already.", hint="stop it with: stardust down"
                ) from None
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
            yield
        finally:
            os.close(descriptor)

    def holder(self) -> int:
        """Process id of the one who holds the lock, or was the last to. ``HomeUnusableError``."""
        try:
            with self.lock.open("rb") as file:
                return int(file.read(32))
        except (OSError, ValueError):
            raise HomeUnusableError(
                f"{self.lock} does not name the daemon's process.", hint="end it by its process id"
            ) from None


def write_private(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Writes a file that only this user may read; complete or not at all, also after a power failure."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            beside.replace(path)
        else:
            os.link(beside, path)
            beside.unlink()
        _sync_folder(path.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise HomeUnusableError(f"{path} cannot be written: {error.strerror}.") from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
