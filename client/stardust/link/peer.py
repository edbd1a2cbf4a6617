"""One peer device: runs what its negotiation and heartbeat decide, on an engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from nacl.utils import random

from stardust.errors import DecodeError, StardustError
from stardust.identity.records import CertifiedDevice
from stardust.link import framing
from stardust.link.engine import Callbacks, Connection, Engine
from stardust.link.heartbeat import GiveUp, Heartbeat, SendPing
from stardust.link.negotiation import (
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

MAX_PENDING_FRAMES: Final = 1024
"""Received and not yet taken by the layer above, whose window is far smaller."""

log = structlog.get_logger(__name__)


class SendSignal(Protocol):
    """``Signaling.send``."""

    async def __call__(
        self, to: CertifiedDevice, kind: SignalKind, payload: bytes, *, urgent: bool = False
    ) -> None: ...


@dataclass(slots=True)
class _Open:
    """Figures of the open connection."""

    since: float
    route: str
    sent: int = 0
    received: int = 0


class PeerLink:
    """``tell`` takes events for the layer above; ``pending`` counts frames that it has not taken."""

    def __init__(
        self,
        me: DeviceId,
        device: CertifiedDevice,
        engine: Engine,
        signal: SendSignal,
        tell: Callable[[LinkEvent], None],
        *,
        relay_only: bool,
    ) -> None:
        self.device = device
        self.id = device.record.device
        self.wanted = self._urgent = False
        self.pending = 0
        self.retry_at: float | None = None
        self.active_at = time.monotonic()
        self._engine, self._signal, self._tell, self._relay_only = engine, signal, tell, relay_only
        self._negotiation = Negotiation(me, self.id)
        self._reconnect = Reconnect()
        self._heartbeat: Heartbeat | None = None
        self._connections: dict[bytes, Connection] = {}
        self._opened_routes: dict[bytes, str] = {}
        self._began: float | None = None
        self._offers = 0
        """Made since the link was open last."""
        self._open: _Open | None = None
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
        if self._open is None or self._heartbeat is None:
            return None
        rtt = self._heartbeat.rtt_s
        return LinkQuality(
            rtt_ms=None if rtt is None else rtt * 1000,
            bytes_sent=self._open.sent,
            bytes_received=self._open.received,
            opened_ms_ago=(time.monotonic() - self._open.since) * 1000,
        )

    def connect(self) -> None:
        """An attempt now, unless one is under way or the link is open."""
        self.retry_at = None
        now = time.monotonic()
        if self._negotiation.phase is Phase.IDLE:
            self._began = now
        self._run(self._negotiation.connect(random(8), now))

    def ask(self, *, urgent: bool) -> None:
        """The link is wanted: what had given up starts anew. ``urgent``: somebody waits for it."""
        self.wanted, self._urgent = True, urgent
        if self._negotiation.phase is Phase.IDLE:
            self._reconnect = Reconnect()
            self.retry_at = time.monotonic()

    def offered(self, offer: Offer) -> None:
        if self._negotiation.phase is not Phase.OPEN:
            self._began = time.monotonic()
        self._run(self._negotiation.offer(offer.attempt, offer.description, time.monotonic()))

    def answered(self, answer: Answer) -> None:
        self._run(self._negotiation.answer(answer.attempt, answer.description, time.monotonic()))

    def tick(self, now: float) -> None:
        """At least each second."""
        self._run(self._negotiation.tick(now))
        if self._heartbeat is not None:
            match self._heartbeat.tick(now):
                case SendPing(number):
                    self._spawn(self._send_control(framing.Ping(number)))
                case GiveUp(reason):
                    self._run(self._negotiation.lost(self._negotiation.attempt, reason))

    async def send(self, payload: bytes) -> bool:
        connection = self._connections.get(self._negotiation.attempt)
        if self._open is None or connection is None:
            return False
        try:
            await connection.send(framing.frame(payload))
        except StardustError:
            return False
        self.active_at = time.monotonic()
        if self._open is not None:
            self._open.sent += len(payload)
        return True

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
                    self._change(LinkState.CONNECTING)
                    self._spawn(self._guard(attempt, self._make_offer(attempt)))
                case MakeAnswer(attempt, description):
                    if self._open is None:
                        self._change(LinkState.CONNECTING)
                    self._spawn(self._guard(attempt, self._make_answer(attempt, description)))
                case TakeAnswer(attempt, description):
                    self._spawn(self._guard(attempt, self._take_answer(attempt, description)))
                case Drop(attempt):
                    connection = self._connections.pop(attempt, None)
                    if connection is not None:
                        self._spawn(connection.close())
                case Opened(attempt):
                    self._note_open(self._opened_routes.pop(attempt, "direct"))
                case Closed(reason, was_open):
                    self._note_closed(reason, was_open)
                case TryNow():
                    if self.wanted:
                        self.retry_at = time.monotonic()

    async def _guard(self, attempt: bytes, work: Awaitable[None]) -> None:
        """What fails in an attempt ends the attempt, with the reason."""
        try:
            await work
        except StardustError as error:
            self._run(self._negotiation.lost(attempt, str(error)))
        except Exception:
            if attempt not in self._connections:  # dropped meanwhile: its connection was closed under it
                return
            log.exception("a connection attempt failed unexpectedly")
            self._run(self._negotiation.lost(attempt, "an unexpected fault; see the log"))

    async def _make_offer(self, attempt: bytes) -> None:
        description = await self._connection(attempt).offer()
        urgent, self._offers = self._urgent and self._offers > 0, self._offers + 1
        await self._signal(self.device, SignalKind.OFFER, encode(Offer(attempt, description)), urgent=urgent)

    async def _make_answer(self, attempt: bytes, offer: Description) -> None:
        description = await self._connection(attempt).answer(offer)
        await self._signal(self.device, SignalKind.ANSWER, encode(Answer(attempt, description)))

    async def _take_answer(self, attempt: bytes, answer: Description) -> None:
        connection = self._connections.get(attempt)
        if connection is not None:
            await connection.take_answer(answer)

    def _connection(self, attempt: bytes) -> Connection:
        callbacks = Callbacks(
            opened=lambda route: self._channel_open(attempt, route),
            message=lambda message: self._message(attempt, message),
            lost=lambda reason: self._run(self._negotiation.lost(attempt, reason)),
        )
        connection = self._engine.connection(callbacks, relay_only=self._relay_only)
        self._connections[attempt] = connection
        return connection

    def _channel_open(self, attempt: bytes, route: str) -> None:
        self._opened_routes = {attempt: route}
        self._run(self._negotiation.opened(attempt))

    def _note_open(self, route: str) -> None:
        now = time.monotonic()
        if self._open is not None:  # a new connection took the place of the old one
            self._tell(LinkClosed(self.id, "the other device connected anew"))
        self._heartbeat = Heartbeat(last_heard=now)
        self._open = _Open(now, route)
        self.active_at = now
        self._reconnect.opened()
        self._offers = 0
        self.retry_at = None
        self._change(LinkState.OPEN)
        self._tell(LinkOpened(self.id, route, (now - (self._began or now)) * 1000))
        self._began = None

    def _note_closed(self, reason: str, was_open: bool) -> None:
        now = time.monotonic()
        if self._open is not None:
            self._open = self._heartbeat = None
            self._tell(LinkClosed(self.id, reason))
        if not self.wanted:
            self._change(LinkState.IDLE, reason)
            return
        if was_open:
            self._reconnect.opened()
        delay = self._reconnect.failed(int.from_bytes(random(4), "big") / 2**32)
        self.retry_at = None if delay is None else now + delay
        self._change(LinkState.FAILED if delay is None else LinkState.WAITING, reason)

    def _message(self, attempt: bytes, message: bytes) -> None:
        if attempt != self._negotiation.attempt or self._heartbeat is None or self._open is None:
            return
        now = time.monotonic()
        self._heartbeat.heard(now)
        try:
            word = framing.parse(message)
        except DecodeError as error:
            self._run(self._negotiation.lost(attempt, str(error)))
            return
        match word:
            case framing.Ping(number):
                self._spawn(self._send_control(framing.Pong(number)))
            case framing.Pong(number):
                self._heartbeat.pong(number, now)
            case bytes():
                self._frame(attempt, word, now)

    def _frame(self, attempt: bytes, payload: bytes, now: float) -> None:
        if self.pending >= MAX_PENDING_FRAMES:
            self._run(
                self._negotiation.lost(attempt, "the other device sends faster than this one can store")
            )
            return
        if self._open is not None:
            self._open.received += len(payload)
        self.active_at = now
        self.pending += 1
        self._tell(FrameReceived(self.id, payload))

    async def _send_control(self, word: framing.Ping | framing.Pong) -> None:
        connection = self._connections.get(self._negotiation.attempt)
        if connection is not None:
            try:
                await connection.send(framing.control(word))
            except StardustError as error:
                log.debug("no heartbeat could be sent", reason=str(error))

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
