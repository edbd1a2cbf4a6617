"""Golden vectors of topics and channels between devices one and two (docs/protocol.md, topics)."""

from __future__ import annotations

from typing import Any

from stardust.signaling.topics import EPOCH_S, PING_SLOT, channel, first_contact_topic, pair_topic
from tests.unit.identity.helpers import GENESIS, device

EPOCH = 1_800_000_000 // EPOCH_S
STORES = ("statements", "rendezvous")


def topics() -> dict[str, Any]:
    one, two = device("one"), device("two")
    key = one.pair_key(two.device, GENESIS)
    return {
        "about": "docs/protocol.md, topics: of two devices, under the epoch's number, in each kind of store.",
        "genesis": GENESIS.hex(),
        "epoch": EPOCH,
        "one": {"seed": one.to_bytes()[1:33].hex(), "device": one.device.hex()},
        "two": {"seed": two.to_bytes()[1:33].hex(), "device": two.device.hex()},
        "pair_key": key.hex(),
        "stores": {store: _in(store) for store in STORES},
    }


def _in(store: str) -> dict[str, Any]:
    one, two = device("one"), device("two")
    key = one.pair_key(two.device, GENESIS)
    return {
        "one_to_two": pair_topic(key, two.device, EPOCH, store).hex(),
        "two_to_one": pair_topic(key, one.device, EPOCH, store).hex(),
        "first_contact_of_two": first_contact_topic(GENESIS, two.device, EPOCH, store).hex(),
        "channels_one_to_two": [channel(key, two.device, EPOCH, slot, store).hex() for slot in range(4)],
        "ping_channel_one_to_two": channel(key, two.device, EPOCH, PING_SLOT, store).hex(),
    }
