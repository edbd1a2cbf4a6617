"""One device with real encryption and a real delivery engine over a store, without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from hashlib import blake2b
from typing import Protocol

from stardust.delivery.engine import DeliveryEngine
from stardust.delivery.events import Now, Outcome, Submission
from stardust.delivery.port import Application, DeliveryStore, Failure, MessageState
from stardust.identity.records import CertifiedDevice, DeviceRecord, Scheme
from stardust.session.account import OlmIdentity, create_account
from stardust.session.port import SessionStore
from stardust.session.sessions import Sessions
from stardust.wire.ids import AccountId, DeviceId, MessageId
from stardust.wire.items import Item, Text
from tests.fakes.delivery_store import MemoryStore

PICKLE_KEY = b"\x07" * 32
CONVERSATION = b"\x05" * 32

_ORDER = list(MessageState)


class Store(DeliveryStore, SessionStore, Protocol):
    """Both ports on one database."""


class Inbox:
    """An application that keeps what it is given, and forgets it when the transaction is rolled back."""

    def __init__(self, on_rollback: Callable[[Callable[[], None]], None]) -> None:
        self.items: list[Item] = []
        self.states: dict[MessageId, tuple[MessageState, Failure | None]] = {}
        self.room: int | None = None
        """Items that are taken before frames have to wait; None: any number."""
        self._on_rollback = on_rollback

    def has_room(self, device: DeviceId) -> bool:
        return self.room is None or len(self.items) < self.room

    def received(self, device: DeviceId, items: Sequence[Item]) -> None:
        length = len(self.items)
        self._on_rollback(lambda: self.items.__delitem__(slice(length, None)))
        self.items += items

    def skipped(self, device: DeviceId, count: int) -> None:
        pass

    def state_changed(
        self, device: DeviceId, message_ids: Sequence[MessageId], state: MessageState, reason: Failure | None
    ) -> None:
        for message_id in message_ids:
            old, why = self.states.get(message_id, (MessageState.QUEUED, None))
            assert state is not MessageState.FAILED or old in (MessageState.QUEUED, MessageState.SENT)
            if _ORDER.index(state) >= _ORDER.index(old):
                self._on_rollback(partial(self.states.__setitem__, message_id, (old, why)))
                self.states[message_id] = (state, reason)

    def state(self, number: int) -> MessageState:
        return self.states.get(message_id(number), (MessageState.QUEUED, None))[0]

    def bodies(self) -> list[str]:
        return [item.body for item in self.items if isinstance(item, Text)]


def certified(name: str, identity: OlmIdentity) -> CertifiedDevice:
    """A device as the chain would show it; nobody checks the certificate here."""
    device = device_id(name)
    record = DeviceRecord(device, identity.olm, identity.fallback, sealing=b"")
    return CertifiedDevice(AccountId(device), record, 0, b"", Scheme.ED25519, b"")


def device_id(name: str) -> DeviceId:
    return DeviceId(blake2b(name.encode(), digest_size=32).digest())


def message_id(number: int) -> MessageId:
    return MessageId(number.to_bytes(16, "big"))


def text(number: int, body: str | None = None) -> Text:
    return Text(message_id(number), CONVERSATION, sent_at=0, body=body or f"message {number}")


class Node:
    """Survives ``crash``: the store stays, everything else is made anew."""

    def __init__(self, name: str, store: Store | None = None) -> None:
        self.name = name
        self.memory = MemoryStore()
        self.store: Store = store if store is not None else self.memory
        self.trusted: dict[DeviceId, CertifiedDevice] = {}
        self.inbox = Inbox(self.memory.on_rollback if store is None else lambda undo: None)
        self._streams = 0
        with self.transaction():
            identity = create_account(self.store, PICKLE_KEY)
        self.certified = certified(name, identity)
        self.device = self.certified.record.device
        self.start()

    def transaction(self) -> AbstractContextManager[None]:
        return self.store.transaction()

    def start(self) -> None:
        self.sessions = Sessions(self.store, PICKLE_KEY, self.trusted.get)
        self.engine = DeliveryEngine(self.store, self.sessions, self.application(), self._random)

    def application(self) -> Application:
        return self.inbox

    def _random(self, size: int) -> bytes:
        self._streams += 1
        return blake2b(f"{self.name} {self._streams}".encode(), digest_size=size).digest()

    def trust(self, other: Node) -> None:
        self.trusted[other.device] = other.certified

    def submit(self, now: Now, to: Node, *numbers: int, expires: int | None = None) -> Outcome:
        items = [Submission(to.device, text(number), message_id(number), expires) for number in numbers]
        return self.engine.submit(now, items)


def acquainted(*nodes: Node) -> None:
    for node in nodes:
        for other in nodes:
            if other is not node:
                node.trust(other)
