"""Who comes and goes, whichever way it is known: told to user interfaces, and to what waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from stardust.api.events import PresenceChanged
from stardust.daemon.core import Core
from stardust.daemon.live import Live
from stardust.daemon.people import Person
from stardust.wire.ids import AccountId, DeviceId


class Presence:
    def __init__(self, core: Core, live: Live) -> None:
        self._core = core
        self._live = live
        self._preparing: asyncio.Task[None] | None = None
        self.came: Callable[[DeviceId], None] = lambda _: None
        """Hears of devices that have come."""

    def by_chain(self, account: AccountId, online: bool) -> None:
        person = self._core.people.get(account)
        if person is not None and self._live.note_presence(account, online):
            self._tell(person, online)

    async def follow_beats(self) -> None:
        """Until cancelled."""
        async for sighting in self._core.presence.sightings():
            account = self._live.note_beat(sighting.device, sighting.here)
            person = self._core.people.get(account) if account is not None else None
            if person is not None:
                self._tell(person, sighting.here)
            if sighting.here:
                self.came(sighting.device)

    def _tell(self, person: Person, came: bool) -> None:
        seen = self._live.seen_at.get(person.account)
        self._core.hub.publish(PresenceChanged(person.address, self._live.is_online(person), seen))
        if came:
            self._preparing = self._preparing or asyncio.create_task(self._core.links.prepare())
            self._core.link_keeper.reachable(person.account)

    async def close(self) -> None:
        if self._preparing is not None:
            self._preparing.cancel()
            await asyncio.gather(self._preparing, return_exceptions=True)
