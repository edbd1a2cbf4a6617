"""Exit codes: scripts rely on them (``stardust --help`` lists them)."""

from __future__ import annotations

from enum import IntEnum

from stardust.errors import LocalError, RemoteError, StardustError, UnavailableError, UsageError


class Exit(IntEnum):
    OK = 0
    ERROR = 1
    """A fault of the program, or a check that found problems."""
    USAGE = 2
    """It cannot be done as asked."""
    UNAVAILABLE = 3
    """Something cannot be reached now; trying again later may help."""
    UNTRUSTED = 4
    """A key, signature or answer is not what it should be; or keys changed and want a look."""
    LOCAL = 5
    """This machine prevents it: passphrase, disk, rights, a damaged file."""
    INTERRUPTED = 130


_UNTRUSTED_CODES = frozenset({"keys_changed"})


def exit_for(error: StardustError) -> Exit:
    """By who has to act, whichever layer raised it."""
    if isinstance(error, RemoteError) or error.code in _UNTRUSTED_CODES:
        return Exit.UNTRUSTED
    if isinstance(error, UnavailableError):
        return Exit.UNAVAILABLE
    if isinstance(error, UsageError):
        return Exit.USAGE
    return Exit.LOCAL if isinstance(error, LocalError) else Exit.ERROR
