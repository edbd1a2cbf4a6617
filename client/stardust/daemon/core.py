"""What the services share: the parts of a running daemon, put together by ``app``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from stardust.chain.port import Chain
from stardust.daemon import clock
from stardust.daemon.chain_keeper import ChainKeeper
from stardust.daemon.config import Config
from stardust.daemon.delivery_runner import DeliveryRunner
from stardust.daemon.errors import (
    LOGIN_AGAIN,
    ContactBlockedError,
    DeviceRevokedError,
    KeysChangedError,
    NotAContactError,
    NotRegisteredError,
)
from stardust.daemon.home import Home
from stardust.daemon.hub import EventHub
from stardust.daemon.ids import MessageIds
from stardust.daemon.journal import Journal, PersonChanged, StateMoved
from stardust.daemon.link_keeper import LinkKeeper
from stardust.daemon.people import People, Person, Relation
from stardust.daemon.records import Records
from stardust.daemon.store_thread import StoreThread
from stardust.delivery.events import Submission
from stardust.identity.devices import DeviceKeys
from stardust.identity.records import CertifiedDevice, DeviceRecord
from stardust.link.port import Links
from stardust.session.account import OlmIdentity
from stardust.signaling.port import Signaling
from stardust.signaling.presence import PresenceService
from stardust.wire.ids import AccountId, DeviceId, MessageId
from stardust.wire.items import Item


@dataclass(slots=True)
class Core:
    home: Home
    config: Config
    account: AccountId
    scheme: str
    keys: DeviceKeys
    olm: OlmIdentity
    chain: Chain
    signaling: Signaling
    presence: PresenceService
    links: Links
    thread: StoreThread
    records: Records
    people: People
    journal: Journal
    runner: DeliveryRunner
    chain_keeper: ChainKeeper
    link_keeper: LinkKeeper
    hub: EventHub
    ids: MessageIds = field(default_factory=MessageIds)
    outbox: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while messages are put into the streams: there they stand in the order of writing."""
    own_devices: tuple[CertifiedDevice, ...] = ()
    """Of this account, as the chain had them last."""

    revoked: bool = False
    """The chain had this device and has it no more."""

    @property
    def record(self) -> DeviceRecord:
        """This device's."""
        return self.keys.record(self.olm.olm, self.olm.fallback)

    @property
    def registered(self) -> bool:
        return any(device.record.device == self.keys.device for device in self.own_devices)

    def note_standing(self, *, revoked: bool) -> None:
        """A device that was revoked makes no calls, which would only be refused."""
        self.revoked = revoked
        self.chain.stop_calls(DeviceRevokedError(hint=LOGIN_AGAIN) if revoked else None)
        self.link_keeper.look_now()

    async def require_registered(self) -> None:
        """Waits for the chain a little; ``ChainUnavailableError``, ``NotRegisteredError``."""
        await self.chain_keeper.wait()
        if self.revoked:
            raise DeviceRevokedError(hint=LOGIN_AGAIN)
        if not self.registered:
            raise NotRegisteredError(hint="run: stardust login")

    def for_writing(self, who: str) -> Person:
        """Somebody to whom messages may be written now, or the reason why not."""
        person = self.people.find(who)
        if self.revoked:
            raise DeviceRevokedError(
                "This device is not on chain any more (it was revoked, or the chain began anew), "
                "so nothing can be sent from here.",
                hint=LOGIN_AGAIN,
            )
        if person.blocked:
            raise ContactBlockedError(
                f"{person.title} is blocked.", hint=f"stardust contact unblock {person.typed}"
            )
        if person.relation is Relation.REQUEST_RECEIVED:
            raise NotAContactError(
                f"Accept the request of {person.title} first.", hint=f"stardust contact accept {person.typed}"
            )
        if person.relation is Relation.DECLINED:
            raise NotAContactError(f"{person.title} declined your request.")
        if not person.usable_devices:
            raise KeysChangedError(
                f"The devices of {person.title} have changed; nothing is sent until you accept them.",
                hint=f"compare them: stardust contact verify {person.typed}; "
                f"or accept them: stardust contact accept {person.typed} --keys",
            )
        return person

    def change(self, account: AccountId, change: Callable[[Person], Person]) -> None:
        """Replaces a person, inside a transaction on the store's thread."""
        person = self.people.get(account)
        if person is not None:
            self.put(change(person))

    def put(self, person: Person) -> None:
        """Saves a person, inside a transaction on the store's thread."""
        self.records.save_person(person)
        self.people.put(person)
        self.journal.add(PersonChanged(person.account))

    def address(self, device: DeviceId, messages: Sequence[MessageId]) -> None:
        """These messages go to ``device`` too, inside a transaction on the store's thread."""
        at = clock.wall_ms()
        moved = self.records.address(device, messages, at)
        self.journal.add(*(StateMoved(message, at) for message in moved))

    async def write(self, work: Callable[[], None]) -> None:
        """A change of the database that has nothing to send."""
        await self.runner.write(work, self.records.transaction)

    async def send_items(
        self, person: Person, items: Sequence[Item], record: Callable[[], None] | None = None
    ) -> None:
        """Queues ``items`` for all devices of ``person``; nobody follows their states."""
        await self.runner.submit(list(to_all(person.usable_devices, items)), record)
        self.link_keeper.look_now()


def to_all(devices: Iterable[CertifiedDevice], items: Sequence[Item]) -> Iterable[Submission]:
    return (Submission(device.record.device, item) for device in devices for item in items)
