"""No bytes make a decoder raise anything but its documented errors, hang, or fill the memory."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given

from tests.fuzz.decoder import Decoder
from tests.fuzz.decoders import DECODERS
from tests.fuzz.examples import examples
from tests.fuzz.mutations import enormous, inputs

MEMORY = 512 * 1024 * 1024
"""Bytes beyond what the process has when a decoder is tried."""
ENORMOUS = 64 * 1024
MOST_CUTS = 400

every_decoder = pytest.mark.parametrize("decoder", DECODERS.values(), ids=DECODERS.keys())


@contextlib.contextmanager
def little_memory() -> Iterator[None]:
    """Address space is limited meanwhile: too much becomes a ``MemoryError``, which nobody documents."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@every_decoder
def test_what_is_valid_is_accepted_and_what_is_cut_off_is_accepted_or_refused(decoder: Decoder) -> None:
    assert [seed for seed in decoder.seeds if decoder.attempt(seed)]
    for seed in decoder.seeds:
        cuts = range(0, len(seed), max(1, len(seed) * decoder.cost // MOST_CUTS))
        for cut in cuts:
            decoder.attempt(seed[:cut])


@every_decoder
def test_arbitrary_and_damaged_bytes_are_accepted_or_refused(decoder: Decoder) -> None:
    @examples(decoder.cost)
    @given(inputs(decoder.seeds))
    def attempt(data: bytes) -> None:
        decoder.attempt(data)

    with little_memory():
        attempt()


@every_decoder
@pytest.mark.timeout(30)
def test_long_inputs_take_no_long_time_and_little_memory(decoder: Decoder) -> None:
    size = min(ENORMOUS, decoder.largest)
    with little_memory():
        for data in enormous([seed[:200] for seed in decoder.seeds[:2]], size):
            decoder.attempt(data)
