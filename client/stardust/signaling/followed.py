"""Whose beats to expect, and under which topics."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from itertools import islice
from typing import Final

from stardust.signaling.topics import beat_topic, epochs_of
from stardust.wire.ids import DeviceId

MAX_FOLLOWED: Final = 4_096


class Followed:
    """Keeps the interface ``Following``. On the event loop only."""

    def __init__(self) -> None:
        self._keys: dict[DeviceId, bytes] = {}
        self._topics: dict[str, dict[bytes, tuple[DeviceId, ...]]] = {}
        """Of each store, under ``_epochs``."""
        self._epochs: tuple[int, ...] = ()
        self._changed = asyncio.Event()

    @property
    def keys(self) -> Mapping[DeviceId, bytes]:
        """The presence key of each device that is followed."""
        return self._keys

    def replace(self, keys: Mapping[DeviceId, bytes]) -> None:
        """The first ``MAX_FOLLOWED`` count."""
        kept = dict(islice(keys.items(), MAX_FOLLOWED))
        if kept != self._keys:
            self._keys, self._epochs = kept, ()
            self._changed.set()
            self._changed = asyncio.Event()

    def topics(self, now: float, store: str) -> Mapping[bytes, tuple[DeviceId, ...]]:
        """Whose beats come under which topic of ``store`` (the name of a transport); ``now`` in Unix seconds.
        More than one device under a topic: somebody passes off the key of another as their own, which must
        not hide the other."""
        epochs = epochs_of(now)
        if epochs != self._epochs:
            self._epochs, self._topics = epochs, {}
        if store not in self._topics:
            self._topics[store] = self._made(store)
        return self._topics[store]

    def _made(self, store: str) -> dict[bytes, tuple[DeviceId, ...]]:
        topics: dict[bytes, tuple[DeviceId, ...]] = {}
        for device, key in self._keys.items():
            for topic in (beat_topic(key, epoch, store) for epoch in self._epochs):
                topics[topic] = (*topics.get(topic, ()), device)
        return topics

    async def changed(self, known: Mapping[DeviceId, bytes]) -> None:
        """Returns once ``keys`` are others than ``known``, which they were before."""
        while self._keys is known:
            await self._changed.wait()
