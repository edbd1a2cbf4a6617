"""Every answer of a node becomes a sentence, and nothing that is no answer is taken for one."""

from __future__ import annotations

from typing import Any

import pytest

from stardust.chain.errors import BadNodeError
from stardust.signaling.statement import MAX_STATEMENT
from stardust.signaling.store_rpc import match_any, parse_batch, parse_outcome


@pytest.mark.parametrize("status", ["new", "known"])
def test_what_was_taken(status: str) -> None:
    assert parse_outcome({"status": status}).taken


REASONS = {
    "noAllowance": "no allowance",
    "accountFull": "under way",
    "dataTooLarge": "under way",
    "channelPriorityTooLow": "later statement",
    "storeFull": "full",
    "alreadyExpired": "clocks",
    "noProof": "signature",
    "badProof": "signature",
    "encodingTooLarge": "size",
    "somethingNew": "somethingNew",
}


@pytest.mark.parametrize(("reason", "sentence"), REASONS.items())
@pytest.mark.parametrize("status", ["rejected", "invalid"])
def test_every_refusal_has_its_sentence(status: str, reason: str, sentence: str) -> None:
    outcome = parse_outcome({"status": status, "reason": reason})
    assert not outcome.taken
    assert sentence in outcome.sentence


def test_known_and_expired_is_a_refusal() -> None:
    assert parse_outcome({"status": "knownExpired"}).reason == "knownExpired"


def test_the_priority_in_the_channel_is_told() -> None:
    answer = {"status": "rejected", "reason": "channelPriorityTooLow", "submitted_expiry": 5, "min_expiry": 9}
    assert parse_outcome(answer).priority == 9


@pytest.mark.parametrize(
    "answer", [None, [], "new", {}, {"status": 1}, {"status": "rejected", "reason": 5}, {"status": "ok"}]
)
def test_what_is_no_answer_is_a_bad_node(answer: Any) -> None:
    with pytest.raises(BadNodeError):
        parse_outcome(answer)


def test_a_batch_and_what_is_left() -> None:
    event = {"event": "newStatements", "data": {"statements": ["0x0102", "0x"], "remaining": 3}}
    found = parse_batch(event)
    assert (found.statements, found.remaining) == ((b"\x01\x02", b""), 3)


def test_statements_that_are_too_long_are_left_out() -> None:
    long, short = "0x" + "00" * (MAX_STATEMENT + 1), "0x" + "00" * MAX_STATEMENT
    event = {"event": "newStatements", "data": {"statements": [long, short]}}
    assert parse_batch(event).statements == (bytes(MAX_STATEMENT),)


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        {"event": "other", "data": {"statements": []}},
        {"event": "newStatements"},
        {"event": "newStatements", "data": {"statements": None}},
        {"event": "newStatements", "data": {"statements": [5]}},
        {"event": "newStatements", "data": {"statements": ["0xzz"]}},
        {"event": "newStatements", "data": {"statements": [], "remaining": "1"}},
    ],
)
def test_what_is_no_batch_is_a_bad_node(event: Any) -> None:
    with pytest.raises(BadNodeError):
        parse_batch(event)


def test_the_filter_has_all_topics() -> None:
    assert match_any(frozenset({b"\x02", b"\x01"})) == {"matchAny": ["0x01", "0x02"]}
