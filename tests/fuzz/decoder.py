"""A decoder under test: what it is given, what it may say, and how often it said so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.vectors.make import stored


@dataclass(slots=True)
class Counts:
    """Of the inputs of one decoder."""

    tried: int = 0
    accepted: int = 0
    refused: int = 0

    def told(self) -> list[int]:
        return [self.tried, self.accepted, self.refused]

    def add(self, told: list[int]) -> None:
        """What another process counted."""
        tried, accepted, refused = told
        self.tried += tried
        self.accepted += accepted
        self.refused += refused


@dataclass(frozen=True)
class Decoder:
    """``decode`` takes any bytes: it returns, or raises one of ``refuses``. Everything else is a bug."""

    name: str
    decode: Callable[[bytes], object]
    make_seeds: Callable[[], list[bytes]]
    """Inputs that it accepts, or that are near to it."""
    refuses: tuple[type[Exception], ...]
    covers: tuple[str, ...]
    """Names of what is under test, below ``stardust.``"""
    cost: int = 1
    """How many of the ordinary decoders one try of it is worth."""
    largest: int = 1024 * 1024
    """Bytes: more never reaches it, by a bound before it."""
    counts: Counts = field(default_factory=Counts, compare=False)

    @cached_property
    def seeds(self) -> list[bytes]:
        return self.make_seeds()

    def attempt(self, data: bytes) -> bool:
        """Whether ``data`` was accepted. Raises what the decoder must not raise."""
        self.counts.tried += 1
        try:
            self.decode(data)
        except self.refuses:
            self.counts.refused += 1
            return False
        self.counts.accepted += 1
        return True


def golden(name: str, *path: str | int, key: str = "encoded") -> list[bytes]:
    """All bytes under ``key`` in the vectors ``NAME.json``, below ``path``."""
    part = stored(name)
    for step in path:
        part = part[step]
    return [bytes.fromhex(text) for text in _found(part, key)]


def _found(part: Any, key: str) -> list[str]:
    if isinstance(part, dict):
        own = [part[key]] if isinstance(part.get(key), str) else []
        return own + [text for one in part.values() for text in _found(one, key)]
    if isinstance(part, list):
        return [text for one in part for text in _found(one, key)]
    return []


def text(data: bytes) -> str:
    """Any bytes as text; what is no UTF-8 becomes U+FFFD."""
    return data.decode("utf-8", "replace")
