"""A backup as one file (.car)."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final

from stardust.backup import car
from stardust.backup.blocks import Cid, check, dag_cbor_cid
from stardust.backup.errors import BackupFileError, BackupTamperedError, BackupTruncatedError, NotABackupError

MAX_BLOCKS: Final = 2_000_000
_PRIVATE: Final = 0o600


class FileSink:
    """Writes a complete CAR file, which appears under its name when it is finished.

    A file that is there is replaced only if it is a CAR file: ``BackupFileError`` otherwise.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            if path.exists() and not _looks_like_car(path):
                raise BackupFileError(f"{path} is something else than a backup; it was not replaced.")
            descriptor = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _PRIVATE)
            self._file = os.fdopen(descriptor, "wb")
            # The root comes last; its place at the front is kept by a header of the same length.
            self._file.write(car.header(dag_cbor_cid(b"")))
        except OSError as error:
            raise self._failed(error) from None

    def put(self, cid: Cid, data: bytes) -> bool:
        try:
            self._file.write(car.section(cid, data))
        except OSError as error:
            raise self._failed(error) from None
        return True

    def finish(self, root: Cid) -> None:
        try:
            self._file.seek(0)
            self._file.write(car.header(root))
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._beside.replace(self._path)
            _sync_folder(self._path.parent)
        except OSError as error:
            raise self._failed(error) from None

    def abort(self) -> None:
        with contextlib.suppress(OSError):  # what could not be written is thrown away
            self._file.close()
        self._beside.unlink(missing_ok=True)

    def _failed(self, error: OSError) -> BackupFileError:
        return BackupFileError(f"The backup {self._path} cannot be written: {error.strerror}.")


class FileSource:
    """Reads a CAR file. Opening it reads all of it and checks every block against its CID."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise BackupFileError(f"{path} cannot be read: {error.strerror}.") from None
        try:
            self._root = car.read_header(self._file)
            self._places = self._scan()
        except OSError as error:
            self._file.close()
            raise BackupFileError(f"{path} cannot be read: {error.strerror}.") from None
        except BaseException:
            self._file.close()
            raise

    def _scan(self) -> dict[Cid, car.Section]:
        places: dict[Cid, car.Section] = {}
        for section, data in car.sections(self._file):
            check(section.cid, data)
            if section.cid in places or len(places) >= MAX_BLOCKS:
                raise BackupTamperedError("The file has a block twice, or too many.")
            places[section.cid] = section
        if not places:
            raise BackupTruncatedError
        return places

    @property
    def root(self) -> Cid:
        return self._root

    def get(self, cid: Cid) -> bytes:
        place = self._places.get(cid)
        if place is None:
            raise BackupTruncatedError
        try:
            self._file.seek(place.offset)
            # Once more: the file may have changed since it was opened.
            return check(cid, self._file.read(place.size))
        except OSError as error:
            raise BackupFileError(f"{self._path} cannot be read: {error.strerror}.") from None

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> FileSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _looks_like_car(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            car.read_header(file)
    except (NotABackupError, BackupTruncatedError):
        return False
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
