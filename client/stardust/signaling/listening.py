"""From which devices to expect signals: contacts, people met, and whoever was just written to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from stardust.wire.ids import DeviceId

MAX_LISTENED: Final = 4_096


class Listened:
    """Keeps the interface ``Listening``. On the event loop only."""

    def __init__(self, devices: Iterable[DeviceId] = ()) -> None:
        self._devices: frozenset[DeviceId] = frozenset()
        self._changed = asyncio.Event()
        self.replace(devices)

    @property
    def devices(self) -> frozenset[DeviceId]:
        return self._devices

    def replace(self, devices: Iterable[DeviceId]) -> None:
        """At most ``MAX_LISTENED``; those that come first count."""
        kept = frozenset(list(dict.fromkeys(devices))[:MAX_LISTENED])
        if kept != self._devices:
            self._devices = kept
            self._changed.set()
            self._changed = asyncio.Event()

    async def changed(self, known: frozenset[DeviceId]) -> frozenset[DeviceId]:
        """The devices, once they are others than ``known``."""
        while self._devices == known:
            await self._changed.wait()
        return self._devices
