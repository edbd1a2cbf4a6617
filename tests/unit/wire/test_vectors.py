"""Frames and items are those of the golden vectors: bytes that other clients make and understand."""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stardust.daemon.ids import direct_conversation
from stardust.link import framing
from stardust.wire.codec import Decoder, encode
from stardust.wire.frames import FRAME
from stardust.wire.ids import AccountId
from stardust.wire.items import BUNDLE, ITEM, PROFILE

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "delivery.json").read_text(encoding="utf-8")
)
CASES = [
    *((FRAME, case) for case in VECTORS["frames"]),
    *((ITEM, case) for case in VECTORS["items"]),
    (BUNDLE, VECTORS["bundle"]),
    (PROFILE, VECTORS["profile"]),
]


def plain(value: Any) -> Any:
    """As the vectors write it: bytes in hexadecimal, forms as objects."""
    if isinstance(value, msgspec.Struct):
        fields = {one.name: plain(getattr(value, one.name)) for one in msgspec.structs.fields(value)}
        return fields | {"form": type(value).__name__}
    if isinstance(value, (bytes, msgspec.Raw)):
        return bytes(value).hex()
    return [plain(one) for one in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize(
    ("decoder", "case"), CASES, ids=lambda one: one["fields"]["form"] if isinstance(one, dict) else ""
)
def test_forms_have_the_golden_bytes(decoder: Decoder[Any], case: dict[str, Any]) -> None:
    form = decoder.decode(bytes.fromhex(case["encoded"]))
    assert plain(form) == case["fields"]
    assert encode(form).hex() == case["encoded"]


def test_a_frame_is_named_by_the_golden_digest() -> None:
    case = VECTORS["digest"]
    assert blake2b(bytes.fromhex(case["ciphertext"]), digest_size=32).hexdigest()[:16] == case["digest"]


def test_a_conversation_has_the_golden_id_whoever_names_it() -> None:
    case = VECTORS["conversation"]
    one, other = (AccountId(bytes.fromhex(case[side])) for side in ("one", "other"))
    assert direct_conversation(one, other).hex() == case["id"] == direct_conversation(other, one).hex()


def test_link_messages_have_the_golden_bytes() -> None:
    case = VECTORS["link"]
    assert framing.frame(bytes.fromhex(case["frame"]["payload"])).hex() == case["frame"]["message"]
    assert framing.control(framing.Ping(case["ping"]["number"])).hex() == case["ping"]["message"]
    assert framing.parse(bytes.fromhex(case["pong"]["message"])) == framing.Pong(case["pong"]["number"])
