"""The first byte of a data channel message: a frame of the layer above, or the link's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stardust.errors import DecodeError

MAX_FRAME: Final = 64 * 1024

_FRAME: Final = 0
_PING: Final = 1
_PONG: Final = 2


@dataclass(frozen=True, slots=True)
class Ping:
    number: int


@dataclass(frozen=True, slots=True)
class Pong:
    number: int


def frame(payload: bytes) -> bytes:
    return bytes([_FRAME]) + payload


def control(word: Ping | Pong) -> bytes:
    """5 bytes: kind, number (u32, big endian)."""
    return bytes([_PING if isinstance(word, Ping) else _PONG]) + word.number.to_bytes(4, "big")


def parse(message: bytes) -> bytes | Ping | Pong:
    """The frame, or the control word; ``DecodeError`` for anything else."""
    if not message or len(message) > MAX_FRAME + 1:
        raise DecodeError("A data channel message is empty or too long.")
    kind, rest = message[0], message[1:]
    if kind == _FRAME:
        return rest
    if kind in (_PING, _PONG) and len(rest) == 4:
        number = int.from_bytes(rest, "big")
        return Ping(number) if kind == _PING else Pong(number)
    raise DecodeError("A data channel message is of no known kind.")
