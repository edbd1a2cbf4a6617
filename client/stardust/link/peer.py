"""One peer device: runs what its negotiation and heartbeat decide, on an engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

import structlog
from nacl.utils import random

from stardust.errors import DecodeError, StardustError
from stardust.identity.records import CertifiedDevice
from stardust.link.backlog import Backlog
from stardust.link.engine import Callbacks, Connection, Engine
from stardust.link.negotiation import (
    Broken,
    Closed,
    Drop,
    Effect,
    MakeAnswer,
    MakeOffer,
    Negotiation,
    Opened,
    Phase,
    TakeAnswer,
    TryNow,
)
from stardust.link.opened import OpenConnection
from stardust.link.port import (
    FrameReceived,
    LinkClosed,
    LinkEvent,
    LinkOpened,
    LinkQuality,
    LinkState,
    LinkStateChanged,
)
from stardust.link.reconnect import Reconnect
from stardust.wire.codec import encode
from stardust.wire.descriptions import Answer, Description, Offer
from stardust.wire.ids import DeviceId
from stardust.wire.signals import SignalKind

log = structlog.get_logger(__name__)


class SendSignal(Protocol):
    """``Signaling.send``."""

    async def __call__(
        self, to: CertifiedDevice, kind: SignalKind, payload: bytes, *, urgent: bool = False
    ) -> None: ...


class PeerLink:
    """``tell`` takes events for the layer above, ``backlog`` counts the frames among them until it
    has taken them."""

    def __init__(
        self,
        me: DeviceId,
        device: CertifiedDevice,
        engine: Engine,
        signal: SendSignal,
        tell: Callable[[LinkEvent], None],
        backlog: Backlog,
        *,
        relay_only: bool,
    ) -> None:
        self.device = device
        self.id = device.record.device
        self.wanted = self._urgent = False
        self.retry_at: float | None = None
        self.active_at = time.monotonic()
        self._engine, self._signal, self._tell, self._relay_only = engine, signal, tell, relay_only
        self._backlog = backlog
        self._negotiation = Negotiation(me, self.id)
        self._reconnect = Reconnect()
        self._connections: dict[bytes, Connection] = {}
        """Of the open attempt and of the one under way."""
        self._began: float | None = None
        self._offers = 0
        """Made since the link was open last."""
        self._open: OpenConnection | None = None
        self._route = "direct"
        self._state = LinkState.IDLE
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> LinkState:
        return self._state

    @property
    def busy(self) -> bool:
        """An attempt is under way."""
        return self._negotiation.phase in (Phase.OFFERING, Phase.CONNECTING)

    def quality(self) -> LinkQuality | None:
        return None if self._open is None else self._open.quality()

    def connect(self) -> None:
        """An attempt now, unless one is under way or the link is open."""
        self.retry_at = None
        now = time.monotonic()
        if self._negotiation.phase is Phase.IDLE:
            self._began = now
        self._run(self._negotiation.connect(random(8), now))

    def ask(self, not_before: float, *, urgent: bool) -> None:
        """The link is wanted: what had given up starts anew. ``urgent``: somebody waits for it."""
        self.wanted, self._urgent = True, urgent
        if self._negotiation.phase is Phase.IDLE:
            self._reconnect = Reconnect()
            self.retry_at = max(time.monotonic(), not_before)

    def offered(self, offer: Offer) -> None:
        if self._negotiation.phase is not Phase.OPEN:
            self._began = time.monotonic()
        self._run(self._negotiation.offer(offer.attempt, offer.description, time.monotonic()))

    def answered(self, answer: Answer) -> None:
        self._run(self._negotiation.answer(answer.attempt, answer.description, time.monotonic()))

    def tick(self, now: float) -> None:
        """At least each second."""
        self._run(self._negotiation.tick(now))
        if self._open is not None:
            reason = self._open.tick(now)
            if reason is not None:
                self._run(self._negotiation.lost(self._open.attempt, reason))

    async def send(self, payload: bytes) -> bool:
        connection = self._open
        if connection is None:
            return False
        try:
            await connection.send(payload)
        except StardustError:
            return False
        self.active_at = time.monotonic()
        return True

    def end(self, reason: str, retry_at: float) -> None:
        """Ends what is open and under way; if the link is wanted, another attempt follows at ``retry_at``."""
        self._run(self._negotiation.close(reason))
        if self.wanted:
            self.retry_at = retry_at

    async def close(self, reason: str) -> None:
        """Ends everything of this link and waits for it."""
        self.wanted = self._urgent = False
        self.retry_at = None
        self._run(self._negotiation.close(reason))
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # what the machines decide
    def _run(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case MakeOffer(attempt):
                    self._make(attempt, self._make_offer)
                case MakeAnswer(attempt, description):
                    self._make(attempt, partial(self._make_answer, offer=description))
                case TakeAnswer(attempt, description):
                    connection = self._connections.get(attempt)
                    if connection is not None:
                        self._spawn(self._guard(attempt, connection.take_answer(description)))
                case Drop(attempt):
                    dropped = self._connections.pop(attempt, None)
                    if dropped is not None:
                        self._spawn(dropped.close())
                case Opened(attempt):
                    self._note_open(attempt)
                case Closed(reason, was_open):
                    self._note_closed(reason, was_open)
                case Broken(reason):
                    self._end_open(reason)
                    self._change(LinkState.CONNECTING, reason)
                case TryNow():
                    if self.wanted:
                        self.retry_at = time.monotonic()

    def _make(self, attempt: bytes, work: Callable[[bytes, Connection], Awaitable[None]]) -> None:
        """The connection exists from here on, so that whatever drops the attempt finds it."""
        if self._open is None:
            self._change(LinkState.CONNECTING)
        callbacks = Callbacks(
            opened=lambda route: self._channel_open(attempt, route),
            message=lambda message: self._message(attempt, message),
            lost=lambda reason: self._run(self._negotiation.lost(attempt, reason)),
        )
        connection = self._engine.connection(callbacks, relay_only=self._relay_only)
        self._connections[attempt] = connection
        self._spawn(self._guard(attempt, work(attempt, connection)))

    async def _guard(self, attempt: bytes, work: Awaitable[None]) -> None:
        """What fails in an attempt ends the attempt, with the reason."""
        try:
            await work
        except StardustError as error:
            self._run(self._negotiation.lost(attempt, str(error)))
        except Exception:
            log.exception("a connection attempt failed unexpectedly")
            self._run(self._negotiation.lost(attempt, "an unexpected fault; see the log"))

    async def _make_offer(self, attempt: bytes, connection: Connection) -> None:
        offer = Offer(attempt, await connection.offer())
        urgent, self._offers = self._urgent and self._offers > 0, self._offers + 1
        await self._hand_over(attempt, SignalKind.OFFER, offer, urgent=urgent)

    async def _make_answer(self, attempt: bytes, connection: Connection, *, offer: Description) -> None:
        answer = Answer(attempt, await connection.answer(offer))
        await self._hand_over(attempt, SignalKind.ANSWER, answer, urgent=False)

    async def _hand_over(
        self, attempt: bytes, kind: SignalKind, what: Offer | Answer, *, urgent: bool
    ) -> None:
        if attempt not in self._connections:  # dropped meanwhile: nobody is to answer it
            return
        await self._signal(self.device, kind, encode(what), urgent=urgent)
        self._negotiation.handed_over(attempt, time.monotonic())

    def _channel_open(self, attempt: bytes, route: str) -> None:
        self._route = route
        self._run(self._negotiation.opened(attempt))

    def _note_open(self, attempt: bytes) -> None:
        now = time.monotonic()
        self._end_open("the other device connected anew")
        self._open = OpenConnection(attempt, self._connections[attempt], self._route, now)
        self.active_at = now
        self._reconnect.opened()
        self._offers = 0
        self.retry_at = None
        self._change(LinkState.OPEN)
        self._tell(LinkOpened(self.id, self._route, (now - (self._began or now)) * 1000))
        self._began = None

    def _end_open(self, reason: str) -> None:
        if self._open is not None:
            self._spawn(self._open.ended())
            self._open = None
            self._tell(LinkClosed(self.id, reason))

    def _note_closed(self, reason: str, was_open: bool) -> None:
        self._end_open(reason)
        if not self.wanted:
            self._change(LinkState.IDLE, reason)
            return
        if was_open:
            self._reconnect.opened()
        delay = self._reconnect.failed(int.from_bytes(random(4), "big") / 2**32)
        self.retry_at = None if delay is None else time.monotonic() + delay
        self._change(LinkState.FAILED if delay is None else LinkState.WAITING, reason)

    def _message(self, attempt: bytes, message: bytes) -> None:
        if self._open is None or self._open.attempt != attempt:
            return
        now = time.monotonic()
        try:
            word = self._open.message(message, now)
        except DecodeError as error:
            word = str(error)
        if isinstance(word, bytes):
            self.active_at = now
            if self._backlog.put(self.id, word):
                self._tell(FrameReceived(self.id, word))
                return
            word = "the other device sends faster than this one can store"
        if word is not None:
            self._run(self._negotiation.lost(attempt, word))

    def _change(self, state: LinkState, detail: str = "") -> None:
        if state is not self._state or detail:
            self._state = state
            self._tell(LinkStateChanged(self.id, state, detail))

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a link task failed", error=repr(task.exception()))
