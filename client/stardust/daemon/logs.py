"""The daemon's log: JSON lines in a rotating file. Never secrets, never what people write."""

from __future__ import annotations

import logging
import logging.handlers
import os
from pathlib import Path
from typing import Final

import structlog

from stardust.daemon.errors import HomeUnusableError
from stardust.daemon.home import PRIVATE_DIR, PRIVATE_FILE
from stardust.logs import send_to

MAX_BYTES: Final = 2 * 1024 * 1024
KEPT_FILES: Final = 3


class _PrivateHandler(logging.handlers.RotatingFileHandler):
    def _open(self):  # type: ignore[no-untyped-def]
        return open(self.baseFilename, self.mode, encoding="utf-8", opener=_private)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, PRIVATE_FILE)


def set_up(path: Path, level: str) -> None:
    """Sends structlog and the libraries' warnings to ``path``."""
    try:
        path.parent.mkdir(mode=PRIVATE_DIR, exist_ok=True)
        handler = _PrivateHandler(path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES)
    except OSError as error:
        raise HomeUnusableError(f"The log {path} cannot be written: {error.strerror}.") from None
    send_to(handler, level)


def keep_quiet() -> None:
    """For a command that works without a daemon: it logs nothing, for its output is the result."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
