"""To whom a link is wanted: where something waits to be delivered, where a chat is open, and
for a while after that."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from stardust.errors import StardustError
from stardust.identity.records import CertifiedDevice
from stardust.link.port import Links, LinkState
from stardust.wire.ids import AccountId, DeviceId

LOOK_EVERY: Final = 15.0
LINGER: Final = 180.0
"""Seconds that a link stays wanted after the last reason."""
ASK_AGAIN: Final = 600.0
"""Seconds after which a device that could not be reached is tried again without news of it."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """When the link was wanted last, and whether somebody waited for it."""

    at: float
    urgent: bool


class LinkKeeper:
    """``devices`` gives the devices of an account that may be talked to; ``find`` one by its id."""

    def __init__(
        self,
        links: Links,
        *,
        waiting: Callable[[], Awaitable[tuple[DeviceId, ...]]],
        devices: Callable[[AccountId], tuple[CertifiedDevice, ...]],
        find: Callable[[DeviceId], CertifiedDevice | None],
    ) -> None:
        self._links = links
        self._waiting = waiting
        self._devices = devices
        self._find = find
        self._open_chats: Counter[AccountId] = Counter()
        self._reason_at: dict[DeviceId, float] = {}
        self._asked: dict[DeviceId, _Asked] = {}
        self._news = asyncio.Event()
        self._reachable: set[AccountId] = set()

    def chat_opened(self, account: AccountId) -> None:
        self._open_chats[account] += 1
        self.reachable(account)

    def chat_closed(self, account: AccountId) -> None:
        self._open_chats[account] -= 1
        self._open_chats += Counter()  # forgets what is zero

    def look_now(self) -> None:
        """Something was queued, or keys were accepted."""
        self._news.set()

    def reachable(self, account: AccountId) -> None:
        """The account was seen: what gave up on it tries again."""
        self._reachable.add(account)
        self._news.set()

    def greet(self, device: CertifiedDevice) -> None:
        """Wants a link for a while, so that one side can bring what it has for the other. Nobody here waits
        for it: it is not urgent."""
        self._reason_at[device.record.device] = self._time()
        self._asked.pop(device.record.device, None)
        self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._news.clear()
            try:
                await self._look()
            except StardustError as error:
                log.warning("links were not looked after", problem=str(error))
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _look(self) -> None:
        now = self._time()
        for account in self._reachable:
            for certified in self._devices(account):
                self._asked.pop(certified.record.device, None)
        self._reachable.clear()
        pressing = set(await self._waiting())
        for account in self._open_chats:
            pressing |= {certified.record.device for certified in self._devices(account)}
        self._reason_at |= dict.fromkeys(pressing, now)
        for device, since in tuple(self._reason_at.items()):
            if now - since < LINGER:
                await self._want(device, now, urgent=device in pressing)
            else:
                await self._unwant(device)

    async def _want(self, device: DeviceId, now: float, *, urgent: bool) -> None:
        certified = self._find(device)
        if certified is None:
            await self._unwant(device)
            return
        asked = self._asked.get(device)
        gave_up = self._links.state(device) in (LinkState.FAILED, LinkState.IDLE)
        more_urgent = asked is not None and urgent and not asked.urgent
        if asked is None or more_urgent or (gave_up and now - asked.at > ASK_AGAIN):
            self._asked[device] = _Asked(now, urgent)
            await self._links.want(certified, urgent=urgent)

    async def _unwant(self, device: DeviceId) -> None:
        self._reason_at.pop(device, None)
        if self._asked.pop(device, None) is not None:
            await self._links.unwant(device)

    def _time(self) -> float:
        return asyncio.get_running_loop().time()
