"""What can go wrong with the database on this machine, each with what to do."""

from __future__ import annotations

from pathlib import Path

from stardust.errors import LocalError, UsageError, start_again


class DatabaseMissingError(LocalError):
    """The history on this machine is missing."""

    code = "database_missing"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The history of this home is missing: {path} is not there, or empty.",
            hint=f"put it back; else {start_again(path.parent)}",
        )


class DatabaseKeyError(LocalError):
    """The history does not open with the key of this home folder."""

    code = "database_key"


class DatabaseDamagedError(LocalError):
    """The history on this machine is damaged."""

    code = "database_damaged"


class DatabaseNewerError(LocalError):
    """The history was written by a newer version of Stardust."""

    code = "database_newer"


class DatabaseBusyError(LocalError):
    """Another process is writing to the history."""

    code = "database_busy"


class DiskFullError(LocalError):
    """The disk is full; nothing was changed."""

    code = "disk_full"


class DiskReadOnlyError(LocalError):
    """The history cannot be written: the disk or folder is read-only."""

    code = "disk_read_only"


class DiskFailedError(LocalError):
    """The disk failed while reading or writing the history; nothing was changed."""

    code = "disk_failed"


class CursorError(UsageError):
    """This is not a cursor of this call."""

    code = "bad_cursor"


class ExportExistsError(UsageError):
    """There is a file of this name already."""

    code = "file_exists"
