"""Signals are those of the golden vectors: bytes that other clients have to make and to open."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from stardust.identity.devices import DeviceKeys
from stardust.signaling.envelope import open_envelope
from stardust.wire.codec import encode
from stardust.wire.descriptions import ANSWER, OFFER
from stardust.wire.signals import SIGNAL, SIGNED_SIGNAL, SignedSignal

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "signals.json").read_text())


def device(name: str) -> DeviceKeys:
    return DeviceKeys.from_bytes(b"\x01" + hashlib.shake_256(name.encode()).digest(128))


def test_offer_and_answer_have_the_golden_bytes() -> None:
    offer = OFFER.decode(bytes.fromhex(VECTORS["offer"]))
    assert encode(offer).hex() == VECTORS["offer"]
    assert encode(offer.description).hex() == VECTORS["description"]["encoded"]
    assert offer.description.ufrag == VECTORS["description"]["ufrag"]
    answer = ANSWER.decode(bytes.fromhex(VECTORS["answer"]))
    assert encode(answer).hex() == VECTORS["answer"]
    assert answer.description == offer.description


def test_the_golden_signal_is_signed_as_it_was() -> None:
    body = bytes.fromhex(VECTORS["signal"])
    signed = SignedSignal(body, device(VECTORS["sender"]).sign(body))
    assert encode(signed).hex() == VECTORS["signed"]
    assert SIGNED_SIGNAL.decode(bytes.fromhex(VECTORS["signed"])) == signed


def test_the_golden_envelope_opens() -> None:
    signal = open_envelope(
        bytes.fromhex(VECTORS["envelope"]),
        device(VECTORS["receiver"]),
        bytes.fromhex(VECTORS["genesis"]),
        VECTORS["opened_at"],
    )
    assert signal == SIGNAL.decode(bytes.fromhex(VECTORS["signal"]))
