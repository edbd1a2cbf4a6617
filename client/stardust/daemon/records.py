"""The history in the daemon's terms. Everything runs on the store's thread; what changes it is called
inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from stardust.api import types as api
from stardust.daemon import clock
from stardust.daemon.ids import direct_conversation
from stardust.daemon.people import Person, Relation
from stardust.delivery.port import Failure, MessageState
from stardust.history.models import Contact, ContactState, Message, NewMessage
from stardust.history.store import Store
from stardust.identity.address import to_address
from stardust.identity.records import CertifiedDevice
from stardust.identity.trust import Trust
from stardust.wire.ids import AccountId, ConversationId, DeviceId, MessageId
from stardust.wire.items import Profile, Text

_REASONS: Final = {
    Failure.EXPIRED: "It could not leave in time.",
    Failure.WITHDRAWN: "It is not sent any more: the device is gone, or the request was declined.",
    Failure.REFUSED: "The other device could not understand it.",
}
_NOBODY: Final = Trust(accepted={}, offered=None, compared=False, replaced=False)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list of conversations shows of one."""

    unread: int = 0
    waiting: int = 0
    last_message_at: int | None = None


class Records:
    def __init__(self, store: Store, own: AccountId, device: DeviceId) -> None:
        self.store = store
        self._own = own
        self._device = device
        self._accounts: dict[ConversationId, AccountId] = {}

    def transaction(self) -> AbstractContextManager[None]:
        return self.store.transaction()

    # people
    def people(self) -> Sequence[Person]:
        return [self._person(contact) for contact in self.store.contacts.all()]

    def _person(self, contact: Contact) -> Person:
        self._accounts[contact.conversation] = contact.account
        return Person(
            account=contact.account,
            relation=Relation(contact.state.value),
            trust=contact.trust or _NOBODY,
            devices=self.store.contacts.devices(contact.account),
            name=contact.name,
            nickname=contact.nickname,
            note=contact.note,
            blocked=contact.blocked,
            answered=contact.answered,
            added_at=contact.added_at,
        )

    def save_person(self, person: Person) -> None:
        conversation = direct_conversation(self._own, person.account)
        self._accounts[conversation] = person.account
        self.store.contacts.save(
            Contact(
                account=person.account,
                conversation=conversation,
                state=ContactState(person.relation.value),
                name=person.name,
                note=person.note,
                nickname=person.nickname,
                trust=person.trust,
                blocked=person.blocked,
                answered=person.answered,
                added_at=person.added_at or clock.wall_ms(),
            )
        )
        if self.store.contacts.devices(person.account) != person.devices:
            self.store.contacts.save_devices(person.account, person.devices)

    def forget_person(self, account: AccountId) -> None:
        """With all messages."""
        self.store.contacts.forget(account)

    def profile(self, account: AccountId) -> Profile | None:
        """Of a contact, or the own one."""
        return self.store.contacts.profile(account)

    def save_profile(self, profile: Profile) -> None:
        self.store.contacts.save_profile(profile)

    def own_devices(self) -> tuple[CertifiedDevice, ...]:
        """Of this account, as the chain had them last."""
        return self.store.contacts.devices(self._own)

    def save_own_devices(self, devices: tuple[CertifiedDevice, ...]) -> None:
        self.store.contacts.save_devices(self._own, devices)

    def add_audit(self, kind: str, detail: str, account: AccountId) -> None:
        self.store.audit.add(clock.wall_ms(), kind, detail, account)

    # invites
    def add_invite(self, secret: bytes, expires: int) -> None:
        """``expires``: Unix milliseconds."""
        self.store.invites.forget_expired(clock.wall_ms())
        self.store.invites.add(secret, created_at=clock.wall_ms(), expires=expires)

    def spend_invite(self, secret: bytes) -> bool:
        """True once for each invite that is still good."""
        return self.store.invites.spend(secret, clock.wall_ms())

    # messages
    def add_outgoing(self, account: AccountId, text: Text, devices: Sequence[DeviceId]) -> api.Message:
        stored = self.store.messages.add(
            self._new(account, text, sender=self._own, device=self._device, devices=devices)
        )
        return self.show(stored) if stored else self._repeated(MessageId(text.id))

    def _repeated(self, message_id: MessageId) -> api.Message:
        message = self.message(message_id)
        assert message is not None  # it was in the way of storing it again
        return message

    def add_incoming(self, account: AccountId, device: DeviceId, text: Text) -> api.Message | None:
        """None when this message is here already."""
        stored = self.store.messages.add(self._new(account, text, sender=account, device=device))
        return self.show(stored) if stored else None

    def _new(
        self,
        account: AccountId,
        text: Text,
        *,
        sender: AccountId,
        device: DeviceId,
        devices: Sequence[DeviceId] = (),
    ) -> NewMessage:
        return NewMessage(
            id=MessageId(text.id),
            conversation=direct_conversation(self._own, account),
            sender=sender,
            device=device,
            outgoing=sender == self._own,
            body=text.body,
            sent_at=text.sent_at,
            stored_at=clock.wall_ms(),
            reply_to=MessageId(text.reply_to) if text.reply_to else None,
            devices=tuple(devices),
        )

    def move(
        self, device: DeviceId, ids: Sequence[MessageId], state: MessageState, reason: Failure | None, at: int
    ) -> Sequence[api.Message]:
        """The states of these messages on their way to ``device``; the messages that moved as a whole."""
        return [self.show(one) for one in self.store.messages.set_state(device, ids, state, reason, at)]

    def message(self, message_id: MessageId) -> api.Message | None:
        found = self.store.messages.get(message_id)
        return self.show(found) if found else None

    def lacking(self, account: AccountId, device: DeviceId, limit: int) -> Sequence[Message]:
        """Outgoing messages that no device has confirmed and ``device`` was not sent; oldest first."""
        return self.store.messages.lacking(direct_conversation(self._own, account), device, limit)

    def addressed(self, account: AccountId) -> Sequence[DeviceId]:
        """Devices to which messages of the conversation are on their way."""
        return self.store.messages.addressed(direct_conversation(self._own, account))

    def address(self, device: DeviceId, ids: Sequence[MessageId], at: int) -> Sequence[api.Message]:
        """These messages go to ``device`` too; those that moved as a whole by it."""
        changed = (self.store.messages.address(one, (device,), at) for one in ids)
        return [self.show(message) for message in changed if message is not None]

    def is_new(self, device: DeviceId) -> bool:
        """Whether nothing was ever queued for ``device``."""
        stream = self.store.streams.outgoing(device)
        return stream is None or stream.next == 0

    def count_from(self, account: AccountId) -> int:
        """Messages of ``account`` that are here."""
        return self.store.messages.count_from(account, direct_conversation(self._own, account))

    def unread(self, account: AccountId, up_to: MessageId | None) -> Sequence[MessageId]:
        return self.store.messages.unread_ids(direct_conversation(self._own, account), up_to=up_to)

    def mark_read(self, ids: Sequence[MessageId], at: int) -> None:
        self.store.messages.mark_read(ids, at)

    def page(self, account: AccountId, before: str | None, limit: int) -> api.HistoryPage:
        conversation = direct_conversation(self._own, account)
        page = self.store.messages.page(conversation, before=before, limit=limit)
        return api.HistoryPage(tuple(self.show(one) for one in page.messages), page.before)

    def search(self, query: str, account: AccountId | None, before: str | None, limit: int) -> api.SearchPage:
        conversation = direct_conversation(self._own, account) if account else None
        hits = self.store.search.find(query, conversation=conversation, before=before, limit=limit)
        found = tuple(api.SearchHit(self.show(hit.message), hit.snippet) for hit in hits.hits)
        return api.SearchPage(found, hits.before)

    def summary(self, account: AccountId) -> Summary:
        found = self.store.contacts.overview(account)
        return Summary(found.unread, found.waiting, found.last_message_at) if found else Summary()

    def summaries(self) -> dict[AccountId, Summary]:
        return {
            one.contact.account: Summary(one.unread, one.waiting, one.last_message_at)
            for one in self.store.contacts.overviews()
        }

    def show(self, message: Message) -> api.Message:
        """As the API has it."""
        account = self._accounts.get(message.conversation)
        reason = message.reason
        return api.Message(
            id=message.id.hex(),
            conversation=message.conversation.hex(),
            contact=to_address(account) if account else "",
            outgoing=message.outgoing,
            body=message.body,
            sent_at=message.sent_at,
            stored_at=message.stored_at,
            state=message.state.value if message.state else "received",
            sent_to_peer_at=message.sent_to_peer_at,
            delivered_at=message.delivered_at,
            read_at=message.read_at,
            reply_to=message.reply_to.hex() if message.reply_to else None,
            reason=_REASONS[Failure(reason)] if reason else None,
        )
