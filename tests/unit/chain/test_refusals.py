"""What nodes say when they take no call."""

from __future__ import annotations

import pytest

from stardust.chain.errors import Refusal
from stardust.chain.refusals import refusal


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("Invalid Transaction: Transaction has a bad signature", Refusal.BAD_PROOF),
        ("Invalid Transaction: Transaction is outdated", Refusal.STALE),
        ("Invalid Transaction: Transaction will be valid in the future", Refusal.FUTURE),
        (
            "Invalid Transaction: Inability to pay some fees (e.g. account balance too low)",
            Refusal.ALLOWANCE,
        ),
        ("Invalid Transaction: Custom error: 1", Refusal.NOT_REGISTERED),
        ("Invalid Transaction: Custom error: 5", Refusal.UNKNOWN_GROUP),
        ("Invalid Transaction: Custom error: 77", Refusal.OTHER),
        ("Priority is too low: (18446744073709551615 vs 18446744073709551615)", Refusal.STALE),
        ("Transaction Already Imported", Refusal.STALE),
        ("Unable to decode", Refusal.OTHER),
        ({"invalid": {"payment": None}}, Refusal.ALLOWANCE),
        ({"invalid": {"badProof": None}}, Refusal.BAD_PROOF),
        ({"invalid": {"stale": None}}, Refusal.STALE),
        ({"invalid": {"future": None}}, Refusal.FUTURE),
        ({"invalid": {"custom": 3}}, Refusal.TOO_MANY_DEVICES),
        ({"invalid": "Invalid transaction: Payment"}, Refusal.ALLOWANCE),
        ({"invalid": "Invalid transaction: BadProof"}, Refusal.BAD_PROOF),
        ({"invalid": "Invalid transaction: AncientBirthBlock"}, Refusal.STALE),
        ({"invalid": "Invalid transaction: Other reason (code: 4)"}, Refusal.BAD_RECORD),
        ({"invalid": "Transaction validity couldn't be determined: CannotLookup"}, Refusal.OTHER),
        ({"unknown": {"cannotLookup": None}}, Refusal.OTHER),
    ],
)
def test_refusals_are_understood(answer: object, reason: Refusal) -> None:
    assert refusal(answer) is reason
