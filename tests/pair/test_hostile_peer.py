"""A contact's device that sends what no honest one does: nothing is stored, lost or used up by it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from stardust.delivery.events import ItemsSkipped, PeerMisbehaved, SendFrame
from stardust.delivery.incoming import HELD_BYTES, HELD_FRAMES, Incoming
from stardust.delivery.port import MessageState
from stardust.wire.codec import encode
from stardust.wire.frames import FRAME, MAX_FRAME, MAX_NUMBER, Ack, Clock, Data, Frame, Reset, Resume
from tests.fakes.delivery_link import Wire
from tests.fakes.delivery_node import Node, acquainted

FIRST, SECOND = b"12345678", b"abcdefgh"
STREAM = st.sampled_from([FIRST, SECOND])
NUMBER = st.one_of(st.integers(0, 40), st.integers(0, MAX_NUMBER))
ACK = st.builds(
    Ack,
    STREAM,
    NUMBER,
    st.lists(st.tuples(NUMBER, st.integers(1, 2**31)), max_size=4).map(tuple),
    st.lists(NUMBER, max_size=4).map(tuple),
)
TIME = st.integers(0, 2**63 - 1)
FORGED: st.SearchStrategy[Frame] = st.one_of(
    ACK,
    st.builds(Data, STREAM, NUMBER, st.integers(1, 256), st.integers(0, 1), st.binary(max_size=200)),
    st.builds(
        Reset,
        STREAM,
        NUMBER,
        st.binary(min_size=8, max_size=8),
        st.sampled_from(["no_session", "undecryptable"]),
    ),
    st.builds(Resume, STREAM, NUMBER, st.none() | ACK, st.booleans()),
    st.builds(Clock, TIME, st.none() | TIME),
)


def linked() -> tuple[Node, Node, Wire]:
    """Two who talk; ``one`` sends to ``two``."""
    one, two = Node("one"), Node("two")
    acquainted(one, two)
    wire = Wire(one, two)
    wire.open()
    wire.call(one, lambda now: one.submit(now, two, 0, 1))
    wire.run(5.0)
    assert two.inbox.bodies() == ["message 0", "message 1"]
    return one, two, wire


def inject(wire: Wire, sender: Node, receiver: Node, frames: list[bytes]) -> None:
    """``sender`` puts these on the link in one go."""
    wire.call(receiver, lambda now: receiver.engine.frames_received(now, sender.device, frames))


def replaced(frame: bytes, names: dict[bytes, bytes]) -> bytes:
    for false, true in names.items():
        frame = frame.replace(false, true)
    return frame


def misbehaviour(wire: Wire, node: Node) -> list[str]:
    return [effect.reason for effect in wire.seen(node, PeerMisbehaved) if isinstance(effect, PeerMisbehaved)]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=10))
def test_garbage_is_named_and_changes_nothing(garbage: list[bytes]) -> None:
    one, two, wire = linked()
    inject(wire, one, two, [b"\xc1", b"", *garbage])
    assert any("not a frame" in reason for reason in misbehaviour(wire, two))
    assert two.inbox.bodies() == ["message 0", "message 1"]
    wire.call(one, lambda now: one.submit(now, two, 2))
    wire.run(120.0)
    assert two.inbox.bodies()[-1] == "message 2"


@settings(deadline=None, max_examples=200)
@given(st.lists(FORGED, min_size=1, max_size=12), st.booleans())
def test_forged_frames_bring_no_item_and_take_none(frames: list[Frame], real_streams: bool) -> None:
    one, two, wire = linked()
    wire.call(two, lambda now: two.submit(now, one, 100))
    encoded = [encode(frame) for frame in frames]
    if real_streams:
        ours, theirs = two.store.outgoing(one.device), two.store.incoming(one.device)
        assert ours is not None
        assert theirs is not None
        names = {FIRST: ours.stream, SECOND: theirs.stream}
        encoded = [replaced(frame, names) for frame in encoded]
    inject(wire, one, two, encoded)
    assert two.inbox.bodies() == ["message 0", "message 1"]
    # A peer may say that it has what it has not; what it did not claim still arrives.
    claimed = two.inbox.state(100) is MessageState.DELIVERED
    wire.run(600.0)
    assert claimed or one.inbox.bodies() == ["message 100"]


def test_a_frame_that_comes_again_is_delivered_once() -> None:
    one, two, wire = linked()
    data = [
        effect.frame
        for effect in wire.seen(one, SendFrame)
        if isinstance(effect, SendFrame) and isinstance(FRAME.decode(effect.frame), Data)
    ]
    assert data
    inject(wire, one, two, data * 20)
    wire.run(60.0)
    assert two.inbox.bodies() == ["message 0", "message 1"]


def test_the_same_message_under_another_number_is_delivered_once() -> None:
    one, two, wire = linked()
    wire.call(one, lambda now: one.submit(now, two, 1, 0, 2))
    wire.run(60.0)
    assert two.inbox.bodies() == ["message 0", "message 1", "message 2"]


def test_a_flood_is_dropped_and_what_is_honest_still_arrives() -> None:
    one, two, wire = linked()
    flood = encode(Ack(b"flooding", 0))
    inject(wire, one, two, [flood] * 20_000)
    assert "too many frames" in misbehaviour(wire, two)
    wire.run(10.0)
    wire.call(one, lambda now: one.submit(now, two, 2))
    wire.run(120.0)
    assert two.inbox.bodies()[-1] == "message 2"


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, MAX_NUMBER), st.integers(1, 256), st.integers(0, 65_000)), max_size=300)
)
def test_what_waits_for_a_gap_is_bounded(frames: list[tuple[int, int, int]]) -> None:
    incoming = Incoming(stream=FIRST)
    for first, count, size in frames:
        incoming.offer(Data(FIRST, first, count, 1, bytes(min(size, MAX_FRAME - 128))))
        assert len(incoming._held) <= HELD_FRAMES
        assert incoming._bytes == sum(len(held.ciphertext) for held in incoming._held.values()) <= HELD_BYTES


def test_items_that_the_peer_gives_up_are_told() -> None:
    one, two, wire = linked()
    stored = two.store.incoming(one.device)
    assert stored is not None
    inject(wire, one, two, [encode(Resume(stored.stream, 1000, None, False))])
    assert wire.seen(two, ItemsSkipped) == [ItemsSkipped(one.device, 998)]
