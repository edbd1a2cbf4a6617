"""Identifiers that this device makes."""

from __future__ import annotations

import secrets
import time
from hashlib import blake2b
from typing import Final

from stardust.wire.ids import AccountId, ConversationId, MessageId

_COUNTER_BITS: Final = 12


class MessageIds:
    """UUIDv7 (RFC 9562 §5.7) in ascending order: in one millisecond the field ``rand_a`` counts
    (§6.2, method 1), and a clock that goes back does not make the ids go back."""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> MessageId:
        millis = time.time_ns() // 1_000_000
        self._last = max(self._last + 1, millis << _COUNTER_BITS)
        counted = self._last
        high = (counted >> _COUNTER_BITS) << 16 | 0x7000 | (counted & 0xFFF)
        low = 0b10 << 62 | secrets.randbits(62)
        return MessageId((high << 64 | low).to_bytes(16, "big"))


def direct_conversation(one: AccountId, other: AccountId) -> ConversationId:
    """The same on both sides."""
    first, second = sorted((bytes(one), bytes(other)))
    return ConversationId(blake2b(b"stardust:direct:v1" + first + second, digest_size=32).digest())
