from __future__ import annotations

import pytest

from stardust.delivery.port import IncomingStream
from stardust.errors import UsageError
from stardust.history.models import Contact, ContactState
from stardust.history.presence import PresenceKeyState
from stardust.history.records import MAX_AUDIT
from stardust.history.store import Store
from stardust.history.streams import SEEN_KEPT
from stardust.identity.records import CertifiedDevice, DeviceRecord, Scheme
from stardust.identity.trust import observe
from stardust.wire.ids import AccountId, ConversationId, DeviceId, MessageId
from stardust.wire.items import Profile
from tests.unit.history.helpers import (
    BOB,
    BOBS_DEVICE,
    BOBS_TABLET,
    ME,
    MY_DEVICE,
    NOW,
    WITH_BOB,
    bob,
    incoming,
    message_id,
    outgoing,
)


def certified(device: DeviceId, added: int = 1) -> CertifiedDevice:
    record = DeviceRecord(device, b"o" * 32, b"f" * 32, b"s" * 1216)
    return CertifiedDevice(BOB, record, 600, b"p" * 64, Scheme.SR25519, b"c" * 64, added)


def test_a_contact_comes_back_as_it_was(store: Store) -> None:
    trust = observe(None, [certified(BOBS_DEVICE).record]).trust
    contact = Contact(
        BOB, WITH_BOB, ContactState.REQUEST_RECEIVED, "Bob", "bobby", "it is me", trust, True, False, NOW
    )
    store.contacts.save(contact)
    assert store.contacts.get(BOB) == contact
    assert store.contacts.of(WITH_BOB) == contact
    assert store.contacts.all() == (contact,)
    store.contacts.save(bob())
    assert store.contacts.get(BOB) == bob()


def test_overviews_count_and_put_the_most_recent_first(store: Store) -> None:
    store.contacts.save(bob())
    carol = Contact(
        AccountId(b"\x03" * 32), ConversationId(b"\x33" * 32), ContactState.ACCEPTED, added_at=NOW + 5
    )
    store.contacts.save(carol)
    assert [overview.contact for overview in store.contacts.overviews()] == [carol, bob()]
    store.messages.add(incoming(10))
    store.messages.add(outgoing(11))
    first, second = store.contacts.overviews()
    assert (first.contact, first.unread, first.waiting, first.last_message_at) == (bob(), 1, 1, NOW + 11)
    assert (second.unread, second.waiting, second.last_message_at) == (0, 0, None)
    assert store.contacts.overview(BOB) == first
    assert store.contacts.overview(ME) is None


def test_forgetting_takes_everything_of_a_person(store: Store) -> None:
    store.contacts.save(bob())
    store.contacts.save_devices(BOB, (certified(BOBS_DEVICE),))
    store.contacts.save_profile(Profile(bytes(BOB), 1, "Bob", "", b""))
    store.messages.add(incoming(1))
    store.contacts.forget(BOB)
    assert store.contacts.get(BOB) is None
    assert store.contacts.devices(BOB) == ()
    assert store.contacts.profile(BOB) is None
    assert store.messages.get(message_id(1)) is None


def test_devices_are_replaced_as_a_whole(store: Store) -> None:
    store.contacts.save_devices(BOB, (certified(BOBS_DEVICE), certified(BOBS_TABLET, 2)))
    assert store.contacts.devices(BOB) == (certified(BOBS_DEVICE), certified(BOBS_TABLET, 2))
    store.contacts.save_devices(BOB, (certified(BOBS_TABLET, 2),))
    assert store.contacts.device(BOBS_DEVICE) is None
    assert store.contacts.device(BOBS_TABLET) == certified(BOBS_TABLET, 2)


def test_the_newest_presence_key_of_a_device_counts(store: Store) -> None:
    presence = store.presence
    assert presence.take(BOBS_DEVICE, PresenceKeyState(5, b"k" * 32))
    for older in (4, 5):
        assert not presence.take(BOBS_DEVICE, PresenceKeyState(older, b"o" * 32))
    assert presence.keys() == {BOBS_DEVICE: b"k" * 32}
    assert presence.take(BOBS_DEVICE, PresenceKeyState(6, None))
    assert not presence.take(BOBS_DEVICE, PresenceKeyState(5, b"k" * 32))
    assert presence.keys() == {}


def test_presence_keys_go_with_the_person_who_gave_them(store: Store) -> None:
    store.contacts.save(bob())
    store.contacts.save_devices(BOB, (certified(BOBS_DEVICE),))
    store.presence.take(BOBS_DEVICE, PresenceKeyState(5, b"k" * 32))
    store.presence.take(MY_DEVICE, PresenceKeyState(5, b"m" * 32))
    store.contacts.forget(BOB)
    assert store.presence.keys() == {MY_DEVICE: b"m" * 32}


def test_who_was_given_the_own_presence_key_is_remembered(store: Store) -> None:
    presence = store.presence
    assert (presence.own(), presence.given()) == (None, {})
    presence.save_own(PresenceKeyState(7, b"k" * 32))
    presence.save_given(BOBS_DEVICE, 6)
    presence.save_given(BOBS_DEVICE, 7)
    assert (presence.own(), presence.given()) == (PresenceKeyState(7, b"k" * 32), {BOBS_DEVICE: 7})
    presence.save_given(BOBS_DEVICE, None)
    assert presence.given() == {}
    assert "kkkk" not in repr(presence.own())


def test_an_invite_works_once_and_in_time(store: Store) -> None:
    store.invites.add(b"s" * 16, created_at=1, expires=10)
    store.invites.add(b"t" * 16, created_at=2, expires=10)
    assert not store.invites.spend(b"?" * 16, 5)
    assert not store.invites.spend(b"t" * 16, 10)
    assert store.invites.spend(b"s" * 16, 9)
    assert not store.invites.spend(b"s" * 16, 9)
    assert [invite.spent_at for invite in store.invites.all()] == [9, None]
    assert store.invites.forget_expired(10) == 2
    assert b"s" * 16 not in repr(store.invites.all()).encode()


def test_settings_of_this_device_are_kept_apart(store: Store) -> None:
    store.settings.set("a", b"1")
    store.local.set("a", b"2")
    assert (store.settings.get("a"), store.local.get("a")) == (b"1", b"2")
    store.settings.set("a", None)
    assert store.settings.get("a") is None
    assert store.local.all() == {"a": b"2"}


def test_the_audit_log_is_bounded(store: Store) -> None:
    with store.transaction():
        for number in range(MAX_AUDIT + 5):
            store.audit.add(number, "kind", "detail", BOB)
    newest = store.audit.newest(2)
    assert [entry.at for entry in newest] == [MAX_AUDIT + 4, MAX_AUDIT + 3]
    assert len(store.audit.newest(MAX_AUDIT * 2)) == MAX_AUDIT


def test_a_signal_is_acted_on_once(store: Store) -> None:
    assert store.spent_signals.first_sight(b"i" * 16, 10, 0)
    assert not store.spent_signals.first_sight(b"i" * 16, 10, 9)
    assert store.spent_signals.first_sight(b"j" * 16, 20, 9)
    assert store.spent_signals.first_sight(b"i" * 16, 20, 10)
    assert not store.spent_signals.first_sight(b"j" * 16, 20, 10)


def test_seen_messages_are_bounded(store: Store) -> None:
    with store.transaction():
        for number in range(SEEN_KEPT + 3000):
            store.streams.first_sight(BOBS_DEVICE, MessageId(number.to_bytes(16, "big")))
    (kept,) = store.database.row("SELECT count(*) FROM seen_message") or (0,)
    assert SEEN_KEPT <= kept <= SEEN_KEPT + 1024
    assert not store.streams.first_sight(BOBS_DEVICE, MessageId((SEEN_KEPT + 2999).to_bytes(16, "big")))


def test_a_file_is_kept_once_for_each_content(store: Store) -> None:
    store.contacts.save(bob())
    store.messages.add(incoming(1))
    store.messages.add(incoming(2))
    one = store.attachments.add(message_id(1), "a.txt", "text/plain", b"content")
    store.attachments.add(message_id(1), "b.txt", "text/plain", b"content")
    store.attachments.add(message_id(2), "c.txt", "text/plain", b"content")
    assert [attachment.name for attachment in store.attachments.of(message_id(1))] == ["a.txt", "b.txt"]
    assert store.database.row("SELECT count(*) FROM attachment") == (1,)
    assert store.attachments.data(one.digest) == b"content"
    assert store.attachments.data(bytes(32)) is None
    store.contacts.forget(BOB)
    assert store.attachments.drop_unused() == 1


def test_a_file_needs_a_message(store: Store) -> None:
    with pytest.raises(UsageError):
        store.attachments.add(message_id(1), "a.txt", "text/plain", b"content")
    assert store.database.row("SELECT count(*) FROM attachment") == (0,)


def test_the_devices_heard_from_are_told_the_latest_first(store: Store) -> None:
    for device in (BOBS_DEVICE, BOBS_TABLET, BOBS_DEVICE):
        store.streams.save_incoming(IncomingStream(device, b"stream 1", 1, ()))
    assert store.streams.heard_from(10) == (BOBS_DEVICE, BOBS_TABLET)
    assert store.streams.heard_from(1) == (BOBS_DEVICE,)
