"""What can be wrong with a backup, by name. None of these has changed anything."""

from __future__ import annotations

from stardust.errors import LocalError, RemoteError, UnavailableError, UsageError


class BackupTruncatedError(RemoteError):
    """The backup is incomplete: a part of it is missing."""

    code = "backup_truncated"


class BackupTamperedError(RemoteError):
    """The backup was damaged or changed: a part of it is not what it was."""

    code = "backup_tampered"


class NotABackupError(RemoteError):
    """This is not a Stardust backup."""

    code = "backup_unknown"


class BackupNewerError(RemoteError):
    """The backup was made by a newer version of Stardust."""

    code = "backup_newer"


class BackupForeignError(RemoteError):
    """The backup belongs to another account."""

    code = "backup_foreign"


class BackupRolledBackError(RemoteError):
    """The chain knows a newer backup of this account than this one."""

    code = "backup_rolled_back"


class BackupUncheckedError(UnavailableError):
    """The chain cannot be asked whether this is the newest backup of the account."""

    code = "backup_unchecked"


class BackupForkedError(RemoteError):
    """The chain names another backup under the number of this one."""

    code = "backup_forked"


class BackupAnchorError(RemoteError):
    """What the chain says about the newest backup was not written by the owner of this backup."""

    code = "backup_anchor"


class BackupTooLargeError(UsageError):
    """The backup is larger than this version handles."""

    code = "backup_too_large"


class NotAnchorableError(UsageError):
    """Only a backup of everything can be named on chain."""

    code = "backup_selection"


class HistoryExistsError(UsageError):
    """There is a history on this machine already; nothing was replaced."""

    code = "history_exists"


class BackupFileError(LocalError):
    """The backup file cannot be read or written."""

    code = "backup_file"


class IpfsUnavailableError(UnavailableError):
    """The IPFS node cannot be reached."""

    code = "ipfs"


class IpfsMissingError(UnavailableError):
    """The IPFS node does not have a part of the backup."""

    code = "ipfs_missing"
