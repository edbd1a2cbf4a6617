"""What a client and a rendezvous say are the golden vectors' bytes, and nothing else is taken."""

from __future__ import annotations

from typing import Any

import pytest

from stardust.errors import DecodeError
from stardust.rendezvous.exchange import Exchange
from stardust.rendezvous.limits import Limits
from stardust.wire.codec import Decoder, encode
from stardust.wire.rendezvous import MAX_NOTICE, MAX_REQUEST, NOTICE, REQUEST, Arrived, Hello, Publish
from tests.unit.vectors.test_forms import case_name
from tests.vectors.make import stored
from tests.vectors.plain import plain

VECTORS = stored("rendezvous")
DECODERS: dict[str, Decoder[Any]] = {"requests": REQUEST, "notices": NOTICE}


def cases(which: str) -> list[tuple[Decoder[Any], dict[str, Any]]]:
    return [(decoder, case) for part, decoder in DECODERS.items() for case in VECTORS[part][which]]


@pytest.mark.parametrize(("decoder", "case"), cases("accepted"), ids=case_name)
def test_forms_have_the_golden_bytes(decoder: Decoder[Any], case: dict[str, Any]) -> None:
    form = decoder.decode(bytes.fromhex(case["encoded"]))
    assert plain(form) == case["fields"]
    assert encode(form).hex() == case["encoded"]


@pytest.mark.parametrize(("decoder", "case"), cases("refused"), ids=case_name)
def test_what_is_beyond_an_edge_is_refused(decoder: Decoder[Any], case: dict[str, str]) -> None:
    with pytest.raises(DecodeError):
        decoder.decode(bytes.fromhex(case["encoded"]))


def test_the_longest_forms_fit() -> None:
    longest = {
        part: max(len(case["encoded"]) // 2 for case in VECTORS[part]["accepted"]) for part in DECODERS
    }
    assert MAX_REQUEST - 50 < longest["requests"] <= MAX_REQUEST
    assert MAX_NOTICE - 50 < longest["notices"] <= MAX_NOTICE


def test_the_golden_conversation_is_what_a_rendezvous_says() -> None:
    exchange = Exchange(Limits())
    client, other = exchange.join(b"one"), exchange.join(b"two")
    exchange.take(other, Hello(1), 0.0)
    for said in VECTORS["conversation"]:
        data = bytes.fromhex(said["encoded"])
        if said["from"] == "client":
            answer = encode(exchange.take(client, REQUEST.decode(data), 0.0).answer)
        elif said["form"] == "Arrived":
            arrived = NOTICE.decode(data)
            assert isinstance(arrived, Arrived)
            exchange.take(other, Publish(1, arrived.topic, bytes(32), 60, arrived.envelope), 0.0)
            assert exchange.next(client, 0.0) == data
        else:
            assert data == answer
