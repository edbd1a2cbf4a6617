"""Golden vectors of end-to-end encryption: recorded, since an Olm session begins with fresh keys.

The accounts and one session lie in the file as vodozemac pickles under ``PICKLE_KEY``. From a stored
session the next message follows without randomness, so that one is checked both ways.
"""

from __future__ import annotations

from typing import Any

from stardust.session.account import create_account
from stardust.session.port import Opened, Sealed
from stardust.session.sessions import Sessions
from stardust.wire.ids import DeviceId
from tests.fakes.delivery_node import certified, device_id
from tests.fakes.delivery_store import MemoryStore

PICKLE_KEY = bytes(range(0x60, 0x80))
ONE, TWO = device_id("one"), device_id("two")
WORDS = (("one", b"first"), ("one", b"second"), ("two", b"an answer"), ("two", b""), ("one", b"third"))


class Side:
    """One device: an account, perhaps with sessions, and the identity of the other."""

    def __init__(self, name: str, store: MemoryStore) -> None:
        self.name = name
        self.store = store
        self.peers: dict[DeviceId, Any] = {}
        self.sessions = Sessions(store, PICKLE_KEY, self.peers.get)

    @classmethod
    def fresh(cls, name: str) -> Side:
        store = MemoryStore()
        with store.transaction():
            create_account(store, PICKLE_KEY)
        return cls(name, store)

    def knows(self, other: Side) -> None:
        self.peers[device_id(other.name)] = certified(other.name, other.sessions.identity)

    def seal(self, to: Side, plaintext: bytes) -> Sealed:
        with self.store.transaction():
            return self.sessions.seal(device_id(to.name), plaintext)

    def open(self, sender: Side, sealed: Sealed) -> Opened:
        with self.store.transaction():
            return self.sessions.open(device_id(sender.name), sealed)


def record_sessions() -> dict[str, Any]:
    sides = {name: Side.fresh(name) for name in ("one", "two")}
    one, two = sides["one"], sides["two"]
    one.knows(two)
    two.knows(one)
    accounts = {name: side.store.load_account() for name, side in sides.items()}
    messages = []
    for sender, plaintext in WORDS:
        source = sides[sender]
        target = two if source is one else one
        before = {stored.id: stored.pickle for stored in source.store.load_sessions(device_id(target.name))}
        sealed = source.seal(target, plaintext)
        target.open(source, sealed)
        (stored,) = source.store.load_sessions(device_id(target.name))
        messages.append(
            {
                "from": sender,
                "plaintext": plaintext.hex(),
                "olm_type": sealed.olm_type,
                "ciphertext": sealed.ciphertext.hex(),
                "session": stored.id,
                "pickle_before": before.get(stored.id),
            }
        )
    return {
        "about": "docs/protocol.md, session (the Olm specification). Pickles of vodozemac under pickle_key.",
        "pickle_key": PICKLE_KEY.hex(),
        "accounts": {
            name: {
                "pickle": accounts[name],
                "olm": side.sessions.identity.olm.hex(),
                "fallback": side.sessions.identity.fallback.hex(),
            }
            for name, side in sides.items()
        },
        "messages": messages,
    }
