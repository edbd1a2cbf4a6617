"""What delivery refuses."""

from __future__ import annotations

from stardust.errors import LocalError, UsageError


class ItemTooLargeError(UsageError):
    """The message is too long to be sent in one piece."""

    code = "too_large"


class QueueFullError(UsageError):
    """Too many messages wait for this device already."""

    code = "queue_full"


class StreamDamagedError(LocalError):
    """The stored messages waiting to be sent are incomplete."""

    code = "stream_damaged"
