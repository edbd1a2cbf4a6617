"""What a chain of ours said is read as it was, and what is sent to it has the golden bytes."""

from __future__ import annotations

from typing import Any

import pytest

from stardust.chain import records
from stardust.chain.codec import Codec
from stardust.chain.records import chain_events
from tests.vectors.chain import arguments, codec, metadata, runtime
from tests.vectors.make import stored
from tests.vectors.plain import plain

CALLS = stored("calls")


@pytest.fixture(scope="module")
def read() -> Codec:
    return codec()


def test_there_is_a_vector_of_every_call() -> None:
    assert {name: call["arguments"] for name, call in CALLS["calls"].items()} == arguments()


@pytest.mark.parametrize("case", runtime()["answers"], ids=lambda case: case["view"])
def test_golden_answers_are_read(read: Codec, case: dict[str, Any]) -> None:
    assert plain(read.view_result(case["view"], bytes.fromhex(case["answer"]))) == case["value"]


@pytest.mark.parametrize("case", runtime()["events"], ids=lambda case: case["records"][2]["name"])
def test_golden_events_are_read(read: Codec, case: dict[str, Any]) -> None:
    events = read.events(bytes.fromhex(case["encoded"]))
    assert plain(events) == case["records"]
    told = [(event.kind.value, event.block) for event in chain_events(9, events)]
    kinds = records._EVENTS
    assert told == [(one["name"], 9) for one in case["records"] if one["name"] in kinds]


def test_the_golden_header_has_the_hash_that_the_node_names(read: Codec) -> None:
    header = runtime()["header"]
    assert read.header_hash(header["json"]).hex() == header["hash"]


def test_the_recorded_runtime_is_read_from_its_description_alone() -> None:
    assert metadata().startswith(b"meta\x0e")
    assert codec().spec_version == runtime()["version"]["specVersion"]
