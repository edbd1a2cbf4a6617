"""How things read on a terminal. What others wrote is made harmless here."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Final

MARKS: Final = {
    "queued": "◷",
    "sent": "✓",
    "delivered": "✓✓",
    "read": "✓✓ read",
    "failed": "✗",
    "received": "",
}
"""What stands beside a message: each can be told from the others without colour."""
STATE_WORDS: Final = {
    "queued": "waiting",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "received": "received",
}
LINK_WORDS: Final = {
    "idle": "no link",
    "connecting": "connecting…",
    "open": "connected",
    "waiting": "trying again soon",
    "failed": "no connection",
}

_BIDI: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def printable(text: str, *, lines: bool = False) -> str:
    """``text`` without control characters (escape sequences move cursors and set titles) and without
    direction overrides (they make one text look like another). ``lines`` keeps line breaks."""
    text = _BIDI.sub("", text.replace("\r\n", "\n").replace("\t", "    "))
    kept = "\n" if lines else ""
    return "".join(
        char if char in kept or unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") else "�"
        for char in text
    )


def clock(millis: int) -> str:
    """Local time of day."""
    return _local(millis).strftime("%H:%M")


def day(millis: int, *, now: datetime | None = None) -> str:
    """``Today``, ``Yesterday``, ``Tuesday 24 November``, with the year when it is another one."""
    at, today = _local(millis), now or datetime.now().astimezone()
    apart = (today.date() - at.date()).days
    if apart in (0, 1):
        return ("Today", "Yesterday")[apart]
    return f"{at:%A} {at.day} {at:%B}" + (f" {at.year}" if at.year != today.year else "")


def when(millis: int, *, now: datetime | None = None) -> str:
    """Short: a time today, else a date."""
    at, today = _local(millis), now or datetime.now().astimezone()
    if at.date() == today.date():
        return f"{at:%H:%M}"
    return f"{at.day} {at:%b}" if at.year == today.year else f"{at:%Y-%m-%d}"


def ago(millis: int, *, now_ms: int) -> str:
    """``just now``, ``5 min ago``, ``3 h ago``, ``2 days ago``."""
    seconds = max(0, (now_ms - millis) // 1000)
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if seconds < 2 * 86_400:
        return f"{seconds // 3600} h ago"
    return f"{seconds // 86_400} days ago"


def size(count: int) -> str:
    """Bytes for people: ``512 B``, ``1.4 kB``, ``20 MB``."""
    value, units = float(count), iter(("B", "kB", "MB", "GB"))
    unit = next(units)
    while value >= 1000 and unit != "GB":
        value, unit = value / 1000, next(units)
    return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"


def short(address: str) -> str:
    """The two ends of an address."""
    return address if len(address) < 16 else f"{address[:6]}…{address[-4:]}"


def _local(millis: int) -> datetime:
    try:
        return datetime.fromtimestamp(millis / 1000).astimezone()
    except (ValueError, OverflowError, OSError):  # a sender's clock may claim any year
        return datetime.fromtimestamp(0).astimezone()
