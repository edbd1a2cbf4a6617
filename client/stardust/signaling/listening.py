"""From which devices to expect signals: contacts, people met, and whoever was just written to."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from itertools import islice
from typing import Final

from stardust.wire.ids import DeviceId

MAX_LISTENED: Final = 4_096
MAX_WRITTEN_TO: Final = 256


class Listened:
    """Keeps the interface ``Listening``. On the event loop only."""

    def __init__(self, devices: Iterable[DeviceId] = ()) -> None:
        self._people = tuple(devices)
        self._written_to: OrderedDict[DeviceId, None] = OrderedDict()
        self._devices: frozenset[DeviceId] = frozenset()
        self._changed = asyncio.Event()
        self._update()

    @property
    def devices(self) -> frozenset[DeviceId]:
        return self._devices

    def replace(self, devices: Iterable[DeviceId]) -> None:
        """The devices of people; those that come first count when there are too many."""
        self._people = tuple(devices)
        self._update()

    def expect(self, device: DeviceId) -> None:
        """It was written to, and may answer."""
        self._written_to[device] = None
        self._written_to.move_to_end(device)
        if len(self._written_to) > MAX_WRITTEN_TO:
            self._written_to.popitem(last=False)
        self._update()

    async def changed(self, known: frozenset[DeviceId]) -> frozenset[DeviceId]:
        """The devices, once they are others than ``known``."""
        while self._devices == known:
            await self._changed.wait()
        return self._devices

    def _update(self) -> None:
        both = dict.fromkeys((*self._written_to, *self._people))
        kept = frozenset(islice(both, MAX_LISTENED))
        if kept != self._devices:
            self._devices = kept
            self._changed.set()
            self._changed = asyncio.Event()
