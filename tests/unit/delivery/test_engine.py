"""The engine over a link on which a test decides the fate of every frame."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stardust.delivery.engine import RETRY_AFTER_FAILURE
from stardust.delivery.errors import ItemTooLargeError, QueueFullError
from stardust.delivery.events import (
    DeviceDamaged,
    Effect,
    ItemsRefused,
    ItemsSkipped,
    KeysNotAccepted,
    Now,
    Outcome,
    PeerMisbehaved,
    Received,
    SendFrame,
    StateChanged,
    Submission,
)
from stardust.delivery.outgoing import WINDOW_FRAMES
from stardust.delivery.port import Failure, MessageState
from stardust.delivery.sending import MAX_QUEUED
from stardust.wire.codec import encode
from stardust.wire.frames import FRAME, Ack, Data, Frame, Reset, Resume
from stardust.wire.items import MAX_BUNDLED, Bundle, ReadReceipt, Text
from tests.fakes.delivery_node import CONVERSATION, Node, acquainted, message_id, text
from tests.fakes.delivery_store import PowerFailure

WALL = 1_800_000_000_000


@dataclass
class Pair:
    """Two devices. Frames wait in ``on_the_way`` until the test hands them over or loses them."""

    one: Node
    two: Node
    time: float = 0.0
    on_the_way: list[tuple[Node, bytes]] = field(default_factory=list)
    effects: list[tuple[Node, Effect]] = field(default_factory=list)

    @classmethod
    def linked(cls) -> Pair:
        """An open link, on which both have said where they stand."""
        pair = cls(Node("one"), Node("two"))
        acquainted(pair.one, pair.two)
        pair.link()
        return pair

    def other(self, node: Node) -> Node:
        return self.two if node is self.one else self.one

    def now(self) -> Now:
        return Now(self.time, WALL + int(self.time * 1000))

    def take(self, node: Node, outcome: Outcome) -> Outcome:
        self.effects += [(node, effect) for effect in outcome.effects]
        sent = [effect.frame for effect in outcome.effects if isinstance(effect, SendFrame)]
        self.on_the_way += [(node, frame) for frame in sent]
        return outcome

    def link(self) -> None:
        for node in (self.one, self.two):
            self.take(node, node.engine.link_opened(self.now(), self.other(node).device))
        self.settle()

    def unlink(self) -> None:
        self.on_the_way.clear()
        for node in (self.one, self.two):
            self.take(node, node.engine.link_closed(self.now(), self.other(node).device))

    def submit(self, node: Node, *numbers: int, expires: int | None = None) -> Outcome:
        return self.take(node, node.submit(self.now(), self.other(node), *numbers, expires=expires))

    def deliver(self, sender: Node, *frames: bytes) -> Outcome:
        receiver = self.other(sender)
        return self.take(receiver, receiver.engine.frames_received(self.now(), sender.device, frames))

    def settle(self) -> None:
        """Everything on its way arrives, and so do the answers."""
        while self.on_the_way:
            self.deliver(*self.on_the_way.pop(0))

    def lost(self) -> list[Frame]:
        """What is on its way is lost; the frames."""
        frames = [FRAME.decode(frame) for _, frame in self.on_the_way]
        self.on_the_way.clear()
        return frames

    def wait(self, seconds: float) -> None:
        """Both engines keep time; what they send waits."""
        self.time += seconds
        for node in (self.one, self.two):
            self.take(node, node.engine.tick(self.now()))

    def restart(self, node: Node) -> None:
        self.unlink()
        node.start()
        self.link()

    def seen(self, node: Node, kind: type[Effect]) -> list[Effect]:
        return [effect for who, effect in self.effects if who is node and isinstance(effect, kind)]


@pytest.fixture
def pair() -> Pair:
    return Pair.linked()


def bodies(*numbers: int) -> list[str]:
    return [text(number).body for number in numbers]


def states(node: Node, *numbers: int) -> list[MessageState]:
    return [node.inbox.state(number) for number in numbers]


# ordinary
def test_a_message_is_sent_delivered_and_read(pair: Pair) -> None:
    pair.submit(pair.one, 7)
    assert states(pair.one, 7) == [MessageState.SENT]
    pair.settle()
    assert pair.two.inbox.bodies() == bodies(7)
    assert states(pair.one, 7) == [MessageState.DELIVERED]
    receipt = ReadReceipt(CONVERSATION, (message_id(7),), 1)
    pair.take(pair.two, pair.two.engine.submit(pair.now(), [Submission(pair.one.device, receipt)]))
    pair.settle()
    assert states(pair.one, 7) == [MessageState.READ]
    assert pair.one.inbox.items == []
    assert pair.one.engine.waiting() == ()


def test_what_is_queued_together_travels_together(pair: Pair) -> None:
    pair.submit(pair.one, *range(MAX_BUNDLED + 10))
    frames = pair.lost()
    assert [(type(frame), frame.count) for frame in frames if isinstance(frame, Data)] == [
        (Data, MAX_BUNDLED),
        (Data, 10),
    ]


def test_what_was_written_without_a_link_leaves_with_the_next_one(pair: Pair) -> None:
    pair.unlink()
    pair.submit(pair.one, 1, 2)
    assert states(pair.one, 1, 2) == [MessageState.QUEUED] * 2
    assert pair.one.engine.waiting() == (pair.two.device,)
    pair.link()
    assert pair.two.inbox.bodies() == bodies(1, 2)


def test_the_window_is_never_exceeded_and_everything_arrives(pair: Pair) -> None:
    for number in range(WINDOW_FRAMES + 30):
        pair.submit(pair.one, number)
    assert len(pair.on_the_way) == WINDOW_FRAMES
    pair.settle()
    assert pair.two.inbox.bodies() == bodies(*range(WINDOW_FRAMES + 30))


# loss, duplicates, order
def test_a_lost_frame_is_asked_for_and_only_that_is_sent_again(pair: Pair) -> None:
    for number in range(3):
        pair.submit(pair.one, number)
    (_, first), _, (_, third) = pair.on_the_way
    pair.on_the_way.clear()
    pair.time += 1.0
    pair.deliver(pair.one, first)
    pair.deliver(pair.one, third)
    acks = [frame for frame in pair.lost() if isinstance(frame, Ack)]
    assert (acks[-1].next, acks[-1].missing) == (1, ((1, 1),))
    pair.deliver(pair.two, encode(acks[-1]))
    assert [frame.first for frame in pair.lost() if isinstance(frame, Data)] == [1]
    pair.wait(60.0)
    pair.settle()
    assert pair.two.inbox.bodies() == bodies(0, 1, 2)


def test_duplicates_are_acknowledged_again_and_handed_over_once(pair: Pair) -> None:
    pair.submit(pair.one, 0)
    ((sender, frame),) = pair.on_the_way
    for _ in range(3):
        pair.deliver(sender, frame)
    acks = [found for found in pair.lost() if isinstance(found, Ack)]
    assert len(acks) == 3
    assert set(acks) == {Ack(acks[0].stream, 1)}
    assert pair.two.inbox.bodies() == bodies(0)
    assert len(pair.seen(pair.two, Received)) == 1


def test_frames_that_overtake_each_other_wait_for_their_turn(pair: Pair) -> None:
    for number in range(4):
        pair.submit(pair.one, number)
    pair.on_the_way.reverse()
    handed_over = []
    while pair.on_the_way and pair.on_the_way[0][0] is pair.one:
        pair.deliver(*pair.on_the_way.pop(0))
        handed_over.append(len(pair.two.inbox.bodies()))
    assert handed_over == [0, 0, 0, 4]
    assert pair.two.inbox.bodies() == bodies(*range(4))


def test_without_an_answer_the_same_bytes_go_out_again_ever_more_seldom(pair: Pair) -> None:
    pair.submit(pair.one, 0)
    ((_, sealed),) = pair.on_the_way
    pair.on_the_way.clear()
    times: list[float] = []
    while len(times) < 4:
        pair.wait(0.5)
        times += [pair.time for _, frame in pair.on_the_way if frame == sealed]
        assert all(frame == sealed for _, frame in pair.on_the_way)
        pair.on_the_way.clear()
    waits = [after - before for before, after in pairwise(times)]
    assert waits == [waits[0], waits[0] * 2, waits[0] * 4]


def test_nothing_is_done_before_its_time(pair: Pair) -> None:
    outcome = pair.submit(pair.one, 0)
    assert outcome.deadline is not None
    pair.lost()
    pair.time = outcome.deadline - 0.001
    assert pair.one.engine.tick(pair.now()).effects == ()
    pair.time = outcome.deadline
    assert pair.one.engine.tick(pair.now()).effects != ()


# restarts
def test_a_restarted_sender_sends_the_same_sealed_bytes(pair: Pair) -> None:
    pair.submit(pair.one, 0, 1)
    ((_, sealed),) = pair.on_the_way
    pair.restart(pair.one)
    assert SendFrame(pair.two.device, sealed) in pair.seen(pair.one, SendFrame)[1:]
    assert pair.two.inbox.bodies() == bodies(0, 1)


def test_a_restarted_receiver_gets_what_it_had_not_stored(pair: Pair) -> None:
    for number in range(3):
        pair.submit(pair.one, number)
    lost = pair.on_the_way.pop(0)
    pair.settle()
    assert pair.two.inbox.bodies() == []
    assert lost[0] is pair.one
    pair.restart(pair.two)
    assert pair.two.inbox.bodies() == bodies(0, 1, 2)


def test_a_lost_acknowledgement_is_made_good_by_the_next_link(pair: Pair) -> None:
    pair.submit(pair.one, 0)
    pair.deliver(*pair.on_the_way.pop())
    pair.lost()
    assert states(pair.one, 0) == [MessageState.SENT]
    pair.restart(pair.one)
    assert states(pair.one, 0) == [MessageState.DELIVERED]
    assert pair.two.inbox.bodies() == bodies(0)


def test_frames_of_a_former_link_are_not_taken(pair: Pair) -> None:
    pair.submit(pair.one, 0)
    ((sender, frame),) = pair.on_the_way
    pair.unlink()
    assert pair.deliver(sender, frame).effects == ()
    assert pair.two.inbox.bodies() == []


FATES = st.lists(st.sampled_from(["arrive", "arrive", "lose", "twice", "later", "restart"]), max_size=60)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 4)), min_size=1, max_size=12), FATES)
def test_whatever_happens_to_frames_each_message_arrives_once_and_in_order(
    written: list[tuple[bool, int]], fates: list[str]
) -> None:
    pair, count = Pair.linked(), 0
    promised: dict[str, list[int]] = {"one": [], "two": []}
    fate = iter(fates)
    for by_one, messages in written:
        node = pair.one if by_one else pair.two
        numbers = range(count, count + messages)
        count += messages
        pair.submit(node, *numbers)
        promised[node.name] += numbers
        happen(pair, fate)
    pair.unlink()
    pair.link()
    for _ in range(20):
        pair.wait(30.0)
        pair.settle()
    for sender, receiver in ((pair.one, pair.two), (pair.two, pair.one)):
        assert receiver.inbox.bodies() == bodies(*promised[sender.name])
        assert set(states(sender, *promised[sender.name])) <= {MessageState.DELIVERED}
        assert sender.engine.waiting() == ()


def happen(pair: Pair, fates: Iterator[str]) -> None:
    """What is on its way meets its fate, one frame after the other, as long as there are fates."""
    for fate in fates:
        pair.time += 0.2
        if fate == "restart":
            pair.restart(pair.one)
        if not pair.on_the_way:
            return
        sender, frame = pair.on_the_way.pop(0)
        if fate == "later":
            pair.on_the_way.append((sender, frame))
        for _ in range({"arrive": 1, "twice": 2}.get(fate, 0)):
            pair.deliver(sender, frame)


# time runs out
def test_what_cannot_leave_in_time_fails_with_the_reason_and_the_rest_arrives(pair: Pair) -> None:
    pair.unlink()
    pair.submit(pair.one, 0)
    outcome = pair.submit(pair.one, 1, expires=WALL + 5000)
    pair.submit(pair.one, 2)
    assert outcome.deadline == 5.0
    pair.wait(4.9)
    assert states(pair.one, 1) == [MessageState.QUEUED]
    pair.wait(0.1)
    failed = StateChanged(pair.two.device, (message_id(1),), MessageState.FAILED, Failure.EXPIRED)
    assert pair.seen(pair.one, StateChanged)[-1] == failed
    assert pair.one.inbox.states[message_id(1)] == (MessageState.FAILED, Failure.EXPIRED)
    pair.link()
    assert pair.two.inbox.bodies() == bodies(0, 2)
    assert states(pair.one, 0, 2) == [MessageState.DELIVERED] * 2
    assert pair.seen(pair.two, ItemsSkipped) == []


def test_what_expired_while_nobody_looked_does_not_leave_any_more(pair: Pair) -> None:
    pair.unlink()
    pair.submit(pair.one, 0, expires=WALL + 1000)
    pair.submit(pair.one, 1)
    pair.time += 3600.0
    pair.link()
    assert pair.two.inbox.bodies() == bodies(1)
    assert pair.one.inbox.states[message_id(0)] == (MessageState.FAILED, Failure.EXPIRED)


def test_what_has_left_does_not_expire(pair: Pair) -> None:
    pair.submit(pair.one, 0, expires=WALL + 1000)
    pair.lost()
    pair.wait(3600.0)
    assert states(pair.one, 0) == [MessageState.SENT]
    pair.settle()
    assert states(pair.one, 0) == [MessageState.DELIVERED]


def test_what_is_withdrawn_fails_with_the_reason_and_the_peer_does_not_wait_for_it(pair: Pair) -> None:
    pair.submit(pair.one, 0, 1)
    pair.lost()
    pair.take(pair.one, pair.one.engine.withdraw(pair.now(), pair.two.device))
    assert pair.one.inbox.states[message_id(0)] == (MessageState.FAILED, Failure.WITHDRAWN)
    pair.settle()
    assert pair.seen(pair.two, ItemsSkipped) == [ItemsSkipped(pair.one.device, 2)]
    pair.submit(pair.one, 2)
    pair.settle()
    assert pair.two.inbox.bodies() == bodies(2)


# what the other side does not understand
def test_an_item_of_a_later_version_is_refused_by_its_number_and_fails_at_the_sender(pair: Pair) -> None:
    pair.unlink()
    pair.submit(pair.one, 0, 1, 2)
    strange = msgspec.msgpack.encode((99, "of a later version"))
    with pair.one.transaction():
        (item,) = pair.one.store.items(pair.two.device, 1, 1)
        pair.one.memory._items[pair.two.device][1] = dataclasses.replace(item, body=strange)
    pair.link()
    assert pair.two.inbox.bodies() == bodies(0, 2)
    assert pair.seen(pair.two, ItemsRefused) == [ItemsRefused(pair.one.device, 1)]
    assert states(pair.one, 0, 2) == [MessageState.DELIVERED] * 2
    assert pair.one.inbox.states[message_id(1)] == (MessageState.FAILED, Failure.REFUSED)


def test_a_message_id_used_twice_is_handed_over_once(pair: Pair) -> None:
    twice = [Submission(pair.two.device, Text(message_id(0), CONVERSATION, 0, body)) for body in ("a", "b")]
    pair.take(pair.one, pair.one.engine.submit(pair.now(), twice))
    pair.settle()
    assert pair.two.inbox.bodies() == ["a"]


def test_a_bundle_that_says_something_else_than_its_frame_is_not_taken(pair: Pair) -> None:
    pair.submit(pair.one, 0)
    pair.settle()
    stream = pair.one.store.outgoing(pair.two.device)
    assert stream is not None
    with pair.one.transaction():
        bundle = encode(Bundle(stream.stream, 7, (msgspec.Raw(encode(text(1))),)))
        sealed = pair.one.sessions.seal(pair.two.device, bundle)
    pair.deliver(pair.one, encode(Data(stream.stream, 1, 1, sealed.olm_type, sealed.ciphertext)))
    (misbehaved,) = pair.seen(pair.two, PeerMisbehaved)
    assert isinstance(misbehaved, PeerMisbehaved)
    assert "malformed" in misbehaved.reason
    assert pair.two.inbox.bodies() == bodies(0)


# room
def test_what_finds_no_room_stays_with_its_sender_until_there_is_some(pair: Pair) -> None:
    pair.two.inbox.room = 2
    for number in range(4):
        pair.submit(pair.one, number)
    pair.settle()
    assert pair.two.inbox.bodies() == bodies(0, 1)
    assert states(pair.one, *range(4)) == [MessageState.DELIVERED] * 2 + [MessageState.SENT] * 2
    pair.wait(60.0)
    pair.settle()
    assert pair.two.inbox.bodies() == bodies(0, 1)
    pair.two.inbox.room = None
    pair.take(pair.two, pair.two.engine.trust_changed(pair.now(), pair.one.device))
    pair.settle()
    assert pair.two.inbox.bodies() == bodies(*range(4))
    assert states(pair.one, 2, 3) == [MessageState.DELIVERED] * 2


def test_what_finds_no_room_is_not_lost_with_the_process(pair: Pair) -> None:
    pair.two.inbox.room = 0
    pair.submit(pair.one, 0)
    pair.settle()
    pair.restart(pair.two)
    assert pair.two.inbox.bodies() == []
    pair.two.inbox.room = None
    pair.wait(60.0)
    pair.settle()
    assert pair.two.inbox.bodies() == bodies(0)


# keys and sessions
def test_nothing_is_sealed_or_opened_until_keys_are_accepted() -> None:
    pair = Pair(Node("one"), Node("two"))
    pair.one.trust(pair.two)
    pair.link()
    pair.submit(pair.one, 0)
    assert pair.two.inbox.bodies() == []
    assert KeysNotAccepted(pair.one.device) in pair.seen(pair.two, KeysNotAccepted)
    pair.submit(pair.two, 1)
    assert states(pair.two, 1) == [MessageState.QUEUED]
    pair.two.trust(pair.one)
    pair.take(pair.two, pair.two.engine.trust_changed(pair.now(), pair.one.device))
    pair.settle()
    pair.wait(5.0)
    pair.settle()
    assert pair.two.inbox.bodies() == bodies(0)
    assert pair.one.inbox.bodies() == bodies(1)


def test_a_changed_key_stops_sending_until_it_is_accepted(pair: Pair) -> None:
    accepted = pair.one.trusted.pop(pair.two.device)
    pair.take(pair.one, pair.one.engine.trust_changed(pair.now(), pair.two.device))
    pair.submit(pair.one, 0)
    assert not any(isinstance(frame, Data) for frame in pair.lost())
    assert KeysNotAccepted(pair.two.device) in pair.seen(pair.one, KeysNotAccepted)
    pair.one.trusted[pair.two.device] = accepted
    pair.take(pair.one, pair.one.engine.trust_changed(pair.now(), pair.two.device))
    pair.settle()
    assert pair.two.inbox.bodies() == bodies(0)


def test_what_cannot_be_decrypted_is_sealed_again_in_a_new_session(pair: Pair) -> None:
    pair.submit(pair.one, 0)
    pair.settle()
    pair.submit(pair.two, 100)
    pair.settle()
    pair.unlink()
    pair.two.memory._sessions.clear()
    pair.two.start()
    pair.submit(pair.one, 1, 2)
    pair.link()
    resets = [frame for _, frame in sent(pair, pair.two) if isinstance(frame, Reset)]
    assert [reset.reason for reset in resets] == ["no_session"]
    assert pair.two.inbox.bodies() == bodies(0, 1, 2)
    assert states(pair.one, 1, 2) == [MessageState.DELIVERED] * 2


def sent(pair: Pair, node: Node) -> list[tuple[Node, Frame]]:
    frames = [effect.frame for effect in pair.seen(node, SendFrame) if isinstance(effect, SendFrame)]
    return [(node, FRAME.decode(frame)) for frame in frames]


def test_a_sender_that_was_set_back_goes_on_in_a_new_stream(pair: Pair) -> None:
    backup = snapshot(pair.one)
    pair.submit(pair.one, 0, 1)
    pair.settle()
    pair.unlink()
    backup()
    pair.one.start()
    pair.submit(pair.one, 2)
    pair.link()
    pair.wait(5.0)
    pair.settle()
    assert pair.two.inbox.bodies() == bodies(0, 1, 2)
    assert len({frame.stream for _, frame in sent(pair, pair.one) if isinstance(frame, Resume)}) == 2


def snapshot(node: Node) -> Callable[[], None]:
    """Sets the node's streams back to how they are now, as an old copy of its files would."""
    kept = {name: dict(getattr(node.memory, name)) for name in ("_outgoing", "_items", "_frames")}
    kept = {name: {key: copy(value) for key, value in table.items()} for name, table in kept.items()}

    def back() -> None:
        for name, table in kept.items():
            setattr(node.memory, name, table)

    return back


def copy(value: object) -> object:
    return dict(value) if isinstance(value, dict) else value


# what cannot be queued, and failures
def test_too_much_or_too_large_is_refused_and_nothing_is_queued(pair: Pair) -> None:
    pair.unlink()
    large = Text(message_id(1), CONVERSATION, 0, "⭐" * 16_384)
    fits = Submission(pair.two.device, text(0), message_id(0))
    with pytest.raises(ItemTooLargeError):
        pair.one.engine.submit(pair.now(), [fits, Submission(pair.two.device, large)])
    many = [Submission(pair.two.device, text(0))] * (MAX_QUEUED + 1)
    with pytest.raises(QueueFullError):
        pair.one.engine.submit(pair.now(), many)
    assert pair.one.engine.waiting() == ()


def test_when_the_application_fails_nothing_is_queued_acknowledged_or_lost(pair: Pair) -> None:
    def fails() -> None:
        raise PowerFailure

    with pytest.raises(PowerFailure):
        pair.one.engine.submit(pair.now(), [Submission(pair.two.device, text(0))], record=fails)
    assert pair.one.engine.waiting() == ()
    pair.wait(RETRY_AFTER_FAILURE)
    pair.settle()
    pair.submit(pair.one, 1)
    ((sender, frame),) = pair.on_the_way
    pair.on_the_way.clear()
    pair.two.memory.fuse = 2
    with pytest.raises(PowerFailure):
        pair.deliver(sender, frame)
    assert pair.two.inbox.bodies() == []
    pair.wait(RETRY_AFTER_FAILURE)
    pair.settle()
    pair.wait(5.0)
    pair.settle()
    assert pair.two.inbox.bodies() == bodies(1)


def test_what_is_refused_at_submitting_disturbs_no_link(pair: Pair) -> None:
    large = Text(message_id(1), CONVERSATION, 0, "⭐" * 16_384)
    with pytest.raises(ItemTooLargeError):
        pair.one.engine.submit(pair.now(), [Submission(pair.two.device, large)])
    pair.submit(pair.one, 0)
    assert states(pair.one, 0) == [MessageState.SENT]


def lose_items(pair: Pair) -> None:
    pair.one.memory._items[pair.two.device].clear()


def lose_sessions(pair: Pair) -> None:
    table = pair.one.memory._sessions[pair.two.device]
    for key, session in table.items():
        table[key] = dataclasses.replace(session, pickle="damaged")
    pair.one.sessions.discard_unsaved()


@pytest.mark.parametrize(("lose", "says"), [(lose_items, "incomplete"), (lose_sessions, "keys")])
def test_one_damaged_device_does_not_stop_the_others(
    pair: Pair, lose: Callable[[Pair], None], says: str
) -> None:
    pair.submit(pair.one, 100)
    pair.settle()
    pair.unlink()
    third = Pair(pair.one, Node("three"))
    acquainted(pair.one, third.two)
    third.link()
    pair.submit(pair.one, 0, 1)
    lose(pair)
    pair.link()
    (damaged,) = pair.seen(pair.one, DeviceDamaged)
    assert isinstance(damaged, DeviceDamaged)
    assert damaged.device == pair.two.device
    assert says in damaged.problem
    for number in range(5):  # it is neither tried again for ever, nor is anybody else held up
        third.time = pair.time = pair.time + 10.0
        third.submit(pair.one, 10 + number)
        pair.submit(pair.one, 20 + number)
        third.settle()
        pair.settle()
        pair.wait(0.0)
    assert third.two.inbox.bodies() == bodies(*range(10, 15))
    assert pair.seen(pair.one, DeviceDamaged) == [damaged]
    assert pair.two.inbox.bodies() == bodies(100)


# what no honest peer does
def test_an_acknowledgement_of_what_was_never_sent_is_named_and_changes_nothing(pair: Pair) -> None:
    pair.submit(pair.one, 0)
    pair.lost()
    stream = pair.one.store.outgoing(pair.two.device)
    assert stream is not None
    pair.deliver(pair.two, encode(Ack(stream.stream, 5)))
    assert pair.seen(pair.one, PeerMisbehaved) == [
        PeerMisbehaved(pair.two.device, "it acknowledged what was never sent")
    ]
    assert states(pair.one, 0) == [MessageState.SENT]


def test_a_flood_of_frames_is_dropped_and_named_once(pair: Pair) -> None:
    garbage = [b"\xc1"] * 9_000
    outcome = pair.deliver(pair.one, *garbage)
    reasons = [effect.reason for effect in outcome.effects if isinstance(effect, PeerMisbehaved)]
    assert reasons.count("too many frames") == 1
    pair.time += 5.0
    pair.submit(pair.one, 0)
    pair.settle()
    assert pair.two.inbox.bodies() == bodies(0)
