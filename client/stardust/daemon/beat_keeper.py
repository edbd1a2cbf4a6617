"""To whom this device shows that it is there, and whose beats it follows.

Both follow from the tables, like what is on its way (``reconciler``): who may have the presence key is
compared with who was given it, and a second run finds nothing to do. Keys are handed over while there
is a link; to make one, no call on chain is worth it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import nacl.utils
import structlog

from stardust.daemon import clock
from stardust.daemon.core import Core
from stardust.daemon.people import Relation
from stardust.delivery.events import Submission
from stardust.errors import StardustError, UsageError
from stardust.history.presence import PresenceKeyState
from stardust.identity.records import CertifiedDevice
from stardust.link.port import LinkState
from stardust.signaling.intake import Pace
from stardust.wire.ids import DeviceId
from stardust.wire.items import PresenceKey

GREETED: Final = 16
"""Devices to which a link is made at a time so that they get the key; the others get it with their next."""
LOOK_EVERY: Final = 60.0
LOOKS_AT_ONCE, LOOKS_PER_S = 32, 0.2
"""A contact may send new keys without end; each makes this device listen elsewhere."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Tables:
    own: PresenceKeyState | None
    given: dict[DeviceId, int]
    theirs: dict[DeviceId, bytes]


class BeatKeeper:
    """``look_again`` after every change of people, links or keys; on the event loop."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._announces = core.config.presence.announce == "contacts"
        self._news = asyncio.Event()
        self._pace = Pace(LOOKS_AT_ONCE, LOOKS_PER_S)
        self._owed: dict[DeviceId, CertifiedDevice] = {}
        """Who may have the key and has it not."""
        self._greeted: tuple[int, set[DeviceId]] = (0, set())
        """For which generation, and whom."""

    def look_again(self) -> None:
        self._news.set()

    def came(self, device: DeviceId) -> None:
        """It can be reached now."""
        certified = self._owed.get(device)
        if certified is not None:
            self._core.link_keeper.greet(certified)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._pace.delay(asyncio.get_running_loop().time()))
            self._news.clear()
            try:
                await self._align()
            except StardustError as error:
                log.warning("presence keys were not looked after", problem=str(error))
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _align(self) -> None:
        contacts = self._contacts()
        tables = await self._core.thread.run(self._read)
        theirs = {device: key for device, key in tables.theirs.items() if device in contacts}
        self._core.presence.follow(theirs)
        if self._core.revoked:  # nobody would take a beat of this device
            self._core.presence.announce(None)
        elif self._announces:
            await self._share(tables, contacts)
        else:
            await self._take_back(tables, contacts)

    def _contacts(self) -> dict[DeviceId, CertifiedDevice]:
        """The devices that may be talked to now, of people who are contacts."""
        accepted = (one for one in self._core.people.all() if one.relation is Relation.ACCEPTED)
        return {device.record.device: device for person in accepted for device in person.usable_devices}

    def _read(self) -> _Tables:
        """On the store's thread."""
        presence = self._core.records.store.presence
        return _Tables(presence.own(), presence.given(), presence.keys())

    # announcing
    async def _share(self, tables: _Tables, contacts: dict[DeviceId, CertifiedDevice]) -> None:
        own, given = tables.own, dict(tables.given)
        outsiders = given.keys() - contacts.keys()
        if own is None or own.key is None or outsiders:
            own = await self._replace(own, nacl.utils.random(32), outsiders)
        self._core.presence.announce(own.key)
        self._owed = {
            device: certified for device, certified in contacts.items() if given.get(device) != own.generation
        }
        for device in tuple(self._owed):
            if await self._hand_over(device, own, given=own.generation):
                del self._owed[device]
        self._greet(own.generation)

    async def _replace(
        self, own: PresenceKeyState | None, key: bytes | None, forgotten: set[DeviceId]
    ) -> PresenceKeyState:
        """The next generation. Of ``forgotten`` it does not matter any more what they were given."""
        generation = max(clock.wall_ms(), own.generation + 1 if own else 0)
        state = PresenceKeyState(generation, key)
        presence = self._core.records.store.presence

        def record() -> None:
            presence.save_own(state)
            for device in forgotten:
                presence.save_given(device, None)

        await self._core.write(record)
        log.info("there is a new presence key" if key else "presence is announced to nobody any more")
        return state

    async def _hand_over(self, device: DeviceId, own: PresenceKeyState, *, given: int | None) -> bool:
        """Whether ``own`` was queued, which it is while there is a link."""
        if self._core.links.state(device) is not LinkState.OPEN:
            return False

        def record() -> None:
            self._core.records.store.presence.save_given(device, given)

        try:
            await self._core.runner.submit([Submission(device, PresenceKey(own.generation, own.key))], record)
        except UsageError as error:  # a full queue; the others get theirs
            log.info("a presence key was not queued", problem=str(error))
            return False
        return True

    def _greet(self, generation: int) -> None:
        """A link to some who lack the key, once for each key; while beats have no way, it is of no use."""
        if self._greeted[0] != generation:
            self._greeted = (generation, set())
        greeted = self._greeted[1]
        if self._core.presence.way is None:
            return
        for device, certified in self._owed.items():
            if len(greeted) >= GREETED:
                break
            if device not in greeted:
                greeted.add(device)
                self._core.link_keeper.greet(certified)

    # announcing no more
    async def _take_back(self, tables: _Tables, contacts: dict[DeviceId, CertifiedDevice]) -> None:
        own, given = tables.own, tables.given
        if own is None:
            return
        if own.key is not None or given.keys() - contacts.keys():
            own = await self._replace(own, None, given.keys() - contacts.keys())
        for device in given.keys() & contacts.keys():
            await self._hand_over(device, own, given=None)
