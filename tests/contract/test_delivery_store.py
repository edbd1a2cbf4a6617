"""The same promises from the store in memory, on which the machines are tested, and from the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import pytest

from stardust.delivery.port import (
    DeliveryStore,
    DroppedItem,
    FrameHead,
    IncomingStream,
    OutgoingItem,
    OutgoingStream,
    SealedFrame,
)
from stardust.history.store import open_store
from stardust.session.port import MAX_RETIRED, SessionStore, StoredSession
from stardust.wire.ids import DeviceId, MessageId
from tests.fakes.delivery_store import MemoryStore

A = DeviceId(b"\xaa" * 32)
B = DeviceId(b"\xbb" * 32)
STREAM = b"stream-1"


class Both(NamedTuple):
    delivery: DeliveryStore
    sessions: SessionStore

    def transaction(self) -> AbstractContextManager[None]:
        return self.delivery.transaction()


@pytest.fixture(params=["memory", "database"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Both]:
    if request.param == "memory":
        memory = MemoryStore()
        yield Both(memory, memory)
        return
    store = open_store(tmp_path / "history.db", bytes(32), create=True)
    yield Both(store.streams, store.ratchets)
    store.close()


def item(number: int, *, expires: int | None = None) -> OutgoingItem:
    return OutgoingItem(number, MessageId(number.to_bytes(16, "big")), b"item %d" % number, expires)


def session(name: str, *, last_use: int = 0, sending: bool = True) -> StoredSession:
    return StoredSession(name, b"k" * 32, "pickle of " + name, last_use, sending)


def test_nothing_is_known_of_a_new_device(both: Both) -> None:
    assert both.delivery.outgoing(A) is None
    assert both.delivery.incoming(A) is None
    assert both.delivery.items(A, 0, 10) == ()
    assert both.delivery.frame(A, 0) is None
    assert both.delivery.frame_heads(A) == ()
    assert both.delivery.first_expiry() is None
    assert both.delivery.waiting() == ()
    assert both.sessions.load_account() is None
    assert both.sessions.load_sessions(A) == ()


def test_a_stream_is_replaced_by_a_later_position(both: Both) -> None:
    with both.transaction():
        both.delivery.save_outgoing(OutgoingStream(A, STREAM, 0, 0, 1))
        both.delivery.save_outgoing(OutgoingStream(A, STREAM, 1, 2, 3))
        both.delivery.save_incoming(IncomingStream(A, STREAM, 4))
        both.delivery.save_incoming(IncomingStream(A, STREAM, 9, (5, 7)))
    assert both.delivery.outgoing(A) == OutgoingStream(A, STREAM, 1, 2, 3)
    assert both.delivery.incoming(A) == IncomingStream(A, STREAM, 9, (5, 7))


def test_items_are_read_in_order_from_any_number(both: Both) -> None:
    with both.transaction():
        both.delivery.append_items(A, [item(3), item(4)])
        both.delivery.append_items(A, [item(5)])
        both.delivery.append_items(B, [item(3, expires=9)])
    assert both.delivery.items(A, 3, 10) == (item(3), item(4), item(5))
    assert both.delivery.items(A, 4, 1) == (item(4),)
    assert both.delivery.items(A, 6, 10) == ()
    assert both.delivery.items(B, 3, 10) == (item(3, expires=9),)


def test_dropped_items_are_named_and_only_those_below(both: Both) -> None:
    with both.transaction():
        both.delivery.append_items(A, [item(1), item(2), item(3)])
        both.delivery.append_items(B, [item(1)])
    with both.transaction():
        dropped = both.delivery.drop_items(A, 3)
    assert dropped == (DroppedItem(1, item(1).message_id), DroppedItem(2, item(2).message_id))
    assert both.delivery.items(A, 3, 10) == (item(3),)
    assert both.delivery.items(B, 1, 10) == (item(1),)


def test_a_void_item_keeps_its_number_only(both: Both) -> None:
    with both.transaction():
        both.delivery.append_items(A, [item(1, expires=5)])
        both.delivery.void_item(A, 1, b"void")
    assert both.delivery.items(A, 1, 1) == (OutgoingItem(1, None, b"void", None),)


def test_only_items_that_are_not_sealed_expire(both: Both) -> None:
    with both.transaction():
        both.delivery.save_outgoing(OutgoingStream(A, STREAM, 0, 2, 4))
        both.delivery.append_items(A, [item(0, expires=1), item(1), item(2, expires=30), item(3, expires=20)])
        both.delivery.save_outgoing(OutgoingStream(B, STREAM, 0, 0, 1))
        both.delivery.append_items(B, [item(0, expires=25)])
    assert both.delivery.first_expiry() == 20
    assert both.delivery.expired(19, 10) == ()
    due = both.delivery.expired(30, 10)
    assert sorted(due, key=lambda pair: (pair[0], pair[1].number)) == [
        (A, item(2, expires=30)),
        (A, item(3, expires=20)),
        (B, item(0, expires=25)),
    ]
    assert len(both.delivery.expired(30, 2)) == 2


def test_devices_wait_until_everything_is_acknowledged(both: Both) -> None:
    with both.transaction():
        both.delivery.save_outgoing(OutgoingStream(A, STREAM, 0, 0, 1))
        both.delivery.save_outgoing(OutgoingStream(B, STREAM, 3, 3, 3))
    assert both.delivery.waiting() == (A,)


def test_frames_go_when_all_their_items_are_acknowledged(both: Both) -> None:
    frames = [SealedFrame(0, 2, b"two"), SealedFrame(2, 3, b"three"), SealedFrame(5, 1, b"o")]
    with both.transaction():
        for frame in reversed(frames):
            both.delivery.save_frame(A, frame)
        both.delivery.save_frame(B, frames[0])
    assert both.delivery.frame(A, 2) == frames[1]
    assert both.delivery.frame_heads(A) == (FrameHead(0, 2, 3), FrameHead(2, 3, 5), FrameHead(5, 1, 1))
    with both.transaction():
        both.delivery.drop_frames(A, 4)
    assert both.delivery.frame_heads(A) == (FrameHead(2, 3, 5), FrameHead(5, 1, 1))
    with both.transaction():
        both.delivery.drop_frames(A, None)
    assert both.delivery.frame_heads(A) == ()
    assert both.delivery.frame(B, 0) == frames[0]


def test_a_message_is_seen_for_the_first_time_once_for_each_device(both: Both) -> None:
    first = MessageId(b"m" * 16)
    with both.transaction():
        assert both.delivery.first_sight(A, first)
        assert not both.delivery.first_sight(A, first)
        assert both.delivery.first_sight(B, first)


def test_sessions_are_replaced_by_id(both: Both) -> None:
    with both.transaction():
        both.sessions.save_account("account 1")
        both.sessions.save_account("account 2")
        both.sessions.save_session(A, session("one"))
        both.sessions.save_session(A, session("two"))
        both.sessions.save_session(A, session("one", last_use=4, sending=False))
        both.sessions.save_session(B, session("one"))
    assert both.sessions.load_account() == "account 2"
    assert set(both.sessions.load_sessions(A)) == {
        session("one", last_use=4, sending=False),
        session("two"),
    }


def test_a_retired_session_is_remembered_by_its_id(both: Both) -> None:
    with both.transaction():
        both.sessions.save_session(A, session("old"))
        both.sessions.retire_session(A, "old")
    assert both.sessions.load_sessions(A) == ()
    assert both.sessions.is_retired(A, "old")
    assert not both.sessions.is_retired(B, "old")


def test_the_newest_retired_ids_of_each_device_are_kept(both: Both) -> None:
    with both.transaction():
        both.sessions.retire_session(B, "of another device")
        for number in range(MAX_RETIRED + 3):
            both.sessions.retire_session(A, f"session {number}")
    kept = [number for number in range(MAX_RETIRED + 3) if both.sessions.is_retired(A, f"session {number}")]
    assert kept == list(range(3, MAX_RETIRED + 3))
    assert both.sessions.is_retired(B, "of another device")


WRITES: dict[str, Callable[[Both], object]] = {
    "save_account": lambda both: both.sessions.save_account("new"),
    "save_session": lambda both: both.sessions.save_session(A, session("one", last_use=9)),
    "retire_session": lambda both: both.sessions.retire_session(A, "one"),
    "save_outgoing": lambda both: both.delivery.save_outgoing(OutgoingStream(A, STREAM, 2, 3, 9)),
    "append_items": lambda both: both.delivery.append_items(A, [item(2)]),
    "void_item": lambda both: both.delivery.void_item(A, 1, b""),
    "drop_items": lambda both: both.delivery.drop_items(A, 2),
    "save_frame": lambda both: both.delivery.save_frame(A, SealedFrame(1, 1, b"other")),
    "drop_frames": lambda both: both.delivery.drop_frames(A, None),
    "save_incoming": lambda both: both.delivery.save_incoming(IncomingStream(A, STREAM, 8, (1,))),
    "first_sight": lambda both: both.delivery.first_sight(A, MessageId(bytes(16))),
}


def everything(both: Both) -> tuple[object, ...]:
    delivery, sessions = both
    return (
        *(sessions.load_account(), set(sessions.load_sessions(A)), sessions.is_retired(A, "one")),
        *(delivery.outgoing(A), delivery.items(A, 1, 9), delivery.first_expiry(), delivery.waiting()),
        *(delivery.frame(A, 1), delivery.frame_heads(A), delivery.incoming(A)),
    )


@pytest.mark.parametrize("name", WRITES)
def test_an_exception_takes_the_whole_transaction_back(both: Both, name: str) -> None:
    with both.transaction():
        both.sessions.save_account("old")
        both.sessions.save_session(A, session("one"))
        both.delivery.save_outgoing(OutgoingStream(A, STREAM, 1, 1, 2))
        both.delivery.append_items(A, [item(1, expires=7)])
        both.delivery.save_frame(A, SealedFrame(1, 1, b"frame"))
        both.delivery.save_incoming(IncomingStream(A, STREAM, 3))
    before = everything(both)

    def write() -> None:
        with both.transaction():
            WRITES[name](both)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()
    assert everything(both) == before
    with both.transaction():
        assert both.delivery.first_sight(A, MessageId(bytes(16)))


def test_an_inner_transaction_is_a_part_of_the_outer_one(both: Both) -> None:
    def write() -> None:
        with both.transaction():
            with both.transaction():
                both.sessions.save_account("inner")
            assert both.sessions.load_account() == "inner"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()
    assert both.sessions.load_account() is None
