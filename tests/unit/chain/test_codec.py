"""The codec under a hostile description: no answer costs more than its bytes are worth."""

from __future__ import annotations

import pytest

from stardust.chain import codec as module
from stardust.chain.codec import Codec, EventRecord
from stardust.chain.errors import BadNodeError, OutdatedClientError
from tests.unit.identity.helpers import GENESIS
from tests.vectors.chain import codec, metadata, runtime


def test_a_list_of_a_billion_nothings_is_refused_at_once() -> None:
    with pytest.raises(BadNodeError, match="more values than bytes"):
        codec().decode("Vec<()>", b"\xfe\xff\xff\xff")
    with pytest.raises(BadNodeError, match="more values than bytes"):
        codec().decode("[Null; 1000000000]", b"")


def test_a_list_of_what_takes_bytes_may_be_long() -> None:
    numbers = [7] * 10_000
    encoded = (len(numbers) << 2 | 2).to_bytes(4, "little") + b"\x07\x00" * len(numbers)
    assert codec().decode("Vec<u16>", encoded) == numbers


def test_a_bit_sequence_is_not_spread_out() -> None:
    with pytest.raises(BadNodeError):
        codec().decode("BitVec", b"\xfe\xff\xff\xff")


def test_values_and_descriptions_beyond_the_bound_are_not_read() -> None:
    with pytest.raises(BadNodeError, match="too long"):
        codec().decode("Bytes", bytes(module.MAX_SCALE + 1))
    with pytest.raises(BadNodeError, match="too long"):
        Codec(runtime()["version"], "0x" + metadata().hex() + "00" * module.MAX_SCALE, GENESIS)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("TransactionFeePaid", {}),
        ("TransactionFeePaid", None),
        ("ExtrinsicFailed", {"dispatch_error": 7}),
        ("ExtrinsicFailed", {"dispatch_error": ("Module", {"index": 250, "error": b"\x00"})}),
    ],
)
def test_an_outcome_of_another_shape_is_the_nodes_fault(name: str, fields: object) -> None:
    with pytest.raises(BadNodeError, match="unexpected shape"):
        codec().outcome((EventRecord(0, "System", name, fields),), 0)


def test_a_failed_call_is_named_by_the_pallets_error() -> None:
    pallet = next(one for one in codec()._chain.metadata.pallets if one.name == module.PALLET)
    failed = {"dispatch_error": ("Module", {"index": pallet.value["index"], "error": b"\x00\x00\x00\x00"})}
    outcome = codec().outcome((EventRecord(3, "System", "ExtrinsicFailed", failed),), 3)
    assert outcome.error == pallet.errors[0].name
    assert outcome.doc == codec().error_doc(pallet.errors[0].name)


def test_a_chain_that_numbers_its_calls_anew_is_too_new_for_this_client() -> None:
    newer = {**runtime()["version"], "specVersion": 7, "transactionVersion": module.TRANSACTION_VERSION + 1}
    with pytest.raises(OutdatedClientError, match="runtime 7 is too new") as raised:
        Codec(newer, "0x" + metadata().hex(), GENESIS)
    assert "install a newer one" in str(raised.value)
