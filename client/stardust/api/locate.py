"""Where a home folder is, and in it the ways to the daemon. Pure helpers, cheap to import."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

SOCKET_NAME: Final = "api.sock"
TOKEN_NAME: Final = "api.token"  # noqa: S105 - a file name
WS_NAME: Final = "api.ws"

_LONGEST_SOCKET_PATH: Final = 100
"""``sun_path`` holds 108 bytes on Linux and 104 on macOS."""


def default_home() -> Path:
    """``STARDUST_HOME``, else the platform's data folder of this user."""
    named = os.environ.get("STARDUST_HOME")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("stardust", appauthor=False))


def socket_path(home: Path) -> Path:
    """The Unix socket of the daemon of ``home``; in the temporary folder when the path would be too long."""
    path = home.absolute() / SOCKET_NAME
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.blake2b(os.fsencode(home.absolute()), digest_size=8).hexdigest()
    return Path(tempfile.gettempdir()) / f"stardust-{os.getuid()}-{digest}" / SOCKET_NAME


def token_path(home: Path) -> Path:
    """64 hex digits, for the WebSocket only."""
    return home / TOKEN_NAME


def ws_path(home: Path) -> Path:
    """Holds ``ws://127.0.0.1:<port>`` while a daemon offers the WebSocket."""
    return home / WS_NAME
