"""What can go wrong with a connection."""

from __future__ import annotations

from stardust.errors import DecodeError, UnavailableError


class LinkFailedError(UnavailableError):
    """No connection to the other device could be made."""

    code = "link_failed"


class DescriptionError(DecodeError):
    """A session description cannot be used."""

    code = "description"
