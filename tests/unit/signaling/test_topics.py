from __future__ import annotations

import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from stardust.errors import UntrustedError
from stardust.identity.devices import DeviceKeys
from stardust.signaling import topics
from stardust.signaling.topics import (
    EPOCH_S,
    PairKeys,
    channel,
    epoch_of,
    epochs_of,
    first_contact_topic,
    pair_topic,
)
from stardust.wire.ids import DeviceId
from tests.unit.identity.helpers import GENESIS, device
from tests.vectors.make import stored
from tests.vectors.topics import STORES

VECTORS: dict[str, Any] = stored("topics")
MIDNIGHT = 20_000 * EPOCH_S
PRIME = 2**255 - 19


def montgomery(ed25519: bytes) -> bytes:
    """RFC 7748, section 4.1: u = (1 + y) / (1 - y)."""
    y = int.from_bytes(ed25519, "little") % 2**255
    return ((1 + y) * pow(1 - y, -1, PRIME) % PRIME).to_bytes(32, "little")


def test_the_golden_pair_key_follows_from_the_document() -> None:
    one, two = VECTORS["one"], VECTORS["two"]
    ids = sorted(bytes.fromhex(side["device"]) for side in (one, two))
    info = b"stardust:pair:v1" + bytes.fromhex(VECTORS["genesis"]) + b"".join(ids)
    for mine, other in ((one, two), (two, one)):
        scalar = hashlib.sha512(bytes.fromhex(mine["seed"])).digest()[:32]
        public = X25519PublicKey.from_public_bytes(montgomery(bytes.fromhex(other["device"])))
        shared = X25519PrivateKey.from_private_bytes(scalar).exchange(public)
        key = HKDF(hashes.SHA256(), length=32, salt=None, info=info).derive(shared)
        assert key.hex() == VECTORS["pair_key"]


@pytest.mark.parametrize("store", STORES)
def test_the_golden_topics_follow_from_the_document(store: str) -> None:
    key, genesis = bytes.fromhex(VECTORS["pair_key"]), bytes.fromhex(VECTORS["genesis"])
    one, two = (bytes.fromhex(VECTORS[name]["device"]) for name in ("one", "two"))
    epoch = VECTORS["epoch"].to_bytes(8, "little")

    def digest(data: bytes, person: bytes, key: bytes = b"") -> str:
        return hashlib.blake2b(data, digest_size=32, key=key, person=person).hexdigest()

    golden, behind = VECTORS["stores"][store], store.encode()
    assert digest(two + epoch + behind, b"stardust:pair", key) == golden["one_to_two"]
    assert digest(one + epoch + behind, b"stardust:pair", key) == golden["two_to_one"]
    assert digest(genesis + two + epoch + behind, b"stardust:first") == golden["first_contact_of_two"]
    slots = [digest(two + epoch + bytes([slot]) + behind, b"stardust:channel", key) for slot in range(5)]
    assert slots == [*golden["channels_one_to_two"], golden["ping_channel_one_to_two"]]


def test_both_devices_have_the_same_key_and_nobody_else_has() -> None:
    one, two, three = (DeviceKeys.create() for _ in range(3))
    key = one.pair_key(two.device, GENESIS)
    assert key == two.pair_key(one.device, GENESIS)
    assert key != one.pair_key(three.device, GENESIS)
    assert key != one.pair_key(two.device, bytes(32))


LOW_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]


@pytest.mark.parametrize("point", [*map(bytes.fromhex, LOW_ORDER), b"", bytes(31), b"\xff" * 32])
def test_a_key_of_low_order_or_none_is_refused(point: bytes) -> None:
    with pytest.raises(UntrustedError):
        device("one").pair_key(DeviceId(point), GENESIS)


@given(sent=st.floats(MIDNIGHT - 90_000, MIDNIGHT + 90_000), late=st.floats(0, 900), off=st.floats(-900, 900))
def test_who_listens_by_a_clock_that_is_off_listens_where_was_sent(
    sent: float, late: float, off: float
) -> None:
    assert epoch_of(sent) in epochs_of(sent + late + off)


def test_outside_of_midnight_one_epoch_is_listened_to() -> None:
    assert epochs_of(MIDNIGHT + 3_600) == (20_000,)
    assert epochs_of(MIDNIGHT) == epochs_of(MIDNIGHT - 600) == (19_999, 20_000)


@given(epoch=st.integers(0, 2**40), other=st.integers(0, 2**40), slot=st.integers(0, 3))
def test_days_directions_slots_and_stores_have_nothing_in_common(epoch: int, other: int, slot: int) -> None:
    one, two = device("one").device, device("two").device
    key = bytes(32)
    made = []
    for store in STORES:
        made += [pair_topic(key, one, epoch, store), pair_topic(key, two, epoch, store)]
        made += [channel(key, one, epoch, slot, store), channel(key, one, epoch, (slot + 1) % 4, store)]
        made += [first_contact_topic(GENESIS, one, epoch, store)]
        if other != epoch:
            made += [pair_topic(key, one, other, store), channel(key, one, other, slot, store)]
    assert len(set(made)) == len(made)


def test_pair_keys_are_kept_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "MAX_PAIR_KEYS", 3)
    own = device("one")
    pairs = PairKeys(own, GENESIS)
    others = [device(f"other {number}").device for number in range(5)]
    for other in (*others, others[0]):
        assert pairs.of(other) == own.pair_key(other, GENESIS)
    assert len(pairs._known) == 3
