from __future__ import annotations

import pytest

from stardust.delivery.port import Failure, MessageState
from stardust.errors import UsageError
from stardust.history.errors import CursorError
from stardust.history.models import Contact, ContactState, Page
from stardust.history.store import Store
from stardust.wire.ids import AccountId, ConversationId, DeviceId, MessageId
from tests.unit.history.helpers import (
    BOB,
    BOBS_DEVICE,
    BOBS_TABLET,
    ME,
    MY_DEVICE,
    NOW,
    WITH_BOB,
    bob,
    fill,
    incoming,
    message_id,
    outgoing,
)

SENT, DELIVERED, READ, FAILED = (
    MessageState.SENT,
    MessageState.DELIVERED,
    MessageState.READ,
    MessageState.FAILED,
)


@pytest.fixture
def with_bob(store: Store) -> Store:
    store.contacts.save(bob())
    return store


def bodies(page: Page) -> list[str]:
    return [message.body for message in page.messages]


def test_a_message_is_stored_and_read_back(with_bob: Store) -> None:
    stored = with_bob.messages.add(outgoing(1, "how are you?"))
    assert stored is not None
    assert stored == with_bob.messages.get(message_id(1))
    assert (stored.body, stored.state, stored.sent_at) == ("how are you?", MessageState.QUEUED, NOW + 1)


def test_an_incoming_message_has_no_delivery_state(with_bob: Store) -> None:
    stored = with_bob.messages.add(incoming(1))
    assert stored is not None
    assert (stored.state, stored.outgoing) == (None, False)


def test_the_same_message_is_stored_once(with_bob: Store) -> None:
    assert with_bob.messages.add(incoming(1)) is not None
    assert with_bob.messages.add(incoming(1, "other words")) is None
    assert bodies(with_bob.messages.page(WITH_BOB)) == ["hello"]


def test_nobody_takes_the_place_of_another_persons_message(with_bob: Store) -> None:
    with_bob.messages.add(outgoing(1, "mine"))
    assert with_bob.messages.add(incoming(1, "theirs under the same id")) is not None
    found = with_bob.messages.get(message_id(1))
    assert found is not None
    assert found.body == "mine"


def test_a_message_needs_a_conversation(store: Store) -> None:
    with pytest.raises(UsageError):
        store.messages.add(incoming(1))


def test_pages_reach_the_beginning_without_gap_or_repetition(store: Store) -> None:
    fill(store, 25, body="{}")
    pages = []
    before: str | None = None
    while True:
        page = store.messages.page(WITH_BOB, before=before, limit=10)
        pages.append(bodies(page))
        before = page.before
        if before is None:
            break
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [body for page in reversed(pages) for body in page] == [str(number) for number in range(25)]


def test_a_page_stays_the_same_while_new_messages_come(store: Store) -> None:
    fill(store, 20, body="{}")
    before = store.messages.page(WITH_BOB, limit=5).before
    older = bodies(store.messages.page(WITH_BOB, before=before, limit=5))
    store.messages.add(incoming(99))
    assert bodies(store.messages.page(WITH_BOB, before=before, limit=5)) == older


@pytest.mark.parametrize("cursor", ["", "!", "AAAA", "ä" * 32])
def test_a_strange_cursor_is_refused(with_bob: Store, cursor: str) -> None:
    with pytest.raises(CursorError):
        with_bob.messages.page(WITH_BOB, before=cursor)


def test_each_reads_all_of_one_conversation_in_order(store: Store) -> None:
    fill(store, 2100, body="{}")
    other = ConversationId(b"\x33" * 32)
    store.contacts.save(Contact(AccountId(b"\x03" * 32), other, ContactState.ACCEPTED))
    assert [message.body for message in store.messages.each(WITH_BOB)] == [str(n) for n in range(2100)]
    assert list(store.messages.each(other)) == []


def test_states_go_forward_only(with_bob: Store) -> None:
    with_bob.messages.add(outgoing(1))
    for state, at, changes in [(SENT, 5, 1), (READ, 6, 1), (DELIVERED, 7, 0), (SENT, 8, 0), (FAILED, 9, 0)]:
        changed = with_bob.messages.set_state(BOBS_DEVICE, [message_id(1)], state, None, at)
        assert len(changed) == changes
    message = with_bob.messages.get(message_id(1))
    assert message is not None
    assert (message.state, message.sent_to_peer_at, message.delivered_at, message.read_at) == (
        READ,
        5,
        None,
        6,
    )


def test_a_message_is_as_far_as_the_furthest_device(with_bob: Store) -> None:
    with_bob.messages.add(outgoing(1))
    with_bob.messages.address(message_id(1), [BOBS_TABLET], NOW)
    (changed,) = with_bob.messages.set_state(BOBS_TABLET, [message_id(1)], DELIVERED, None, 5)
    assert changed.state is DELIVERED
    assert with_bob.messages.set_state(BOBS_DEVICE, [message_id(1)], SENT, None, 6) == ()
    states = {state.device: state.state for state in with_bob.messages.device_states(message_id(1))}
    assert states == {BOBS_DEVICE: SENT, BOBS_TABLET: DELIVERED}


def test_a_message_has_failed_when_it_failed_for_every_device(with_bob: Store) -> None:
    with_bob.messages.add(outgoing(1))
    with_bob.messages.address(message_id(1), [BOBS_TABLET], NOW)
    assert with_bob.messages.set_state(BOBS_DEVICE, [message_id(1)], FAILED, Failure.WITHDRAWN, 5) == ()
    (failed,) = with_bob.messages.set_state(BOBS_TABLET, [message_id(1)], FAILED, Failure.EXPIRED, 6)
    assert (failed.state, failed.reason) == (FAILED, "expired")


def test_a_failed_message_is_queued_again_for_a_new_device(with_bob: Store) -> None:
    with_bob.messages.add(outgoing(1))
    with_bob.messages.set_state(BOBS_DEVICE, [message_id(1)], FAILED, Failure.WITHDRAWN, 5)
    again = with_bob.messages.address(message_id(1), [BOBS_TABLET], 6)
    assert again is not None
    assert (again.state, again.reason) == (MessageState.QUEUED, None)


def test_receipts_for_messages_that_were_not_sent_to_a_device_are_ignored(with_bob: Store) -> None:
    with_bob.messages.add(outgoing(1))
    with_bob.messages.add(incoming(2))
    ids = [message_id(1), message_id(2), message_id(3)]
    assert with_bob.messages.set_state(DeviceId(b"\x77" * 32), ids, READ, None, 5) == ()
    assert with_bob.messages.set_state(BOBS_DEVICE, [message_id(2)], READ, None, 5) == ()


def test_reading_up_to_a_message_leaves_the_later_ones(with_bob: Store) -> None:
    for number in range(4):
        with_bob.messages.add(incoming(number))
    seen = with_bob.messages.unread_ids(WITH_BOB, up_to=message_id(1))
    assert seen == (message_id(0), message_id(1))
    with_bob.messages.mark_read(seen, NOW)
    assert with_bob.messages.unread_ids(WITH_BOB) == (message_id(2), message_id(3))
    assert with_bob.messages.unread() == 2
    assert with_bob.messages.unread_ids(WITH_BOB, up_to=MessageId(b"?" * 16)) == ()


def test_what_no_device_has_and_one_was_not_sent_is_lacking_there(with_bob: Store) -> None:
    for number in range(4):
        with_bob.messages.add(outgoing(number))
    with_bob.messages.set_state(BOBS_DEVICE, [message_id(0)], DELIVERED, None, 5)
    with_bob.messages.set_state(BOBS_DEVICE, [message_id(1)], FAILED, Failure.EXPIRED, 5)
    with_bob.messages.set_state(BOBS_DEVICE, [message_id(2)], FAILED, Failure.WITHDRAWN, 5)

    def lacking(device: DeviceId, limit: int = 10) -> list[MessageId]:
        return [message.id for message in with_bob.messages.lacking(WITH_BOB, device, limit)]

    assert lacking(BOBS_TABLET) == [message_id(2), message_id(3)]
    assert lacking(BOBS_TABLET, 1) == [message_id(2)]
    assert lacking(BOBS_DEVICE) == [message_id(2)]
    assert with_bob.messages.addressed(WITH_BOB) == (BOBS_DEVICE,)
    queued = with_bob.messages.address(message_id(2), (BOBS_DEVICE,), 6)
    assert queued is not None
    assert (queued.state, queued.reason) == (MessageState.QUEUED, None)
    assert lacking(BOBS_DEVICE) == []
    assert with_bob.messages.waiting() == 2


def test_counting(with_bob: Store) -> None:
    with_bob.messages.add(outgoing(1))
    with_bob.messages.add(incoming(2))
    assert with_bob.messages.count() == 2
    assert with_bob.messages.count(stored_after=NOW + 1) == 1
    assert with_bob.messages.count_from(BOB, WITH_BOB) == 1
    assert with_bob.messages.count_from(ME, WITH_BOB) == 1


def test_the_text_of_a_message_is_not_in_its_repr(with_bob: Store) -> None:
    stored = with_bob.messages.add(outgoing(1, "between us"))
    assert "between us" not in repr(stored) + repr(outgoing(1, "between us"))


def test_device_is_kept(with_bob: Store) -> None:
    stored = with_bob.messages.add(outgoing(1))
    assert stored is not None
    assert stored.device == MY_DEVICE
