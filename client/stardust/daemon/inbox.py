"""What comes from other devices, stored inside delivery's transactions.

Content that is not acceptable is dropped here, not raised: it was delivered, it is just
not wanted. All of it runs on the store's thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import structlog

from stardust.daemon import clock
from stardust.daemon.journal import (
    AnswerDue,
    BeatKeyCame,
    Declined,
    ItemsMissing,
    Journal,
    MessageStored,
    PersonChanged,
    RequestCame,
    StateMoved,
)
from stardust.daemon.people import People, Person, Relation
from stardust.daemon.records import Records
from stardust.delivery.port import Failure, MessageState
from stardust.history.presence import PresenceKeyState
from stardust.identity.errors import ProfileError
from stardust.identity.profiles import open_profile
from stardust.identity.trust import observe
from stardust.printable import printable
from stardust.wire.ids import AccountId, DeviceId, MessageId
from stardust.wire.items import ContactAnswer, ContactRequest, Item, PresenceKey, SignedProfile, Text

MAX_REQUESTS: Final = 100
"""Requests that may wait for an answer; while there are so many, what other strangers send is not opened."""
MAX_MESSAGES_OF_A_REQUEST: Final = 20
"""Messages that may wait with a request; once there are so many, no further frame is opened."""

log = structlog.get_logger(__name__)


class Inbox:
    """Keeps the interface ``Application`` of delivery."""

    def __init__(self, records: Records, people: People, journal: Journal) -> None:
        self._records = records
        self._people = people
        self._journal = journal

    # Application
    def has_room(self, device: DeviceId) -> bool:
        """What must not be kept is not opened either: it stays with its sender, who is not told that
        it was delivered."""
        account = self._people.account_of(device)
        if account is None:
            return True
        person = self._people.get(account)
        if person is None:
            waiting = sum(one.relation is Relation.REQUEST_RECEIVED for one in self._people.all())
            return waiting < MAX_REQUESTS and account not in self._people.turned_away
        if person.relation is not Relation.REQUEST_RECEIVED:
            return True
        if self._records.count_from(account) < MAX_MESSAGES_OF_A_REQUEST:
            return True
        self._people.kept_out.add(account)
        return False

    def received(self, device: DeviceId, items: Sequence[Item]) -> None:
        account = self._people.account_of(device)
        if account is None:
            log.warning("items of a device that nobody knows were dropped", device=device)
            return
        for item in items:
            self._take(account, device, item)

    def skipped(self, device: DeviceId, count: int) -> None:
        account = self._people.account_of(device)
        if account is None:
            return
        self._people.turned_away.discard(account)  # what was left of the request has been given up
        person = self._people.get(account)
        if person is not None and person.relation is Relation.ACCEPTED:
            self._records.add_audit("items_missing", f"{count} of device {device.hex()}", account)
            self._journal.add(ItemsMissing(account, count))

    def state_changed(
        self, device: DeviceId, message_ids: Sequence[MessageId], state: MessageState, reason: Failure | None
    ) -> None:
        at = clock.wall_ms()
        moved = self._records.move(device, message_ids, state, reason, at)
        self._journal.add(*(StateMoved(message, at) for message in moved))
        account = self._people.account_of(device)
        if moved and account is not None:
            self._journal.add(PersonChanged(account))

    # items
    def _take(self, account: AccountId, device: DeviceId, item: Item) -> None:
        match item:
            case Text():
                self._text(account, device, item)
            case ContactRequest():
                self._request(account, item)
            case ContactAnswer():
                self._answer(account, item)
            case SignedProfile():
                self._profile(account, device, item)
            case PresenceKey():
                self._beat_key(account, device, item)

    def _text(self, account: AccountId, device: DeviceId, text: Text) -> None:
        person = self._people.get(account) or self._stranger(account, note="")
        if person.blocked or person.relation is Relation.DECLINED:
            return
        if person.relation is Relation.REQUEST_SENT:
            self._save(replace(person, relation=Relation.ACCEPTED))
        message = self._records.add_incoming(account, device, text)
        if message is not None:
            self._journal.add(MessageStored(message), PersonChanged(account))

    def _request(self, account: AccountId, request: ContactRequest) -> None:
        person = self._people.get(account)
        if person is not None and person.blocked:
            return
        invited = bool(request.secret) and self._records.spend_invite(request.secret)
        if person is None:
            person = self._stranger(account, note=request.note, invited=invited)
        wanted = invited or person.relation in (Relation.REQUEST_SENT, Relation.ACCEPTED)
        relation = Relation.ACCEPTED if wanted else Relation.REQUEST_RECEIVED
        person = person.calls_itself(printable(request.name))
        self._save(replace(person, relation=relation, note=request.note, answered=not wanted))
        self._journal.add(AnswerDue(account) if wanted else RequestCame(account))

    def _stranger(self, account: AccountId, *, note: str, invited: bool = False) -> Person:
        """A new person, with the devices that the chain has shown."""
        devices = self._people.stranger_devices(account)
        trust = observe(None, [device.record for device in devices]).trust
        person = Person(account, Relation.REQUEST_RECEIVED, trust, devices, note=note)
        self._save(person)
        if not invited:
            self._journal.add(RequestCame(account))
        return person

    def _answer(self, account: AccountId, answer: ContactAnswer) -> None:
        person = self._people.get(account)
        if person is None or person.relation is not Relation.REQUEST_SENT:
            return
        relation = Relation.ACCEPTED if answer.accepted else Relation.DECLINED
        if not answer.accepted:
            self._journal.add(Declined(account))
        self._save(replace(person.calls_itself(printable(answer.name)), relation=relation))

    def _profile(self, account: AccountId, device: DeviceId, signed: SignedProfile) -> None:
        person = self._people.get(account)
        if person is None or person.blocked:
            return
        try:
            profile = open_profile(signed, account=account, device=device)
        except ProfileError as error:
            log.info("a profile was dropped", problem=str(error))
            return
        known = self._records.profile(account)
        if known is None or profile.revision > known.revision:
            self._records.save_profile(profile)
            self._save(person.calls_itself(profile.nickname))

    def _beat_key(self, account: AccountId, device: DeviceId, item: PresenceKey) -> None:
        """Kept of anybody who is known: it may come before the yes that it follows from. Whether it is
        used is decided by what the person is now."""
        if self._people.get(account) is None:
            return
        if self._records.store.presence.take(device, PresenceKeyState(item.generation, item.key)):
            self._journal.add(BeatKeyCame(account))

    def _save(self, person: Person) -> None:
        self._records.save_person(person)
        self._people.put(person)
        self._journal.add(PersonChanged(person.account))
