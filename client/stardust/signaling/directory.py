"""Who a device speaks for, by the chain; remembered for a while, and until the chain says otherwise."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Final

from stardust.chain.port import Chain, EventKind
from stardust.errors import StardustError
from stardust.identity.records import CertifiedDevice
from stardust.wire.ids import AccountId, DeviceId

KEEP_S: Final = 300.0
CAPACITY: Final = 1024

_CHANGES: Final = frozenset(
    {EventKind.DEVICE_ADDED, EventKind.DEVICE_REVOKED, EventKind.ACCOUNT_DEREGISTERED}
)


class Directory:
    """Certified devices of accounts. ``run`` has to be running for changes to be noticed at once."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._known: OrderedDict[AccountId, tuple[float, tuple[CertifiedDevice, ...]]] = OrderedDict()

    async def find(self, account: AccountId, device: DeviceId) -> CertifiedDevice | None:
        """The device, if the chain has it under ``account`` now."""
        for certified in await self._devices(account):
            if certified.record.device == device:
                return certified
        return None

    async def _devices(self, account: AccountId) -> tuple[CertifiedDevice, ...]:
        kept = self._known.get(account)
        if kept is not None and time.monotonic() - kept[0] < KEEP_S:
            return kept[1]
        devices = await self._chain.devices(account)
        # An account without devices is not worth remembering: strangers could fill the memory with them.
        if devices:
            self._known[account] = (time.monotonic(), devices)
            while len(self._known) > CAPACITY:
                self._known.popitem(last=False)
        return devices

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async for event in self._chain.events():
                    if event.kind is EventKind.MISSED:
                        self._known.clear()
                    elif event.kind in _CHANGES and event.account is not None:
                        self._known.pop(event.account, None)
            except StardustError:
                self._known.clear()
            await asyncio.sleep(1)
