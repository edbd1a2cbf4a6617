"""Runs the delivery engine: links and time go in, frames and news come out.

The engine works on the store's thread; its effects are carried out on the event loop
in their order, because the thread hands each outcome over before it begins the next call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final

import structlog

from stardust.daemon import clock
from stardust.daemon.journal import Journal, News
from stardust.daemon.sender import Sender
from stardust.daemon.store_thread import StoreThread
from stardust.delivery.engine import DeliveryEngine
from stardust.delivery.events import Effect, Now, Outcome, SendFrame, Submission
from stardust.errors import StardustError
from stardust.link.port import FrameReceived, LinkClosed, LinkEvent, LinkOpened, Links
from stardust.wire.ids import DeviceId

MAX_PILED_UP: Final = 4 * 1024 * 1024
"""Bytes of frames taken from the network and not handed to the engine yet."""
FRAMES_AT_ONCE: Final = 256
RETRY_AFTER: Final = 1.0
"""Seconds until the engine is called again after it failed (a full disk, say)."""

log = structlog.get_logger(__name__)

EngineCall = Callable[[Now], Outcome]
Transaction = Callable[[], AbstractContextManager[None]]


class DeliveryRunner:
    """On the event loop ``on_effect`` hears of everything but frames to send, ``on_commit`` what the
    journal holds after a call, ``on_failure`` of calls that nobody waited for (None: all is well
    again). ``on_rollback`` runs on the store's thread."""

    def __init__(
        self,
        thread: StoreThread,
        engine: DeliveryEngine,
        links: Links,
        journal: Journal,
        *,
        on_effect: Callable[[Effect], None],
        on_commit: Callable[[Sequence[News]], None],
        on_rollback: Callable[[], None],
        on_failure: Callable[[StardustError | None], None],
    ) -> None:
        self._thread = thread
        self._engine = engine
        self._links = links
        self._journal = journal
        self._on_effect = on_effect
        self._on_commit = on_commit
        self._on_rollback = on_rollback
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._senders: dict[DeviceId, Sender] = {}
        self._piled_up: dict[DeviceId, list[bytes]] = {}
        self._size = 0
        self._room = asyncio.Event()
        self._room.set()
        self._draining: asyncio.Task[None] | None = None
        self._ticking: asyncio.Task[None] | None = None

    # calls
    async def submit(
        self, submissions: Sequence[Submission], record: Callable[[], None] | None = None
    ) -> None:
        """Queues items durably, with ``record`` in the same transaction; raises what stood in the way."""
        await self.call(lambda now: self._engine.submit(now, submissions, record))

    async def withdraw(self, device: DeviceId) -> None:
        await self.call(lambda now: self._engine.withdraw(now, device))

    async def trust_changed(self, device: DeviceId) -> None:
        await self.call(lambda now: self._engine.trust_changed(now, device))

    async def waiting(self) -> tuple[DeviceId, ...]:
        return await self._thread.run(self._engine.waiting)

    async def call(self, work: EngineCall) -> None:
        """Runs ``work`` on the store's thread; its effects are carried out when this returns."""
        await self._thread.run(self._work, work)

    def _work(self, work: EngineCall) -> None:
        try:
            outcome = work(clock.now())
        except Exception:
            self._journal.take()
            self._on_rollback()
            self._loop.call_soon_threadsafe(self._sleep_until, self._loop.time() + RETRY_AFTER)
            raise
        self._loop.call_soon_threadsafe(self._carry_out, outcome, self._journal.take())

    async def write(self, work: Callable[[], None], transaction: Transaction) -> None:
        """A change of the database that has nothing to send."""
        await self._thread.run(self._write, work, transaction)

    def _write(self, work: Callable[[], None], transaction: Transaction) -> None:
        try:
            with transaction():
                work()
        except Exception:
            self._journal.take()
            self._on_rollback()
            raise
        self._loop.call_soon_threadsafe(self._on_commit, self._journal.take())

    # links
    async def link_event(self, event: LinkEvent) -> None:
        """Takes what happened on a link; waits while too much has piled up."""
        match event:
            case LinkOpened(device=device):
                self._end_link(device)
                self._senders[device] = Sender(self._links, device)
                await self._quietly(lambda now: self._engine.link_opened(now, device))
            case LinkClosed(device=device):
                self._end_link(device)
                await self._quietly(lambda now: self._engine.link_closed(now, device))
            case FrameReceived(device=device, frame=frame):
                self._piled_up.setdefault(device, []).append(frame)
                self._size += len(frame)
                if self._size > MAX_PILED_UP:
                    self._room.clear()
                if self._draining is None:
                    self._draining = asyncio.create_task(self._drain(), name="frames")
                await self._room.wait()

    async def _drain(self) -> None:
        try:
            while self._piled_up:
                device = next(iter(self._piled_up))
                await self._hand_over(device, self._take(device))
        finally:
            self._draining = None

    def _take(self, device: DeviceId) -> list[bytes]:
        waiting = self._piled_up.pop(device)
        frames, rest = waiting[:FRAMES_AT_ONCE], waiting[FRAMES_AT_ONCE:]
        if rest:
            self._piled_up[device] = rest
        self._shrink(frames)
        return frames

    def _shrink(self, frames: list[bytes]) -> None:
        self._size -= sum(map(len, frames))
        if self._size <= MAX_PILED_UP:
            self._room.set()

    async def _hand_over(self, device: DeviceId, frames: list[bytes]) -> None:
        await self._quietly(lambda now: self._engine.frames_received(now, device, frames))

    def _end_link(self, device: DeviceId) -> None:
        """Frames of a former link must not reach the engine, nor go out on the next one."""
        sender = self._senders.pop(device, None)
        if sender is not None:
            sender.close()
        self._shrink(self._piled_up.pop(device, []))

    # effects and time
    def _carry_out(self, outcome: Outcome, news: Sequence[News]) -> None:
        for effect in outcome.effects:
            if isinstance(effect, SendFrame):
                sender = self._senders.get(effect.device)
                if sender is not None:
                    sender.put(effect.frame)
            else:
                self._on_effect(effect)
        self._on_commit(news)
        self._on_failure(None)
        self._sleep_until(outcome.deadline)

    def _sleep_until(self, deadline: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if deadline is None else self._loop.call_at(deadline, self._tick)

    def _tick(self) -> None:
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._quietly(self._engine.tick), name="tick")

    async def _quietly(self, work: EngineCall) -> None:
        """For calls that nobody waits for: the engine comes back to them by itself."""
        try:
            await self.call(work)
        except StardustError as error:
            log.error("delivery stands still", problem=str(error))
            self._on_failure(error)
        except Exception:
            log.exception("delivery failed unexpectedly")
            self._on_failure(StardustError("Messages cannot be stored now.", hint="see the daemon's log"))

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        tasks = [task for task in (self._draining, self._ticking) if task is not None]
        for sender in self._senders.values():
            tasks.append(sender.close())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._senders.clear()
