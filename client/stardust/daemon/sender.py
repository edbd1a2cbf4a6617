"""What goes out to one device."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

import structlog

from stardust.errors import StardustError
from stardust.link.port import Links
from stardust.wire.ids import DeviceId

MAX_UNSENT: Final = 2 * 1024 * 1024
MAX_UNSENT_FRAMES: Final = 1024
"""Bytes and frames that wait for one link; the engine's window is 0.5 MiB in 64 frames."""

log = structlog.get_logger(__name__)


class Sender:
    """Hands frames to one link in order, so that a slow peer holds up nobody else. Beyond what the
    engine's window can fill, the oldest are given up (acknowledgements, mostly, for a peer that sends and
    does not read): the engine repeats what is not acknowledged."""

    def __init__(self, links: Links, device: DeviceId) -> None:
        self._links = links
        self._device = device
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="sender")

    def put(self, frame: bytes) -> None:
        self._waiting.append(frame)
        self._size += len(frame)
        while len(self._waiting) > MAX_UNSENT_FRAMES or self._size > MAX_UNSENT:
            self._next()
        self._news.set()

    def _next(self) -> bytes:
        frame = self._waiting.popleft()
        self._size -= len(frame)
        return frame

    def close(self) -> asyncio.Task[None]:
        self._task.cancel()
        return self._task

    async def _run(self) -> None:
        while True:
            while not self._waiting:
                self._news.clear()
                await self._news.wait()
            try:
                await self._links.send(self._device, self._next())
            except StardustError as error:
                log.info("a frame was not sent", problem=str(error))
