"""One root for every error, split by who has to act.

The first line of a class's docstring is what the person reads when no better
sentence is given. ``code`` is stable: the local API and ``--json`` carry it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path


class StardustError(Exception):
    """Something went wrong."""

    code = "error"

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").splitlines()[0])
        self.hint = hint


class UsageError(StardustError):
    """This cannot be done as asked."""

    code = "usage"


class LocalError(StardustError):
    """Something on this machine prevents it (disk, rights, a damaged file)."""

    code = "local"


class WrongPassphraseError(LocalError):
    """The passphrase is wrong."""

    code = "wrong_passphrase"


class UnavailableError(StardustError):
    """Something that is needed cannot be reached now; trying again later may help."""

    code = "unavailable"


class RemoteError(StardustError):
    """The other side sent something that is not acceptable; nothing was changed."""

    code = "remote"


class DecodeError(RemoteError):
    """Bytes from outside are not a valid message of this protocol version."""

    code = "decode"


class UntrustedError(RemoteError):
    """A key or signature does not belong to whom it claims."""

    code = "untrusted"


def start_again(home: Path) -> str:
    """The hint when something in the folder ``home`` is damaged for good: restoring writes to a fresh one."""
    return f"move {home} out of the way, then: stardust restore (without a backup: stardust init --phrase)"


def why(error: Exception) -> str:
    """Of a failed connection, in a person's words and at most 200 characters: ``connection refused``."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError):
        # asyncio tells one number for each address of the host, a resolver a negative one.
        numbers = re.findall(r"\[Errno (\d{1,4})\]", str(error))
        reasons = [os.strerror(int(number)) for number in numbers] or [error.strerror or str(error)]
        return ", ".join(dict.fromkeys(one[:1].lower() + one[1:] for one in reasons))[:200]
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
