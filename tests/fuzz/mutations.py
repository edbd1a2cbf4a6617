"""Bytes that decoders have to survive: arbitrary ones, and valid ones that were damaged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

NUMBERS: tuple[bytes, ...] = tuple(
    value.to_bytes(size, order)
    for size in (1, 2, 4, 8)
    for value in (0, 1, 2 ** (8 * size - 1) - 1, 2 ** (8 * size - 1), 2 ** (8 * size) - 1)
    for order in ("little", "big")
)
"""Lengths and counts at their edges, in both byte orders."""


class Choices:
    """Turns bytes, which a fuzzer chooses, into choices; at their end the first of everything."""

    def __init__(self, given: bytes) -> None:
        self._given = given
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._given)

    def number(self, below: int) -> int:
        """0 .. ``below - 1``."""
        size = 1 if below <= 256 else 3
        piece = self._given[self._at : self._at + size]
        self._at += size
        return int.from_bytes(piece, "little") % below

    def piece(self, longest: int) -> bytes:
        size = self.number(longest) + 1
        start, self._at = self._at, self._at + size
        return self._given[start : self._at]


Change = Callable[[bytes, Choices, Sequence[bytes]], bytes]


def damaged(given: bytes, seeds: Sequence[bytes]) -> bytes:
    """A seed with a few changes, all chosen by ``given``: bits flipped, cut, longer, pieces put in,
    taken out, repeated, or of another seed."""
    choices = Choices(given)
    data = seeds[choices.number(len(seeds))]
    while choices:
        data = _CHANGES[choices.number(len(_CHANGES))](data, choices, seeds)
    return data


def inputs(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """What a decoder with these valid inputs is tried with."""
    changes = st.binary(min_size=5, max_size=20).map(lambda given: damaged(given, seeds))
    return st.one_of(changes, changes, st.binary(max_size=200))


def _place(data: bytes, choices: Choices) -> int:
    return choices.number(len(data) + 1)


def _flip(data: bytes, choices: Choices, seeds: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = choices.number(len(data) * 8)
    return data[: at // 8] + bytes([data[at // 8] ^ 1 << at % 8]) + data[at // 8 + 1 :]


def _truncate(data: bytes, choices: Choices, seeds: Sequence[bytes]) -> bytes:
    return data[: _place(data, choices)]


def _extend(data: bytes, choices: Choices, seeds: Sequence[bytes]) -> bytes:
    return data + choices.piece(16)


def _overwrite(data: bytes, choices: Choices, seeds: Sequence[bytes]) -> bytes:
    at = _place(data, choices)
    number = NUMBERS[choices.number(len(NUMBERS))]
    return data[:at] + number + data[at + len(number) :]


def _insert(data: bytes, choices: Choices, seeds: Sequence[bytes]) -> bytes:
    at = _place(data, choices)
    return data[:at] + choices.piece(8) + data[at:]


def _remove(data: bytes, choices: Choices, seeds: Sequence[bytes]) -> bytes:
    at = _place(data, choices)
    return data[:at] + data[at + choices.number(16) + 1 :]


def _repeat(data: bytes, choices: Choices, seeds: Sequence[bytes]) -> bytes:
    at, size = _place(data, choices), choices.number(16) + 1
    return data[:at] + data[at : at + size] * (choices.number(20) + 2) + data[at + size :]


def _splice(data: bytes, choices: Choices, seeds: Sequence[bytes]) -> bytes:
    other = seeds[choices.number(len(seeds))]
    return data[: _place(data, choices)] + other[_place(other, choices) :]


_CHANGES: tuple[Change, ...] = (
    *(_flip, _flip, _flip, _flip, _truncate, _extend),
    *(_overwrite, _insert, _remove, _repeat, _splice),
)

_PATTERNS = (b"\x00", b"\xff", b" ", b"\x91", b"\xdf", b"\x81", b"[", b'{"a":', b"a= ", b"1")
"""Among them lists of one and maps of one, in MessagePack, CBOR and JSON: the deepest nesting there is."""


def enormous(seeds: Sequence[bytes], size: int) -> list[bytes]:
    """Long inputs of ``size`` bytes: each seed over and over, one byte over and over, deep nesting."""
    patterns = [*(seed for seed in seeds if seed), *_PATTERNS]
    return [(pattern * (size // len(pattern) + 1))[:size] for pattern in patterns]
