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

MAX_BYTES: Final = 2 * 1024 * 1024
KEPT_FILES: Final = 3

_NOISY: Final = ("aiortc", "aioice", "httpx", "httpcore", "websockets", "asyncio")


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
    shared = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=_shorten),
            ],
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[handler], level=logging.getLevelName(level.upper()), force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def keep_quiet() -> None:
    """For a command that works without a daemon: it logs nothing, for its output is the result."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _shorten(value: object) -> str:
    return f"{value.hex()[:16]}…" if isinstance(value, bytes) else str(value)[:200]
