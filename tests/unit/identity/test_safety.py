from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.errors import UsageError
from stardust.identity.safety import Comparison, SafetyNumber, Side
from stardust.identity.text import to_link
from stardust.wire.links import SAFETY_PREFIX
from tests.unit.identity.helpers import GENESIS, account, record

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "safety.json").read_text())
ALICE = Side.of(GENESIS, account("alice").account, [record("a1"), record("a2")])
BOB = Side.of(GENESIS, account("bob").account, [record("b1")])
EVE = Side.of(GENESIS, account("eve").account, [record("e1")])
SWAPPED = Side.of(GENESIS, account("bob").account, [record("e1")])
ONE, OTHER = SafetyNumber(ALICE, BOB), SafetyNumber(BOB, ALICE)


def test_both_people_see_the_same_60_digits() -> None:
    assert ONE.digits == OTHER.digits
    assert len(ONE.digits) == 60
    assert ONE.digits.isdigit()
    assert [len(group) for group in ONE.groups] == [5] * 12


def test_the_order_of_devices_does_not_matter() -> None:
    for order in itertools.permutations([record("a1"), record("a2"), record("a3")]):
        side = Side.of(GENESIS, account("alice").account, order)
        assert side == Side.of(GENESIS, account("alice").account, [record("a3"), record("a1"), record("a2")])


def test_chain_account_and_each_device_change_the_number() -> None:
    sides = [
        Side.of(GENESIS, account("alice").account, [record("a1")]),
        Side.of(bytes(32), account("alice").account, [record("a1")]),
        Side.of(GENESIS, account("bob").account, [record("a1")]),
        Side.of(GENESIS, account("alice").account, [record("a2")]),
        Side.of(GENESIS, account("alice").account, [record("a1"), record("a2")]),
    ]
    assert len({side.digits for side in sides}) == len(sides)


def test_the_number_is_that_of_the_golden_vectors() -> None:
    for vector in VECTORS:
        sides = [
            Side.of(bytes.fromhex(vector["genesis"]), account(who).account, [record(name) for name in names])
            for who, names in vector["sides"].items()
        ]
        assert [side.account.hex() for side in sides] == vector["accounts"]
        assert [side.fingerprint.hex() for side in sides] == vector["fingerprints"]
        assert SafetyNumber(*sides).digits == vector["digits"]
        assert SafetyNumber(*sides).code == vector["code"]


def test_scanning_the_other_sides_code_matches() -> None:
    assert ONE.compare_code(OTHER.code) is Comparison.MATCH
    assert OTHER.compare_code(f" {ONE.code}\n") is Comparison.MATCH


def test_a_swapped_key_is_a_mismatch() -> None:
    assert SafetyNumber(ALICE, SWAPPED).compare_code(OTHER.code) is Comparison.MISMATCH
    assert SafetyNumber(ALICE, SWAPPED).compare_digits(OTHER.digits) is Comparison.MISMATCH


def test_a_code_of_or_for_somebody_else_is_named() -> None:
    assert ONE.compare_code(SafetyNumber(EVE, ALICE).code) is Comparison.WRONG_ACCOUNT
    assert ONE.compare_code(SafetyNumber(BOB, EVE).code) is Comparison.WRONG_ACCOUNT
    assert ONE.compare_code(ONE.code) is Comparison.WRONG_ACCOUNT


def test_a_code_of_another_version_is_named() -> None:
    assert ONE.compare_code("stardust:safety:Ag" + "AA" * 100) is Comparison.WRONG_VERSION


@given(st.text(max_size=100) | st.binary(max_size=100).map(lambda form: to_link(SAFETY_PREFIX, form)))
def test_garbage_is_no_code_and_no_number(text: str) -> None:
    assert ONE.compare_code(text) is Comparison.INVALID
    assert ONE.compare_digits(text) is Comparison.INVALID


def test_digits_are_read_with_any_spaces() -> None:
    assert ONE.compare_digits(" ".join(OTHER.groups) + "\n") is Comparison.MATCH


@pytest.mark.parametrize("count", [0, 9])
def test_a_side_needs_one_to_eight_devices(count: int) -> None:
    with pytest.raises(UsageError):
        Side.of(GENESIS, account().account, [record(str(number)) for number in range(count)])
