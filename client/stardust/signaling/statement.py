"""Statements of the Substrate statement store, as far as signals use them: signed and decoded.

A statement (``sp-statement-store`` of release 2609) is SCALE: ``Compact(number of fields)``, then the
fields in ascending order of their tags. Of these a signal's statement always has the same: an ed25519
proof, expiry, channel, one to three topics, data; anything else is refused. So the layout is fixed
but for two lengths, and it is read as a fixed layout: scalecodec takes over a millisecond for each
statement, and anybody may send thousands (``test_statement.py`` compares the two).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from struct import Struct
from typing import Final

from stardust.chain.port import DeviceSigner
from stardust.errors import DecodeError
from stardust.identity.devices import verify_device
from stardust.signaling.envelope import CLOCK_TOLERANCE_S, MAX_LIFETIME_S
from stardust.signaling.errors import EnvelopeError
from stardust.wire.ids import DeviceId
from stardust.wire.signals import MAX_ENVELOPE

MAX_STATEMENT: Final = 8 * 1024
"""Bytes; the store itself takes a megabyte."""
MAX_TOPICS: Final = 3
"""The store takes four."""
MAX_CHANNELS: Final = 4_096
LONGEST_S: Final = MAX_LIFETIME_S + 2 * CLOCK_TOLERANCE_S
"""How far ahead a statement may expire: a sender whose clock is slow adds the tolerance once more."""

_PROOF: Final = Struct("<BB64s32s")
_FIELDS: Final = Struct("<BQB32s")
_TOPIC: Final = Struct("<B32s")
_DATA: Final = Struct("<BH")
_ED25519, _EXPIRY, _CHANNEL, _FIRST_TOPIC, _DATA_TAG = 1, 2, 3, 4, 8
_COMPACT_TWO: Final = 0b01
"""Mode of a SCALE compact integer in two bytes: 64 to 16,383."""
MIN_DATA: Final = 64


@dataclass(frozen=True, slots=True)
class Statement:
    """``expires``: Unix seconds. ``sequence``: orders statements of one second. ``encoded``: all of it."""

    signer: DeviceId
    expires: int
    sequence: int
    channel: bytes
    topics: tuple[bytes, ...]
    data: bytes
    encoded: bytes
    _signature: bytes

    @property
    def is_signed(self) -> bool:
        """Whether ``signer`` signed it; costs an ed25519 verification."""
        signed = self.encoded[1 + _PROOF.size :]
        return verify_device(self.signer, signed, self._signature)


def sign(
    signer: DeviceSigner, priority: int, channel: bytes, topics: tuple[bytes, ...], data: bytes
) -> bytes:
    """The encoding of a statement. ``priority``: expiry in seconds times 2^32, plus sequence;
    ``channel`` and ``topics`` of 32 bytes each; ``data`` of 64 bytes or more."""
    assert MIN_DATA <= len(data) <= MAX_ENVELOPE
    assert 1 <= len(topics) <= MAX_TOPICS
    signed = _FIELDS.pack(_EXPIRY, priority, _CHANNEL, channel)
    signed += b"".join(_TOPIC.pack(_FIRST_TOPIC + n, topic) for n, topic in enumerate(topics))
    signed += _DATA.pack(_DATA_TAG, len(data) << 2 | _COMPACT_TWO) + data
    proof = _PROOF.pack(0, _ED25519, signer.sign(signed), signer.device)
    return bytes([_fields(len(topics)) << 2]) + proof + signed


def _fields(topics: int) -> int:
    """Proof, expiry, channel, topics, data."""
    return 4 + topics


def decode(encoded: bytes) -> Statement:
    """``DecodeError`` unless it is exactly what ``sign`` makes. The signature is not checked."""
    topics = (encoded[0] >> 2) - _fields(0) if encoded else 0
    start = 1 + _PROOF.size + _FIELDS.size
    end = start + topics * _TOPIC.size
    if len(encoded) > MAX_STATEMENT or len(encoded) < end + _DATA.size + MIN_DATA:
        raise DecodeError("A statement has an impossible size.")
    if not 1 <= topics <= MAX_TOPICS or encoded[0] & 3:
        raise DecodeError("A statement has other fields than a signal's.")
    proof, scheme, signature, signer = _PROOF.unpack_from(encoded, 1)
    expiry, priority, channel_tag, channel = _FIELDS.unpack_from(encoded, 1 + _PROOF.size)
    found = [_TOPIC.unpack_from(encoded, start + n * _TOPIC.size) for n in range(topics)]
    data_tag, size = _DATA.unpack_from(encoded, end)
    tags = (proof, scheme, expiry, channel_tag, *(tag for tag, _ in found), data_tag)
    wanted = (0, _ED25519, _EXPIRY, _CHANNEL, *range(_FIRST_TOPIC, _FIRST_TOPIC + topics), _DATA_TAG)
    if tags != wanted:
        raise DecodeError("A statement has other fields than a signal's.")
    data = encoded[end + _DATA.size :]
    if size != len(data) << 2 | _COMPACT_TWO:
        raise DecodeError("A statement's data has another length than it says.")
    return Statement(
        DeviceId(signer),
        priority >> 32,
        priority & 0xFFFF_FFFF,
        channel,
        tuple(topic for _, topic in found),
        data,
        encoded,
        signature,
    )


def check_expiry(statement: Statement, now: float) -> None:
    """``EnvelopeError`` for what the store should not have kept, or should not keep for that long."""
    if statement.expires < now - CLOCK_TOLERANCE_S:
        raise EnvelopeError("A statement has expired.")
    if statement.expires > now + LONGEST_S:
        raise EnvelopeError("A statement claims to be valid for too long.")


def digest_of(encoded: bytes) -> bytes:
    """32 bytes: what the store knows the statement by."""
    return blake2b(encoded, digest_size=32).digest()


class Priorities:
    """Strictly growing priorities for each channel, whatever the clock does.

    The store replaces what stands in a channel by a strictly higher priority only. The sequence is
    the millisecond of the day, so that a daemon that was restarted is above what it said before.
    """

    def __init__(self) -> None:
        self._last: OrderedDict[bytes, int] = OrderedDict()

    def next(self, channel: bytes, expires: int, now: float) -> int:
        priority = max(expires << 32 | int(now * 1000) % 86_400_000, self._last.pop(channel, 0) + 1)
        self._last[channel] = priority
        if len(self._last) > MAX_CHANNELS:
            self._last.popitem(last=False)
        return priority

    def raise_to(self, channel: bytes, priority: int) -> None:
        """The store has this already; the next one is above it."""
        self._last[channel] = max(priority, self._last.get(channel, 0))
