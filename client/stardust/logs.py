"""One form for all logs: structlog's events and the libraries' warnings, as JSON lines or for people.

Never secrets, never what people write.
"""

from __future__ import annotations

import logging
import sys
from typing import Final

import structlog

_NOISY: Final = ("aiortc", "aioice", "httpx", "httpcore", "websockets", "asyncio")


def send_to(handler: logging.Handler, level: str, *, as_json: bool = True) -> None:
    """Everything of ``level`` or above goes to ``handler`` from now on."""
    shared = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    last: tuple[structlog.typing.Processor, ...] = (
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(default=_shorten),
    )
    if not as_json:
        # The ordinary tracebacks of structlog show what is in the variables.
        last = (
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
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


def _shorten(value: object) -> str:
    return f"{value.hex()[:16]}…" if isinstance(value, bytes) else str(value)[:200]
