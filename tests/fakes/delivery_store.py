"""``DeliveryStore`` and ``SessionStore`` in memory, with transactions that roll back and power that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from stardust.delivery.port import (
    DroppedItem,
    FrameHead,
    IncomingStream,
    OutgoingItem,
    OutgoingStream,
    SealedFrame,
)
from stardust.errors import LocalError
from stardust.session.port import MAX_RETIRED, StoredSession
from stardust.wire.ids import DeviceId, MessageId

K = TypeVar("K")
V = TypeVar("V")


class PowerFailure(LocalError):
    """The machine went off in the middle of a transaction."""


class MemoryStore:
    """Keeps everything in dictionaries; what an engine over it forgets is what a process forgets.

    ``fuse`` counts down with every write and commit; when it reaches zero the open
    transaction is rolled back and ``PowerFailure`` raised.
    """

    def __init__(self) -> None:
        self.fuse: int | None = None
        self._undo: list[Callable[[], None]] | None = None
        self._account: dict[str, str] = {}
        self._sessions: dict[DeviceId, dict[str, StoredSession]] = {}
        self._retired: dict[DeviceId, dict[str, None]] = {}
        self._outgoing: dict[DeviceId, OutgoingStream] = {}
        self._items: dict[DeviceId, dict[int, OutgoingItem]] = {}
        self._frames: dict[DeviceId, dict[int, SealedFrame]] = {}
        self._incoming: dict[DeviceId, IncomingStream] = {}
        self._seen: dict[tuple[DeviceId, MessageId], None] = {}

    # transactions
    def transaction(self) -> AbstractContextManager[None]:
        return self._transaction()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._undo is not None:
            yield
            return
        self._undo = []
        try:
            yield
            self._burn()
        except BaseException:
            for undo in reversed(self._undo):
                undo()
            raise
        finally:
            self._undo = None

    def on_rollback(self, undo: Callable[[], None]) -> None:
        """For a fake application that takes part in the transaction."""
        assert self._undo is not None, "a write outside a transaction"
        self._undo.append(undo)

    def _burn(self) -> None:
        if self.fuse is None:
            return
        self.fuse -= 1
        if self.fuse <= 0:
            self.fuse = None
            raise PowerFailure

    def _set(self, table: MutableMapping[K, V], key: K, value: V) -> None:
        self._burn()
        if key in table:
            before = table[key]
            self.on_rollback(lambda: table.__setitem__(key, before))
        else:
            self.on_rollback(lambda: table.__delitem__(key))
        table[key] = value

    def _delete(self, table: dict[K, V], key: K) -> V:
        self._burn()
        first = next(iter(table)) == key
        value = table.pop(key)

        def undo() -> None:
            rest = dict(table) if first else {}
            if first:
                table.clear()
            table[key] = value
            table.update(rest)

        self.on_rollback(undo)
        return value

    # sessions
    def load_account(self) -> str | None:
        return self._account.get("pickle")

    def save_account(self, pickle: str) -> None:
        self._set(self._account, "pickle", pickle)

    def load_sessions(self, device: DeviceId) -> tuple[StoredSession, ...]:
        return tuple(self._sessions.get(device, {}).values())

    def save_session(self, device: DeviceId, session: StoredSession) -> None:
        self._set(self._sessions.setdefault(device, {}), session.id, session)

    def retire_session(self, device: DeviceId, session_id: str) -> None:
        sessions = self._sessions.get(device, {})
        if session_id in sessions:
            self._delete(sessions, session_id)
        retired = self._retired.setdefault(device, {})
        self._set(retired, session_id, None)
        while len(retired) > MAX_RETIRED:
            self._delete(retired, next(iter(retired)))

    def is_retired(self, device: DeviceId, session_id: str) -> bool:
        return session_id in self._retired.get(device, {})

    # outgoing
    def outgoing(self, device: DeviceId) -> OutgoingStream | None:
        return self._outgoing.get(device)

    def save_outgoing(self, stream: OutgoingStream) -> None:
        assert 0 <= stream.acked <= stream.sealed <= stream.next
        self._set(self._outgoing, stream.device, stream)

    def append_items(self, device: DeviceId, items: Sequence[OutgoingItem]) -> None:
        table = self._items.setdefault(device, {})
        for item in items:
            assert item.number not in table
            self._set(table, item.number, item)

    def items(self, device: DeviceId, first: int, limit: int) -> tuple[OutgoingItem, ...]:
        table = self._items.get(device, {})
        found = []
        for number in range(first, first + limit):
            if number not in table:
                break
            found.append(table[number])
        return tuple(found)

    def void_item(self, device: DeviceId, number: int, body: bytes) -> None:
        item = OutgoingItem(number=number, message_id=None, body=body, expires=None)
        self._set(self._items[device], number, item)

    def drop_items(self, device: DeviceId, below: int) -> tuple[DroppedItem, ...]:
        table = self._items.get(device, {})
        dropped = []
        while table and (number := next(iter(table))) < below:
            dropped.append(DroppedItem(number, self._delete(table, number).message_id))
        return tuple(dropped)

    def first_expiry(self) -> int | None:
        return min((item.expires for _, item in self._expiring() if item.expires is not None), default=None)

    def expired(self, now: int, limit: int) -> tuple[tuple[DeviceId, OutgoingItem], ...]:
        due = [pair for pair in self._expiring() if pair[1].expires is not None and pair[1].expires <= now]
        return tuple(due[:limit])

    def _expiring(self) -> Iterator[tuple[DeviceId, OutgoingItem]]:
        for device, stream in self._outgoing.items():
            for number in range(stream.sealed, stream.next):
                item = self._items[device][number]
                if item.expires is not None:
                    yield device, item

    def waiting(self) -> tuple[DeviceId, ...]:
        return tuple(device for device, stream in self._outgoing.items() if stream.acked < stream.next)

    # sealed frames
    def save_frame(self, device: DeviceId, frame: SealedFrame) -> None:
        self._set(self._frames.setdefault(device, {}), frame.first, frame)

    def frame(self, device: DeviceId, first: int) -> SealedFrame | None:
        return self._frames.get(device, {}).get(first)

    def frame_heads(self, device: DeviceId) -> tuple[FrameHead, ...]:
        frames = sorted(self._frames.get(device, {}).values(), key=lambda frame: frame.first)
        return tuple(FrameHead(frame.first, frame.count, len(frame.frame)) for frame in frames)

    def drop_frames(self, device: DeviceId, below: int | None) -> None:
        table = self._frames.get(device, {})
        for frame in list(table.values()):
            if below is None or frame.first + frame.count <= below:
                self._delete(table, frame.first)

    # incoming
    def incoming(self, device: DeviceId) -> IncomingStream | None:
        return self._incoming.get(device)

    def save_incoming(self, stream: IncomingStream) -> None:
        self._set(self._incoming, stream.device, stream)

    def first_sight(self, device: DeviceId, message_id: MessageId) -> bool:
        if (device, message_id) in self._seen:
            return False
        self._set(self._seen, (device, message_id), None)
        return True
