"""What the chain says about people: their devices, their presence, and whom we block."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Final

import structlog

from stardust.api.events import KeysChanged
from stardust.chain.errors import CallFailedError
from stardust.chain.port import ChainEvent, EventKind
from stardust.daemon import views
from stardust.daemon.core import Core
from stardust.daemon.live import Live
from stardust.daemon.people import Person
from stardust.daemon.presence import Presence
from stardust.daemon.reconciler import Reconciler
from stardust.daemon.services.contacts import ContactsService
from stardust.errors import StardustError, UntrustedError
from stardust.identity.address import to_address
from stardust.identity.records import CertifiedDevice
from stardust.identity.trust import Notice, observe
from stardust.wire.ids import AccountId, DeviceId

AT_ONCE: Final = 4
"""Questions to the node at the same time."""
GREETED: Final = 8
"""Contacts that are told by a link, after a start, that we are back."""
REFRESH_EVERY: Final = 600.0
"""Seconds; a node could have kept an event from us."""
LOOK_FOR_FINAL: Final = 3.0
"""Seconds between two looks whether the block that revoked this device is final."""
RENEW_AFTER: Final = 288_000
"""Blocks, 20 days of 6 s. After 60 days without a call the chain takes an account's devices out of the
statement store, and after a year it forgets the account."""

log = structlog.get_logger(__name__)

_DEVICE_EVENTS: Final = frozenset(
    (
        EventKind.ACCOUNT_REGISTERED,
        EventKind.DEVICE_ADDED,
        EventKind.DEVICE_REVOKED,
        EventKind.ACCOUNT_DEREGISTERED,
    )
)


class ChainNews:
    """Follows the chain for the people this account knows."""

    def __init__(
        self, core: Core, live: Live, reconciler: Reconciler, contacts: ContactsService, presence: Presence
    ) -> None:
        self._core = core
        self._live = live
        self._reconciler = reconciler
        self._contacts = contacts
        self._presence = presence
        self._greeted = False
        self._resolving: dict[DeviceId, asyncio.Task[None]] = {}
        self._settling: asyncio.Task[None] | None = None
        self._unsettled = False
        """This device is off the chain in a block that is not final."""

    # the chain is there (again)
    async def ready(self) -> None:
        await self.refresh_own()
        people = [person for person in self._core.people.all() if not person.blocked]
        await self._each(people, self._refresh)
        await self._reconcile_blocks()
        for person in people:
            await self._contacts.answer_due(person.account)
        self._greet()
        await self._renew()

    async def refresh_own(self) -> None:
        """Which devices this account has, and whether this is one of them."""
        devices = await self._core.chain.devices(self._core.account)
        self._unsettled = False
        if devices != self._core.own_devices:
            here = any(one.record.device == self._core.keys.device for one in devices)
            if self._core.registered and not here and not await self._is_gone():
                self._look_until_final()
                return
            revoked = (self._core.registered or self._core.revoked) and not here
            self._core.own_devices = devices
            self._core.note_standing(revoked=revoked)
            await self._core.write(self._save_own)
        public = self._core.config.presence.announce == "public"
        self._core.chain_keeper.present = self._core.registered and public

    async def _is_gone(self) -> bool:
        """Whether no other fork of the chain can bring this device back."""
        return await self._core.chain.final_owner(self._core.keys.device) is None

    def _look_until_final(self) -> None:
        self._unsettled = True
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle(), name="revocation")

    async def _settle(self) -> None:
        while self._unsettled:
            await asyncio.sleep(LOOK_FOR_FINAL)
            try:
                await self.refresh_own()
            except StardustError as error:
                log.info("whether this device was revoked is not known yet", problem=str(error))

    async def _renew(self) -> None:
        """A sign of life of an account that otherwise makes no call."""
        if not self._core.registered:
            return
        active, head = await self._core.chain.active(self._core.account), await self._core.chain.head()
        if active is not None and head.number - active >= RENEW_AFTER:
            await self._core.chain.renew()

    def _save_own(self) -> None:
        self._core.records.save_own_devices(self._core.own_devices)
        self._core.records.save_revoked(self._core.revoked)

    async def _refresh(self, person: Person) -> None:
        await self.refresh(person.account)
        presence = await self._core.chain.presence(person.account)
        self._presence.by_chain(person.account, presence.online)

    async def run(self) -> None:
        """Looks at everything again from time to time, until cancelled."""
        while True:
            await asyncio.sleep(REFRESH_EVERY)
            if self._core.chain_keeper.status().connected:
                self._core.chain_keeper.look_again()

    def _greet(self) -> None:
        """What waits at the others for us comes as soon as there is a link: we make it, once."""
        if self._greeted or not self._core.registered:
            return
        self._greeted = True
        online = [person for person in self._core.people.all() if self._live.online.get(person.account)]
        for person in online[:GREETED]:
            for device in person.usable_devices:
                self._core.link_keeper.greet(device)

    async def _reconcile_blocks(self) -> None:
        """Brings on chain what was blocked or unblocked here."""
        if not self._core.registered:
            return
        there = set(await self._core.chain.blocked(self._core.account))
        here = {person.account for person in self._core.people.all() if person.blocked}
        for account in here - there:
            try:
                await self._core.chain.block_user(account)
            except CallFailedError as error:  # who is not on the chain cannot write to us either
                log.info("a block is not on the chain", contact=to_address(account), problem=str(error))
        for account in there - here:
            if self._core.people.get(account) is not None:
                await self._core.chain.unblock_user(account)

    # one event
    async def event(self, event: ChainEvent) -> None:
        if event.kind is EventKind.MISSED:
            self._core.chain_keeper.look_again()
        if event.account is None:
            return
        if event.kind in _DEVICE_EVENTS:
            if event.account == self._core.account:
                await self.refresh_own()
            elif self._core.people.get(event.account) is not None:
                await self.refresh(event.account)
            elif self._core.people.stranger_devices(event.account):
                await self.meet(event.account)
        elif event.kind in (EventKind.USER_ONLINE, EventKind.USER_OFFLINE):
            self._presence.by_chain(event.account, event.kind is EventKind.USER_ONLINE)

    # devices
    async def refresh(self, account: AccountId) -> None:
        """Compares the chain's list of devices with what the person trusts."""
        try:
            devices = await self._core.chain.devices(account)
        except UntrustedError as error:
            self._live.note_problem(f"devices {account.hex()}", error)
            log.warning("a node showed a false device", account=account)
            return
        self._live.note_problem(f"devices {account.hex()}", None)
        person = self._core.people.get(account)
        if person is not None and set(devices) != set(person.devices):
            await self._devices_changed(person, devices)

    async def _devices_changed(self, person: Person, devices: tuple[CertifiedDevice, ...]) -> None:
        notices: list[Notice | None] = []

        def change(now: Person) -> Person:
            decision = observe(now.trust, [device.record for device in devices])
            notices.append(decision.notice)
            return replace(now, trust=decision.trust, devices=devices)

        await self._reconciler.change(person.account, change)
        after = self._core.people.get(person.account)
        if after is not None and notices and notices[-1] in (Notice.CHANGED, Notice.LEFT):
            await self._tell_keys_changed(after)

    async def _tell_keys_changed(self, person: Person) -> None:
        change = person.trust.change
        contact = await self._contacts.view(person.account)
        if change is None or contact is None:
            return
        new = {*change.added, *change.altered}
        added = (views.device(one, trusted=False) for one in person.devices if one.record.device in new)
        removed = (*change.removed, *change.altered)
        log.warning("the devices of a contact have changed", contact=to_address(person.account))
        self._core.hub.publish(KeysChanged(contact, tuple(added), tuple(one.hex() for one in removed)))

    # strangers
    def resolve(self, device: DeviceId) -> None:
        """A device that nobody here knows has a link: the chain says whose it is."""
        if device not in self._resolving:
            task = asyncio.create_task(self._resolve(device), name="stranger")
            self._resolving[device] = task
            task.add_done_callback(lambda _: self._resolving.pop(device, None))

    async def _resolve(self, device: DeviceId) -> None:
        try:
            account = await self._core.chain.owner(device)
            if account is None:
                return
            if self._core.people.get(account) is not None:
                await self.refresh(account)
                return
            await self.meet(account)
        except StardustError as error:
            log.info("a stranger could not be looked up", problem=str(error))

    async def meet(self, account: AccountId) -> None:
        """Looks up the devices of somebody who is not known here."""
        people, devices = self._core.people, await self._core.chain.devices(account)
        before = people.stranger_devices(account)
        await self._core.thread.run(people.meet, account, devices)
        for certified in {*before, *devices}:
            await self._core.runner.trust_changed(certified.record.device)

    async def close(self) -> None:
        tasks = [*self._resolving.values(), *([self._settling] if self._settling else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @staticmethod
    async def _each(people: Iterable[Person], work: Callable[[Person], Awaitable[None]]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(person: Person) -> None:
            async with gate:
                try:
                    await work(person)
                except StardustError as error:
                    log.warning("a contact was not looked up", problem=str(error))

        await asyncio.gather(*(one(person) for person in people))
