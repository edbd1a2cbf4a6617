"""Pings: what waits for somebody who is away asks, off chain, for a link as soon as they are back.

A ping stands where signals go for some minutes and is renewed while something waits, so whoever comes
back finds it and makes the link. Nobody has to be seen online for that.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection
from typing import Final

import structlog

from stardust.daemon.core import Core
from stardust.errors import StardustError
from stardust.identity.records import CertifiedDevice
from stardust.link.port import LinkState
from stardust.signaling.intake import RateLimit
from stardust.signaling.service import PING_LIFETIME_S
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.signals import SignalKind

LOOK_EVERY: Final = 5.0
FIRST_S: Final = 20.0
"""About so long an ordinary attempt has to make a link before the first ping."""
AGAIN_S: Final = 60.0
"""After a ping that could not be left anywhere."""
MAX_STANDING: Final = 12
"""Half of the bytes that a device may have in a statement store; the other half is for offers."""
GREETINGS, GREETINGS_PER_S = 2, 1 / 60
"""Links made for one device because it asked."""
STRANGERS, STRANGERS_PER_S = 4, 1 / 60
"""And for all devices together that nobody here knows."""

log = structlog.get_logger(__name__)


class PingPlan:
    """Whom to ping when. Pure: ``now`` in monotonic seconds, ``chance`` gives numbers from 0 to 1."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._due: dict[DeviceId, float] = {}
        self._stands: dict[DeviceId, float] = {}
        """Until when a ping is there."""

    def next(self, unreachable: Collection[DeviceId], now: float) -> list[DeviceId]:
        """Devices to ping now, of those for which something waits; counts as done. When there are too
        many for all to have a ping at a time, they take turns."""
        self._stands = {device: until for device, until in self._stands.items() if until > now}
        for device in self._due.keys() - set(unreachable):
            del self._due[device]
        for device in unreachable:
            self._due.setdefault(device, now + FIRST_S * (0.5 + self._chance()))
        turns = len(self._due) > MAX_STANDING
        found = []
        for device in sorted(self._due, key=lambda device: self._due[device]):
            room = len(self._stands) < MAX_STANDING
            if self._due[device] <= now and (not turns if device in self._stands else room):
                self._stands[device] = now + PING_LIFETIME_S
                # Renewed before it ends, and in no rhythm.
                self._due[device] = now + PING_LIFETIME_S * (0.7 + 0.2 * self._chance())
                found.append(device)
        return found

    def failed(self, device: DeviceId, now: float) -> None:
        """It could not be left anywhere."""
        self._stands.pop(device, None)
        if device in self._due:
            self._due[device] = now + AGAIN_S * (0.5 + self._chance())


class Pings:
    """``meet`` looks up the devices of an account that nobody here knows."""

    def __init__(self, core: Core, meet: Callable[[AccountId], Awaitable[None]]) -> None:
        self._core = core
        self._meet = meet
        self._plan = PingPlan()
        self._limit = RateLimit(GREETINGS, GREETINGS_PER_S)
        self._strangers = RateLimit(STRANGERS, STRANGERS_PER_S)
        self._meeting: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                waiting = await self._core.runner.waiting()
            except StardustError as error:
                log.warning("what waits was not looked at", problem=str(error))
                continue
            unreachable = [device for device in waiting if not self._is_linked(device)]
            due = self._plan.next(unreachable, _now())
            await asyncio.gather(*(self._ping(device) for device in due))

    async def _ping(self, device: DeviceId) -> None:
        certified = self._core.people.trusted(device)
        if certified is None or self._core.revoked:
            return
        try:
            await self._core.signaling.send(certified, SignalKind.PING, b"")
        except StardustError as error:
            log.debug("no ping", problem=str(error))
            self._plan.failed(device, _now())

    def asked(self, device: CertifiedDevice) -> None:
        """A ping of ``device`` has come: it gets a link, unless it is blocked or asks too often."""
        asking = device.record.device
        if self._is_linked(asking) or not self._limit.allow(asking, _now()):
            return
        if self._core.people.get(device.account) is not None:
            self._greet(asking)
        elif self._strangers.allow(b"", _now()):
            task = asyncio.create_task(self._greet_stranger(device), name="stranger")
            self._meeting.add(task)
            task.add_done_callback(self._meeting.discard)

    async def _greet_stranger(self, device: CertifiedDevice) -> None:
        try:
            await self._meet(device.account)
        except StardustError as error:
            log.info("a stranger could not be looked up", problem=str(error))
            return
        self._greet(device.record.device)

    def _greet(self, device: DeviceId) -> None:
        certified = self._core.people.trusted(device)
        if certified is not None:
            self._core.link_keeper.greet(certified)

    async def close(self) -> None:
        for task in self._meeting:
            task.cancel()
        await asyncio.gather(*self._meeting, return_exceptions=True)

    def _is_linked(self, device: DeviceId) -> bool:
        return self._core.links.state(device) is LinkState.OPEN


def _now() -> float:
    return asyncio.get_running_loop().time()
