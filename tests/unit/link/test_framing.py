"""What goes over a data channel: frames and the link's own words, nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.errors import DecodeError
from stardust.link.framing import MAX_FRAME, Ping, Pong, control, frame, parse


@given(st.binary(max_size=200))
def test_a_frame_comes_back(payload: bytes) -> None:
    assert parse(frame(payload)) == payload


@given(st.integers(0, 2**32 - 1))
def test_pings_and_pongs_come_back(number: int) -> None:
    assert parse(control(Ping(number))) == Ping(number)
    assert parse(control(Pong(number))) == Pong(number)


def test_the_largest_frame_passes_and_a_larger_one_is_refused() -> None:
    assert parse(frame(bytes(MAX_FRAME))) == bytes(MAX_FRAME)
    with pytest.raises(DecodeError):
        parse(frame(bytes(MAX_FRAME + 1)))


@given(st.binary(max_size=20).filter(lambda data: data[:1] not in (b"\0", b"\1", b"\2")))
def test_other_kinds_are_refused(garbage: bytes) -> None:
    with pytest.raises(DecodeError):
        parse(garbage)


@pytest.mark.parametrize("word", [b"\1", b"\1abc", b"\2abcde"])
def test_words_of_another_length_are_refused(word: bytes) -> None:
    with pytest.raises(DecodeError):
        parse(word)
