"""Padding by ISO/IEC 7816-4 to one of a few sizes, so that a length tells little. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import nacl.bindings

from stardust.signaling.errors import EnvelopeError, EnvelopeTooLargeError


def pad(data: bytes, sizes: Sequence[int]) -> bytes:
    """``data`` in the smallest of ``sizes`` (ascending) that is larger; ``EnvelopeTooLargeError``."""
    for size in sizes:
        if len(data) < size:
            padded: bytes = nacl.bindings.sodium_pad(data, size)
            return padded
    raise EnvelopeTooLargeError(f"A signal of {len(data)} bytes does not fit one envelope.")


def unpad(data: bytes, sizes: Sequence[int]) -> bytes:
    """What was padded to one of ``sizes``; ``EnvelopeError``."""
    if len(data) not in sizes:
        raise EnvelopeError("An envelope is not padded as it should be.")
    try:
        plain: bytes = nacl.bindings.sodium_unpad(data, len(data))
    except Exception:  # sodium raises its own errors for bad padding
        raise EnvelopeError("An envelope is not padded as it should be.") from None
    return plain
