"""People: invites, requests, names, safety numbers, changed keys, the block list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from stardust.api import calls
from stardust.api.types import Contact, Contacts, Empty, Invite, Presence, PresenceList, Verification
from stardust.daemon import clock, views
from stardust.daemon.api_server import Scope
from stardust.daemon.core import Core
from stardust.daemon.errors import (
    FalseInviteError,
    ForeignInviteError,
    NotOnChainError,
    OwnAccountError,
)
from stardust.daemon.live import Live
from stardust.daemon.people import Person, Relation
from stardust.daemon.reconciler import Reconciler
from stardust.daemon.records import Summary
from stardust.daemon.services.profile import ProfileService
from stardust.errors import UsageError
from stardust.identity import trust
from stardust.identity.address import from_address
from stardust.identity.errors import DevicesChangedError
from stardust.identity.invites import make_invite, read_invite, sign_invite
from stardust.identity.records import CertifiedDevice
from stardust.identity.safety import Comparison, SafetyNumber, Side
from stardust.printable import printable
from stardust.wire.ids import AccountId
from stardust.wire.items import ContactAnswer, Item
from stardust.wire.links import INVITE_PREFIX
from stardust.wire.links import Invite as Link

MAX_OPEN_CHATS: Final = 256

_MISMATCH: Final = {
    Comparison.MISMATCH: "The safety codes differ: somebody may be in between. Do not trust this link.",
    Comparison.WRONG_ACCOUNT: "This code is of somebody else, or meant for somebody else.",
    Comparison.WRONG_VERSION: "This code was made by another version of the program.",
    Comparison.INVALID: "This is not a safety code.",
}


class ContactsService:
    def __init__(self, core: Core, live: Live, reconciler: Reconciler, profiles: ProfileService) -> None:
        self._core = core
        self._live = live
        self._reconciler = reconciler
        self._profiles = profiles

    # views
    async def view(self, account: AccountId) -> Contact | None:
        """The contact as it is now; None when it was forgotten."""
        summary = await self._core.thread.run(self._core.records.summary, account)
        person = self._core.people.get(account)
        return self._view(person, summary) if person else None

    def _view(self, person: Person, summary: Summary) -> Contact:
        return views.contact(self._core.account, person, self._live, summary)

    async def _viewed(self, account: AccountId) -> Contact:
        contact = await self.view(account)
        assert contact is not None  # it was found a moment ago, and only a person's call removes it
        return contact

    async def list(self, _: calls.ContactsList, __: Scope) -> Contacts:
        summaries = await self._core.thread.run(self._core.records.summaries)
        contacts = [
            self._view(person, summaries.get(person.account, Summary())) for person in self._core.people.all()
        ]
        contacts.sort(key=lambda one: (-(one.last_message_at or 0), one.name.casefold()))
        return Contacts(tuple(contacts))

    async def get(self, call: calls.ContactsGet, _: Scope) -> Contact:
        return await self._viewed(self._core.people.find(call.contact).account)

    async def presence(self, _: calls.PresenceListed, __: Scope) -> PresenceList:
        accepted = (one for one in self._core.people.all() if one.relation is Relation.ACCEPTED)
        found: tuple[Presence, ...] = tuple(views.presence(person, self._live) for person in accepted)
        return PresenceList(found)

    # meeting
    async def invite(self, call: calls.InvitesCreate, _: Scope) -> Invite:
        await self._core.require_registered()
        expires = clock.wall_ms() // 1000 + call.lifetime_s
        invite = make_invite(
            self._core.account,
            self._core.keys,
            genesis=self._core.chain.genesis,
            name=self._profiles.nickname,
            expires=expires,
        )
        await self._core.write(lambda: self._core.records.add_invite(invite.secret, expires * 1000))
        return Invite(sign_invite(invite, self._core.keys), expires * 1000)

    async def add(self, call: calls.ContactsAdd, _: Scope) -> Contact:
        who = _read(call.who)  # first: a slip of the person is not the chain's fault
        await self._core.require_registered()
        account, secret, nickname = await self._invited(who)
        if account == self._core.account:
            raise OwnAccountError
        devices = await self._devices_on_chain(account)
        known = self._core.people.get(account)
        if known is None:
            first = trust.observe(None, [device.record for device in devices]).trust
            known = Person(account, Relation.REQUEST_SENT, first, devices)
        elif known.relation is Relation.DECLINED:
            known = replace(known, relation=Relation.REQUEST_SENT)
        person = replace(
            known, name=call.name.strip() or known.name, nickname=known.nickname or printable(nickname)
        )
        if person.relation is Relation.REQUEST_RECEIVED:
            return await self._accept(person)
        items: list[Item] = []
        if person.relation is Relation.REQUEST_SENT:
            items = self._profiles.request(secret, call.note)
        await self._core.send_items(person, items, lambda: self._core.put(person))
        return await self._viewed(account)

    async def _invited(self, invite: AccountId | Link) -> tuple[AccountId, bytes, str]:
        """Account, the invite's secret and name; the latter are empty for an address."""
        if isinstance(invite, bytes):
            return invite, b"", ""
        if invite.genesis != self._core.chain.genesis:
            raise ForeignInviteError
        account = AccountId(invite.account)
        devices = await self._devices_on_chain(account)
        if all(device.record.device != invite.device for device in devices):
            raise FalseInviteError(hint="ask for a new one; that device may have been revoked")
        return account, invite.secret, invite.name

    async def _devices_on_chain(self, account: AccountId) -> tuple[CertifiedDevice, ...]:
        devices = await self._core.chain.devices(account)
        if not devices:
            raise NotOnChainError
        return devices

    async def accept(self, call: calls.ContactsAccept, _: Scope) -> Contact:
        person = self._core.people.find(call.contact)
        if person.relation is not Relation.REQUEST_RECEIVED:
            return await self._viewed(person.account)
        return await self._accept(person)

    async def _accept(self, person: Person) -> Contact:
        await self.answer(replace(person, relation=Relation.ACCEPTED))
        await self._reconciler.changed(person.account)
        return await self._viewed(person.account)

    async def answer_due(self, account: AccountId) -> None:
        """An account came in by invite, or accepted was not told yet."""
        person = self._core.people.get(account)
        if person is not None and person.relation is Relation.ACCEPTED and not person.answered:
            await self.answer(person)

    async def answer(self, person: Person) -> None:
        """Tells an accepted person so, and who we are."""
        items: list[Item] = [ContactAnswer(True, self._profiles.nickname), *self._profiles.signed()]
        await self._core.send_items(person, items, lambda: self._core.put(replace(person, answered=True)))

    async def decline(self, call: calls.ContactsDecline, _: Scope) -> Empty:
        person = self._core.people.find(call.contact)
        if person.relation is not Relation.REQUEST_RECEIVED:
            raise UsageError(f"There is no request of {person.title} to decline.")

        def record() -> None:
            if person.account in self._core.people.kept_out:
                self._core.people.turned_away.add(person.account)
            self._core.records.forget_person(person.account)
            self._core.people.remove(person.account)
            # The answer still has to be sealed to them.
            self._core.people.meet(person.account, person.devices)

        await self._core.send_items(person, [ContactAnswer(False, "")], record)
        return Empty()

    async def rename(self, call: calls.ContactsRename, _: Scope) -> Contact:
        account = self._core.people.find(call.contact).account
        name = call.name.strip()
        await self._core.write(lambda: self._core.change(account, lambda person: replace(person, name=name)))
        return await self._viewed(account)

    # keys
    async def verify(self, call: calls.ContactsVerify, _: Scope) -> Verification:
        person = self._core.people.find(call.contact)
        await self._core.chain_keeper.wait()
        number = await self._safety_number(person)
        if call.scanned is not None:
            result = number.compare_code(call.scanned)
            if result is not Comparison.MATCH:
                raise UsageError(_MISMATCH[result])
        if call.confirm is False:
            await self._decide(person, lambda now: replace(now, compared=False))
        elif call.scanned is not None:
            await self._decide(person, lambda now: trust.confirm(now, person.trust.ticket))
        elif call.confirm:
            ticket = _ticket(call.ticket)
            await self._decide(person, lambda now: trust.confirm(now, ticket))
        person = self._core.people.find(person.address)
        verified = person.trust.standing is trust.Standing.VERIFIED
        return Verification(
            person.address,
            " ".join(number.groups),
            number.code,
            verified,
            person.trust.ticket.hex(),
        )

    async def _safety_number(self, person: Person) -> SafetyNumber:
        own = [device.record for device in self._core.own_devices] or [self._core.record]
        theirs = [device.record for device in person.devices]
        if not theirs:
            raise UsageError(f"{person.title} has no device on chain now, so there is nothing to compare.")
        genesis = self._core.chain.genesis
        return SafetyNumber(
            own=await asyncio.to_thread(Side.of, genesis, self._core.account, own),
            peer=await asyncio.to_thread(Side.of, genesis, person.account, theirs),
        )

    async def accept_keys(self, call: calls.ContactsAcceptKeys, _: Scope) -> Contact:
        person = self._core.people.find(call.contact)
        ticket = _ticket(call.ticket)
        await self._decide(person, lambda now: trust.accept(now, ticket))
        return await self._viewed(person.account)

    async def _decide(self, person: Person, decide: Callable[[trust.Trust], trust.Trust]) -> None:
        """What the person decided about the devices; ``decide`` gets what is known when it is stored."""
        try:
            await self._reconciler.change(person.account, lambda now: replace(now, trust=decide(now.trust)))
        except DevicesChangedError as error:
            hint = f"{error.hint}: stardust contact show {person.typed}"
            said = f"The devices of {person.title} changed again meanwhile."
            raise DevicesChangedError(said, hint=hint) from None

    # blocking
    async def block(self, call: calls.ContactsBlock, _: Scope) -> Contact:
        return await self._set_blocked(call.contact, True)

    async def unblock(self, call: calls.ContactsUnblock, _: Scope) -> Contact:
        return await self._set_blocked(call.contact, False)

    async def _set_blocked(self, who: str, blocked: bool) -> Contact:
        """Here at once; on chain now or when the chain is back (``ChainNews`` sees to it)."""
        person = self._core.people.find(who)
        await self._reconciler.change(person.account, lambda now: replace(now, blocked=blocked))
        if blocked:
            for device in person.known_devices:
                await self._core.links.unwant(device)
        self._core.chain_keeper.look_again()
        return await self._viewed(person.account)

    # chats
    async def open_chat(self, call: calls.ChatsOpen, scope: Scope) -> Contact:
        person = self._core.people.find(call.contact)
        key = f"chat {person.address}"
        scope.end(key)
        scope.at_end(key, lambda: self._core.link_keeper.chat_closed(person.account), limit=MAX_OPEN_CHATS)
        self._core.link_keeper.chat_opened(person.account)
        return await self._viewed(person.account)

    async def close_chat(self, call: calls.ChatsClose, scope: Scope) -> Empty:
        scope.end(f"chat {self._core.people.find(call.contact).address}")
        return Empty()


def _ticket(text: str | None) -> bytes:
    if text is None:
        raise UsageError("Say which safety number was compared: its ticket is missing.")
    return bytes.fromhex(text)


def _read(who: str) -> AccountId | Link:
    """An address, or the invite in a link. ``BadAddressError``, ``InviteError``."""
    if who.strip().startswith(INVITE_PREFIX):
        return read_invite(who, now=clock.wall_ms() // 1000)
    return from_address(who.strip())
