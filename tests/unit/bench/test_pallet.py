"""The pallet's state: what is counted, and when two are the same."""

from __future__ import annotations

from typing import Any

import pytest
from substrateinterface.utils.hasher import xxh128

from bench import pallet
from bench.calls_per_block import Limits
from bench.pallet_state import Sample, growth


def key(item: str, rest: str = "") -> str:
    return f"0x{pallet.PREFIX.hex()}{bytes(xxh128(item.encode())).hex()}{rest}"


STATE = {key("Accounts", "aa"): "0x0102", key("Accounts", "bb"): "0x03", key(pallet.CLOCK): "0x05"}


def test_keys_belong_to_items_and_bytes_are_those_of_keys_and_values() -> None:
    assert pallet.items(STATE) == {"Accounts": 2, pallet.CLOCK: 1}
    assert pallet.size(STATE) == 3 * 32 + 2 + 4


def test_what_every_block_writes_is_left_out() -> None:
    assert set(pallet.but_clock(STATE)) == {key("Accounts", "aa"), key("Accounts", "bb")}


def test_a_digest_changes_with_a_key_a_value_and_nothing_else() -> None:
    same = dict(reversed(STATE.items()))
    assert pallet.digest(same) == pallet.digest(STATE)
    assert pallet.digest({**STATE, key("Accounts", "aa"): "0x0103"}) != pallet.digest(STATE)
    assert pallet.digest({**STATE, key("Blocks"): "0x"}) != pallet.digest(STATE)


def test_all_pages_of_keys_are_read() -> None:
    every = {key("Signals", f"{number:08x}"): "0x01" for number in range(2 * pallet.PAGE + 1)}

    def ask(method: str, *params: Any) -> Any:
        if method == "state_getKeysPaged":
            _, count, after, block = params
            assert block == "0xb10c"
            names = sorted(every)
            start = names.index(after) + 1 if after else 0
            return names[start : start + count]
        keys, block = params
        assert (method, block) == ("state_queryStorageAt", "0xb10c")
        return [{"changes": [[name, every[name]] for name in keys]}]

    assert pallet.read(ask, "0xb10c") == every


def test_growth_compares_the_halves_of_what_came_after_the_first_expiry() -> None:
    flat = [Sample(block, 0, size) for block, size in ((0, 1), (100, 9), (200, 50), (300, 50), (400, 50))]
    assert growth(flat) == 0.0
    assert growth([*flat, Sample(500, 0, 60)]) == pytest.approx(10.0)


def test_a_block_ends_by_what_is_used_up_first() -> None:
    limits = Limits(weight=1_000, base=10, length=2_000)
    assert limits.calls(weight=90, size=100) == (10, "weight")
    assert limits.calls(weight=90, size=500) == (4, "bytes")
