"""The people this account knows, in memory: who they are, and which devices may be talked to.

Changed on the store's thread only, with the database; read from both threads. Every
``Person`` is immutable and replaced as a whole, so a reader sees one state or the other.
"""

from __future__ import annotations

import shlex
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from stardust.daemon.errors import AmbiguousContactError, UnknownContactError
from stardust.identity.address import from_address, to_address
from stardust.identity.errors import BadAddressError
from stardust.identity.records import CertifiedDevice
from stardust.identity.trust import Trust, fingerprint
from stardust.wire.ids import AccountId, DeviceId

MAX_STRANGERS: Final = 256
"""Devices of people we do not know that had a link here lately."""


class Relation(StrEnum):
    REQUEST_SENT = "request_sent"
    REQUEST_RECEIVED = "request_received"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is a contact, wants to be one, or was asked to be one."""

    account: AccountId
    relation: Relation
    trust: Trust
    devices: tuple[CertifiedDevice, ...] = field(repr=False)
    """As the chain had them when it was last asked; certificates were checked."""
    name: str = ""
    """Given here."""
    nickname: str = ""
    """What the person says."""
    note: str = ""
    blocked: bool = False
    answered: bool = True
    """False: that we accepted was not queued for the other side yet."""
    added_at: int = 0
    """Unix milliseconds; 0 before it is saved."""

    @property
    def address(self) -> str:
        return to_address(self.account)

    @property
    def title(self) -> str:
        """What to show."""
        return self.name or self.nickname or f"{self.address[:6]}…{self.address[-4:]}"

    @property
    def typed(self) -> str:
        """The title as one types it in a shell; nothing in it can become a command."""
        return shlex.quote(self.title)

    def calls_itself(self, nickname: str) -> Person:
        """With the nickname it gives now. The name by which it was known here until now stays, so that
        nobody slips into another's name, let alone with a mark of verification."""
        if not nickname or nickname == self.nickname:
            return self
        return replace(self, nickname=nickname, name=self.name or self.nickname)

    @property
    def usable_devices(self) -> tuple[CertifiedDevice, ...]:
        """The devices that may be sealed to now."""
        if self.blocked or self.relation is Relation.DECLINED or not self.trust.may_send:
            return ()
        return tuple(
            device
            for device in self.devices
            if self.trust.accepted.get(device.record.device) == fingerprint(device.record)
        )

    @property
    def known_devices(self) -> frozenset[DeviceId]:
        """Accepted, offered or seen: all whose frames would be this person's."""
        seen = {device.record.device for device in self.devices}
        accepted = {DeviceId(device) for device in (*self.trust.accepted, *(self.trust.offered or ()))}
        return frozenset(seen | accepted)


class People:
    """Finds people by account, device, address or name."""

    def __init__(self, own: AccountId, people: Iterable[Person] = ()) -> None:
        self.own = own
        self._people: dict[AccountId, Person]
        self._accounts: dict[DeviceId, AccountId]
        self._usable: dict[DeviceId, CertifiedDevice]
        self._strangers: OrderedDict[DeviceId, CertifiedDevice] = OrderedDict()
        self._watchers: list[Callable[[], None]] = []
        self.kept_out: set[AccountId] = set()
        """Of those whose request waits: more has come from them than may wait, and was not opened."""
        self.turned_away: set[AccountId] = set()
        """Declined while more was on its way from them: what is left of that would be a new request."""
        self.replace_all(people)

    def watch(self, changed: Callable[[], None]) -> None:
        """``changed`` is called after every change, on the thread that made it."""
        self._watchers.append(changed)

    def _tell(self) -> None:
        for changed in self._watchers:
            changed()

    def replace_all(self, people: Iterable[Person]) -> None:
        """As the database has them."""
        self._people, self._accounts, self._usable = {}, {}, {}
        for person in people:
            self._put(person)
        self._tell()

    def put(self, person: Person) -> None:
        self._put(person)
        self._tell()

    def _put(self, person: Person) -> None:
        before = self._people.get(person.account)
        if before is not None:
            self._forget_devices(before)
        self._people[person.account] = person
        self.turned_away.discard(person.account)
        self._accounts |= dict.fromkeys(person.known_devices, person.account)
        self._usable |= {device.record.device: device for device in person.usable_devices}
        for device in person.known_devices:
            self._strangers.pop(device, None)

    def remove(self, account: AccountId) -> None:
        person = self._people.pop(account, None)
        if person is not None:
            self._forget_devices(person)
            self.kept_out.discard(account)
            self._tell()

    def _forget_devices(self, person: Person) -> None:
        for device in person.known_devices:
            self._accounts.pop(device, None)
            self._usable.pop(device, None)

    def all(self) -> tuple[Person, ...]:
        return tuple(self._people.values())

    def get(self, account: AccountId) -> Person | None:
        return self._people.get(account)

    def account_of(self, device: DeviceId) -> AccountId | None:
        """Whose device it is; of strangers too."""
        known = self._accounts.get(device)
        if known is not None:
            return known
        stranger = self._strangers.get(device)
        return stranger.account if stranger else None

    def trusted(self, device: DeviceId) -> CertifiedDevice | None:
        """The record under which ``device`` may be sealed to and opened from now. A stranger's
        device counts, so that its request can be read."""
        return self._usable.get(device) or self._strangers.get(device)

    def devices_of(self, account: AccountId) -> tuple[CertifiedDevice, ...]:
        person = self._people.get(account)
        return person.usable_devices if person else ()

    def stranger_devices(self, account: AccountId) -> tuple[CertifiedDevice, ...]:
        return tuple(device for device in tuple(self._strangers.values()) if device.account == account)

    def meet(self, account: AccountId, devices: Iterable[CertifiedDevice]) -> None:
        """All devices of an account that nobody here knows, as the chain has them now."""
        for gone in self.stranger_devices(account):
            del self._strangers[gone.record.device]
        for device in devices:
            self._strangers[device.record.device] = device
        while len(self._strangers) > MAX_STRANGERS:
            self._strangers.popitem(last=False)
        self._tell()

    def expected(self) -> tuple[DeviceId, ...]:
        """Devices that may signal any time: those of contacts first, then of others who are not blocked,
        then of strangers met lately."""
        people = sorted(self.all(), key=lambda person: person.relation is not Relation.ACCEPTED)
        known = (device for person in people if not person.blocked for device in person.known_devices)
        return (*known, *tuple(self._strangers))

    def find(self, who: str) -> Person:
        """By address or name. ``UnknownContactError``, ``AmbiguousContactError``."""
        try:
            person = self._people.get(from_address(who))
        except BadAddressError:
            return self._named(who)
        if person is None:
            raise UnknownContactError(f"{who} is not a contact.", hint="see: stardust contact list")
        return person

    def _named(self, name: str) -> Person:
        wanted = name.strip().casefold()
        by_title = [person for person in self.all() if person.title.casefold() == wanted]
        found = by_title or [person for person in self.all() if person.nickname.casefold() == wanted]
        if len(found) > 1:
            raise AmbiguousContactError(f"{len(found)} contacts are called {name}; use the address.")
        if not found:
            raise UnknownContactError(f"No contact is called {name}.", hint="see: stardust contact list")
        return found[0]
