"""One device with its Olm sessions over a store in memory, without delivery."""

from __future__ import annotations

from dataclasses import replace

from stardust.identity.records import CertifiedDevice
from stardust.session.account import create_account
from stardust.session.port import Opened, Sealed, StoredSession
from stardust.session.sessions import Sessions
from stardust.wire.ids import DeviceId
from tests.fakes.delivery_node import PICKLE_KEY, certified, device_id
from tests.fakes.delivery_store import MemoryStore


class Side:
    """An account in ``store``, perhaps with sessions, and the devices whose keys were accepted."""

    def __init__(self, name: str, store: MemoryStore, pickle_key: bytes = PICKLE_KEY) -> None:
        self.name = name
        self.store = store
        self.device = device_id(name)
        self.accepted: dict[DeviceId, CertifiedDevice] = {}
        self._pickle_key = pickle_key
        self.restart()

    @classmethod
    def fresh(cls, name: str, pickle_key: bytes = PICKLE_KEY) -> Side:
        store = MemoryStore()
        with store.transaction():
            create_account(store, pickle_key)
        return cls(name, store, pickle_key)

    def restart(self) -> None:
        """What is not in the store is forgotten."""
        self.sessions = Sessions(self.store, self._pickle_key, self.accepted.get)

    @property
    def certified(self) -> CertifiedDevice:
        return certified(self.name, self.sessions.identity)

    def accept(self, other: Side, *, olm: bytes | None = None, fallback: bytes | None = None) -> None:
        """The keys that ``other`` has, or others in their place."""
        known = other.certified
        keys = {"olm": olm or known.record.olm, "fallback": fallback or known.record.fallback}
        self.accepted[other.device] = replace(known, record=replace(known.record, **keys))  # type: ignore[arg-type]

    def seal(self, to: Side, plaintext: bytes) -> Sealed:
        with self.store.transaction():
            return self.sessions.seal(to.device, plaintext)

    def open(self, sender: Side, sealed: Sealed) -> Opened:
        with self.store.transaction():
            return self.sessions.open(sender.device, sealed)

    def renew(self, other: Side) -> None:
        with self.store.transaction():
            self.sessions.renew(other.device)

    def kept(self, other: Side) -> tuple[StoredSession, ...]:
        return self.store.load_sessions(other.device)


def acquainted(*sides: Side) -> None:
    for side in sides:
        for other in sides:
            if other is not side:
                side.accept(other)
