"""Links and payloads of QR codes: wire forms as text that survives chats, paper and cameras."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from stardust.errors import DecodeError
from stardust.wire.links import VERSION

NEWEST: Final = 31
"""A first byte beyond this is no version that will come to be, but rubbish."""
LEAST: Final = 64
"""Bytes: every form, also of a later version, holds at least a signature or two keys."""

_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*")


class WrongVersionError(DecodeError):
    """This was made by another version of the program; update both sides."""

    code = "wrong_version"


def to_link(prefix: str, form: bytes) -> str:
    """``prefix`` and base64url of the version byte and ``form``."""
    return prefix + base64.urlsafe_b64encode(bytes([VERSION]) + form).rstrip(b"=").decode()


def from_link(prefix: str, link: str, *, limit: int) -> bytes:
    """The form in ``link``, at most ``limit`` bytes. Raises ``DecodeError`` or ``WrongVersionError``."""
    text = link.strip()
    body = text.removeprefix(prefix)
    if not text.startswith(prefix) or len(body) > limit * 2 or not _BASE64URL.fullmatch(body):
        raise DecodeError(f"it does not start with {prefix} or was damaged on its way")
    try:
        data = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        raise DecodeError("it is not complete, or was damaged on its way") from None
    if len(data) > LEAST and VERSION < data[0] <= NEWEST:
        raise WrongVersionError
    if not data or data[0] != VERSION:
        raise DecodeError("it is not complete, or was damaged on its way")
    if to_link(prefix, data[1:]) != text:
        raise DecodeError("it was damaged on its way")  # stray bits at the end
    return data[1:]
