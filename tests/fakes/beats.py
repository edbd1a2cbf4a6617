"""What carries beats between devices of one process: it loses, repeats and reorders as told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from stardust.errors import UnavailableError
from stardust.signaling.followed import Followed
from stardust.signaling.port import BeatArrival


@dataclass
class Air:
    """``lose`` decides about each beat on its way to each listener, ``late_s`` how much later it comes.
    ``closed``: nobody takes beats now."""

    lose: Callable[[], bool] = field(default=lambda: False)
    late_s: Callable[[], float] = field(default=lambda: 0.0)
    closed: bool = False
    standing: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    """Topic and sealed beat, by channel."""
    sent: list[bytes] = field(default_factory=list)
    listeners: list[FakeBeatTransport] = field(default_factory=list)

    def put(self, topic: bytes, channel: bytes, sealed: bytes) -> None:
        self.sent.append(sealed)
        self.standing[channel] = (topic, sealed)
        self.play(topic, sealed)

    def play(self, topic: bytes, sealed: bytes, source: str = "") -> None:
        """Also again, or of one's own making; by one server of several."""
        loop = asyncio.get_running_loop()
        for listener in self.listeners:
            if not self.lose():
                loop.call_later(self.late_s(), listener.hear, topic, sealed, source)


class FakeBeatTransport:
    """Keeps the interface ``BeatTransport``."""

    name = "air"

    def __init__(self, air: Air, followed: Followed) -> None:
        self._air, self._followed = air, followed
        self._arrivals: asyncio.Queue[BeatArrival] = asyncio.Queue()
        air.listeners.append(self)

    async def beat(self, topic: bytes, channel: bytes, sealed: bytes, *, expires: int) -> None:
        await asyncio.sleep(0)
        assert expires > time.time()
        if self._air.closed:
            raise UnavailableError("There is no air.")
        self._air.put(topic, channel, sealed)

    async def beats(self) -> AsyncIterator[BeatArrival]:
        following = asyncio.create_task(self._replay())
        try:
            while True:
                yield await self._arrivals.get()
        finally:
            following.cancel()

    async def _replay(self) -> None:
        while True:
            keys = self._followed.keys
            for topic, sealed in tuple(self._air.standing.values()):
                self.hear(topic, sealed)
            await self._followed.changed(keys)

    def hear(self, topic: bytes, sealed: bytes, source: str = "") -> None:
        for device in self._followed.topics(time.time(), self.name).get(topic, ()):
            self._arrivals.put_nowait(BeatArrival(device, sealed, source))
