"""Decoders of what the statement store of a node brings and says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec

from stardust.chain.errors import BadNodeError
from stardust.errors import DecodeError
from stardust.signaling import statement, store_rpc
from tests.fuzz.decoder import Decoder, golden
from tests.unit.identity.helpers import device
from tests.vectors.statements import example


def _statement(data: bytes) -> object:
    """What is accepted has one encoding only, and is not signed unless it is a golden one."""
    found = statement.decode(data)
    again = statement.sign(
        device("one"), found.expires << 32 | found.sequence, found.channel, found.topics, found.data
    )
    assert again[0] == data[0]
    assert again[99:] == data[99:]
    assert found.is_signed in (True, False)
    return found


def _of_json(parse: Callable[[Any], object]) -> Callable[[bytes], object]:
    return lambda data: parse(msgspec.json.decode(data))


def _batches() -> list[bytes]:
    texts = [f"0x{example().hex()}", "0x00"]
    data: tuple[dict[str, Any], ...] = (
        {"statements": texts, "remaining": 2},
        {"statements": []},
        {"statements": texts[1:]},
    )
    return [json.dumps({"event": "newStatements", "data": one}).encode() for one in data]


OUTCOMES = (
    b'{"status":"new"}',
    b'{"status":"known"}',
    b'{"status":"rejected","reason":"storeFull"}',
    b'{"status":"rejected","reason":"channelPriorityTooLow","submitted_expiry":1,"min_expiry":18446744073709551615}',
    b'{"status":"invalid","reason":"encodingTooLarge","submitted_size":1,"max_size":2}',
)
BAD_JSON = (BadNodeError, msgspec.DecodeError, UnicodeDecodeError, RecursionError)

DECODERS = (
    Decoder(
        "statements",
        _statement,
        lambda: golden("statements", "accepted"),
        refuses=(DecodeError,),
        covers=("signaling.statement.decode",),
        largest=statement.MAX_STATEMENT,
    ),
    Decoder(
        "answers of a statement store",
        _of_json(store_rpc.parse_outcome),
        lambda: list(OUTCOMES),
        refuses=BAD_JSON,
        covers=("signaling.store_rpc.parse_outcome",),
    ),
    Decoder(
        "batches of statements",
        _of_json(store_rpc.parse_batch),
        _batches,
        refuses=BAD_JSON,
        covers=("signaling.store_rpc.parse_batch",),
    ),
)
