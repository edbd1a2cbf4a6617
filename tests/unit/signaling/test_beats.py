"""Sealed beats: the golden ones open by the document alone, and nothing else opens."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import VerifyKey

from stardust.errors import DecodeError
from stardust.identity.devices import DeviceKeys
from stardust.signaling.beats import SEALED, open_beat, seal_beat
from stardust.signaling.errors import EnvelopeError
from stardust.wire.ids import DeviceId
from stardust.wire.presence import Beat
from tests.unit.identity.helpers import GENESIS, device
from tests.vectors.beats import AT, KEY, NONCE
from tests.vectors.make import stored
from tests.vectors.plain import plain
from tests.vectors.topics import STORES

VECTORS: dict[str, Any] = stored("beats")
ONE = device("one")
NOW = AT / 1000


@pytest.mark.parametrize("store", STORES)
def test_the_golden_topic_and_channel_follow_from_the_document(store: str) -> None:
    behind = VECTORS["epoch"].to_bytes(8, "little") + store.encode()
    made = {
        what: hashlib.blake2b(
            what.encode() + behind, digest_size=32, key=KEY, person=b"stardust:beat"
        ).hexdigest()
        for what in ("topic", "channel")
    }
    assert made == VECTORS["stores"][store]


def sealed(beat: Beat, keys: DeviceKeys = ONE) -> bytes:
    return seal_beat(beat, keys, KEY, GENESIS, NONCE)


def test_the_golden_beats_open_by_the_document() -> None:
    key, genesis = bytes.fromhex(VECTORS["presence_key"]), bytes.fromhex(VECTORS["genesis"])
    one = bytes.fromhex(VECTORS["device"])
    label = b"stardust:beat:v1"
    for case in VECTORS["accepted"]:
        data, body = bytes.fromhex(case["encoded"]), bytes.fromhex(case["body"])
        assert data[0] == 1
        padded = ChaCha20Poly1305(key).decrypt(data[1:13], data[13:], label + genesis + one)
        assert len(padded) == 128
        signed = padded.rstrip(b"\x00").removesuffix(b"\x80")
        signature = signed[-64:]
        assert signed == b"\x93\x02\xc4" + bytes([len(body)]) + body + b"\xc4\x40" + signature
        VerifyKey(one).verify(label + genesis + body, signature)


@pytest.mark.parametrize("case", VECTORS["accepted"], ids=lambda case: str(case["fields"]["state"]))
def test_the_golden_beats_are_made_and_opened(case: dict[str, Any]) -> None:
    beat = open_beat(bytes.fromhex(case["encoded"]), ONE.device, KEY, GENESIS, NOW)
    assert plain(beat) == case["fields"]
    assert sealed(beat).hex() == case["encoded"]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: str(case["why"]))
def test_what_is_no_beat_of_this_device_now_is_refused(case: dict[str, str]) -> None:
    with pytest.raises((EnvelopeError, DecodeError)):
        open_beat(bytes.fromhex(case["encoded"]), ONE.device, KEY, GENESIS, NOW)


def test_any_changed_byte_is_noticed() -> None:
    good = sealed(Beat(AT, "here"))
    for at in range(len(good)):
        with pytest.raises(EnvelopeError):
            open_beat(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :], ONE.device, KEY, GENESIS, NOW)


def test_a_contact_who_has_the_key_cannot_beat_in_the_devices_name() -> None:
    case = next(one for one in VECTORS["refused"] if one["why"] == "signed by another device")
    with pytest.raises(EnvelopeError, match="not signed by its device"):
        open_beat(bytes.fromhex(case["encoded"]), ONE.device, KEY, GENESIS, NOW)


@given(st.integers(0, 2**63 - 1), st.sampled_from(["here", "gone"]))
def test_all_beats_have_one_size(at: int, state: Any) -> None:
    assert len(sealed(Beat(at, state))) == SEALED


@pytest.mark.parametrize(
    ("off_s", "good"), [(-1000, True), (-1001, False), (0, True), (900, True), (901, False)]
)
def test_a_clock_may_be_off_by_a_quarter_of_an_hour(off_s: int, good: bool) -> None:
    data = sealed(Beat(AT + off_s * 1000, "here"))
    if good:
        assert open_beat(data, ONE.device, KEY, GENESIS, NOW).state == "here"
    else:
        with pytest.raises(EnvelopeError, match="another time"):
            open_beat(data, ONE.device, KEY, GENESIS, NOW)


def test_it_is_worth_nothing_for_another_device() -> None:
    with pytest.raises(EnvelopeError):
        open_beat(sealed(Beat(AT, "here")), DeviceId(bytes(32)), KEY, GENESIS, NOW)
