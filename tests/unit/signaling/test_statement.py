"""Statements: the store's own format, signed by the device, and nothing else."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.errors import DecodeError
from stardust.signaling import statement
from stardust.signaling.envelope import CLOCK_TOLERANCE_S
from stardust.signaling.errors import EnvelopeError
from stardust.signaling.statement import (
    LONGEST_S,
    MIN_DATA,
    Priorities,
    check_expiry,
    decode,
    digest_of,
    sign,
)
from tests.fakes.statement_scale import encode, fields_of
from tests.unit.identity.helpers import device
from tests.vectors.make import stored
from tests.vectors.plain import plain
from tests.vectors.statements import EXPIRES, example

VECTORS: dict[str, Any] = stored("statements")
KEYS32 = st.binary(min_size=32, max_size=32)
CHANNEL = bytes(32)


@given(
    priority=st.integers(0, 2**64 - 1),
    channel=KEYS32,
    topics=st.lists(KEYS32, min_size=1, max_size=3).map(tuple),
    data=st.binary(min_size=MIN_DATA, max_size=4096),
)
def test_a_statement_is_what_scalecodec_makes_of_it(
    priority: int, channel: bytes, topics: tuple[bytes, ...], data: bytes
) -> None:
    encoded = sign(device("one"), priority, channel, topics, data)
    fields = fields_of(encoded)
    assert [name for name, _ in fields] == [
        "proof",
        "expiry",
        "channel",
        *(f"topic{n + 1}" for n in range(len(topics))),
        "data",
    ]
    assert dict(fields)["expiry"] == priority
    assert encode(fields) == encoded
    found = decode(encoded)
    assert (found.expires, found.sequence) == divmod(priority, 2**32)
    assert (found.channel, found.topics, found.data) == (channel, topics, data)
    assert found.signer == device("one").device
    assert found.is_signed


@pytest.mark.parametrize("case", VECTORS["accepted"], ids=lambda case: str(len(case["encoded"]) // 2))
def test_golden_statements_are_read_as_they_say(case: dict[str, Any]) -> None:
    encoded = bytes.fromhex(case["encoded"])
    found = decode(encoded)
    assert plain(found) == case["fields"]
    assert digest_of(encoded).hex() == case["digest"]
    assert found.is_signed


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["why"])
def test_what_is_no_signals_statement_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(DecodeError):
        decode(bytes.fromhex(case["encoded"]))


@given(at=st.integers(0, len(example()) - 1), change=st.integers(1, 255))
def test_no_byte_can_be_changed(at: int, change: int) -> None:
    altered = bytearray(example())
    altered[at] ^= change
    with contextlib.suppress(DecodeError):
        assert not decode(bytes(altered)).is_signed


def test_what_is_expired_or_lasts_too_long_is_dropped() -> None:
    found = decode(example())
    check_expiry(found, EXPIRES + CLOCK_TOLERANCE_S)
    check_expiry(found, EXPIRES - LONGEST_S)
    for now in (EXPIRES + CLOCK_TOLERANCE_S + 1, EXPIRES - LONGEST_S - 1):
        with pytest.raises(EnvelopeError):
            check_expiry(found, now)


@given(times=st.lists(st.floats(1_700_000_000, 1_700_100_000), min_size=2, max_size=20))
def test_priorities_grow_whatever_the_clock_does(times: list[float]) -> None:
    priorities = Priorities()
    made = [priorities.next(CHANNEL, int(now) + 120, now) for now in times]
    assert all(a < b for a, b in itertools.pairwise(made))


@given(now=st.floats(1_700_000_000, 1_700_100_000), later=st.floats(1, 100))
def test_after_a_restart_they_are_above_those_of_before(now: float, later: float) -> None:
    before = [Priorities().next(CHANNEL, int(now) + 120, now)]
    assert Priorities().next(CHANNEL, int(now + later) + 120, now + later) > max(before)


def test_what_the_store_says_is_in_the_channel_is_outbid() -> None:
    priorities = Priorities()
    priorities.raise_to(CHANNEL, 2**40)
    assert priorities.next(CHANNEL, 1, 0.0) == 2**40 + 1


def test_channels_are_forgotten_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "MAX_CHANNELS", 4)
    priorities = Priorities()
    for number in range(9):
        priorities.next(bytes([number]) * 32, 1, 0.0)
    assert len(priorities._last) == 4
