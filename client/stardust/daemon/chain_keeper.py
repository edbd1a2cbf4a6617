"""Keeps the chain connected, this device present on it, and tells what happens there."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from stardust.chain.errors import ChainUnavailableError
from stardust.chain.port import Chain, ChainEvent, ChainStatus
from stardust.errors import StardustError

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at the chain's state, which costs nothing."""
GLANCE: Final = 0.1
"""The same, of somebody who waits for the first news of it."""
PATIENCE: Final = 8.0
"""Seconds that a person's call waits for a chain that is just being connected."""
HEARTBEAT_BLOCKS: Final = 20
"""The chain takes a device for gone after 50."""
HEARTBEAT_SECONDS: Final = 120.0
HEARTBEAT_GAP: Final = 5.0
"""Seconds between two heartbeats at least, however fast blocks come."""

_NUMBER: Final = re.compile(r"\d+")

log = structlog.get_logger(__name__)


class ChainKeeper:
    """``on_state`` hears of every change of the status, ``on_ready`` is awaited each time the chain is
    there (again), ``on_event`` gets the events one by one."""

    def __init__(
        self,
        chain: Chain,
        *,
        on_state: Callable[[ChainStatus], None],
        on_ready: Callable[[], Awaitable[None]],
        on_event: Callable[[ChainEvent], Awaitable[None]],
    ) -> None:
        self._chain = chain
        self._on_state = on_state
        self._on_ready = on_ready
        self._on_event = on_event
        self._told: tuple[object, ...] | None = None
        self._logged: tuple[object, ...] | None = None
        self._problem: str | None = None
        self.present = False
        """Whether this device announces itself; set once it is registered."""
        self._beat_at: float | None = None
        self._beat_block = 0
        self._again = False
        self._news = asyncio.Event()
        """There is a reason to look before the next second."""
        self._followed = asyncio.Event()
        """The chain is there, and what had to be read was read."""

    def status(self) -> ChainStatus:
        """The chain's own, or why it could not even be reached the first time."""
        status = self._chain.status()
        if status.connected or status.problem or self._problem is None:
            return status
        return ChainStatus(False, status.node, None, None, None, None, self._problem)

    def look_again(self) -> None:
        """Calls ``on_ready`` once more if the chain is there: something is to be brought on it."""
        self._again = True
        self._news.set()

    async def wait(self, seconds: float = PATIENCE) -> None:
        """Until the chain is there; ``ChainUnavailableError`` when it is not within ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                await self._followed.wait()
        except TimeoutError:
            raise ChainUnavailableError(self.status().problem, hint="see: stardust doctor") from None

    async def settled(self, seconds: float) -> ChainStatus:
        """The status once the chain is there, or there is a reason of now why not; after ``seconds`` as it
        is."""
        with contextlib.suppress(TimeoutError, StardustError):
            async with asyncio.timeout(seconds):
                await self._first_word()
                if not self.status().connected:
                    await self._chain.retry()  # the reason may be as old as the last try
                    await self._followed.wait()
        return self.status()

    async def _first_word(self) -> None:
        while not self._followed.is_set() and self.status().problem is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GLANCE):
                    await self._followed.wait()

    async def run(self) -> None:
        """Until cancelled."""
        looking = asyncio.create_task(self._look(), name="chain-state")
        try:
            await self._connect()
            await self._events()
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _connect(self) -> None:
        forever = AsyncRetrying(
            wait=wait_random_exponential(multiplier=0.5, max=15),
            retry=retry_if_exception_type(StardustError),
        )
        async for attempt in forever:
            with attempt:
                try:
                    await self._chain.connect()
                except StardustError as error:
                    self._problem = str(error)
                    raise
        self._problem = None
        self._news.set()

    async def _events(self) -> None:
        while True:
            try:
                async for event in self._chain.events():
                    await self._guarded(self._on_event(event))
            except StardustError as error:
                log.warning("chain events stopped", problem=str(error))
            await asyncio.sleep(1)

    async def _look(self) -> None:
        was_connected = False
        while True:
            status = self.status()
            self._tell(status)
            if status.connected and (self._again or not was_connected):
                self._again = False
                await self._guarded(self._on_ready())
                self._followed.set()
            if not status.connected:
                self._followed.clear()
            was_connected = status.connected
            if status.connected and self.present:
                await self._beat(status)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._news.wait()
            self._news.clear()

    def _tell(self, status: ChainStatus) -> None:
        seen = (status.connected, status.node, status.genesis, status.spec_version, status.problem)
        if seen == self._told:
            return
        self._told = seen
        self._on_state(status)
        # A problem whose numbers grow is logged once.
        problem = _NUMBER.sub("#", status.problem or "")
        if (kind := (*seen[:-1], problem)) != self._logged:
            self._logged = kind
            log.info("chain", connected=status.connected, node=status.node, problem=status.problem)

    async def _beat(self, status: ChainStatus) -> None:
        block = status.head.number if status.head else 0
        now = asyncio.get_running_loop().time()
        if self._beat_at is not None:
            early = now - self._beat_at < HEARTBEAT_GAP
            soon = now - self._beat_at < HEARTBEAT_SECONDS and block - self._beat_block < HEARTBEAT_BLOCKS
            if early or soon:
                return
        self._beat_at, self._beat_block = now, block
        try:
            receipt = await self._chain.heartbeat()
            self._beat_block = receipt.block
        except StardustError as error:
            log.warning("no heartbeat", problem=str(error))

    async def _guarded(self, work: Awaitable[None]) -> None:
        """A failure in the middle of news is logged; the news go on."""
        try:
            await work
        except StardustError as error:
            log.warning("news from the chain were not followed", problem=str(error))
        except Exception:
            log.exception("news from the chain failed unexpectedly")
