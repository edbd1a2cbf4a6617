"""All links of this device: who may connect, how many, and when to try again."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from typing import Final

import structlog

from stardust.errors import DecodeError
from stardust.identity.records import CertifiedDevice
from stardust.link.backlog import Backlog
from stardust.link.engine import Engine
from stardust.link.peer import PeerLink
from stardust.link.port import FrameReceived, LinkAsked, LinkEvent, LinkQuality, LinkState
from stardust.signaling.port import ReceivedSignal, Signaling
from stardust.wire.descriptions import ANSWER, OFFER
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.signals import SignalKind

MAX_LINKS: Final = 64
MAX_ATTEMPTS: Final = 8
"""Under way at the same time; each costs a tenth of a second of CPU."""
TICK_S: Final = 0.5
MAX_SHUNNED: Final = 1024

log = structlog.get_logger(__name__)


class LinkManager:
    """Keeps the interface ``Links``. ``start`` once there is an event loop.

    ``acceptable`` says whether an offer of this account and device may be answered;
    ``relay_only`` whether the device must not learn our address.
    """

    def __init__(
        self,
        me: DeviceId,
        signaling: Signaling,
        engine: Engine,
        *,
        acceptable: Callable[[AccountId, DeviceId], bool],
        relay_only: Callable[[AccountId], bool] = lambda _: False,
    ) -> None:
        self._me = me
        self._signaling = signaling
        self._engine = engine
        self._acceptable = acceptable
        self._relay_only = relay_only
        self._peers: dict[DeviceId, PeerLink] = {}
        self._shunned: OrderedDict[DeviceId, float] = OrderedDict()
        """Until when; monotonic seconds."""
        self._events: asyncio.Queue[LinkEvent] = asyncio.Queue()
        self._backlog = Backlog()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Answers offers and keeps time from now on."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._listen(), name="link-signals"),
                asyncio.create_task(self._keep_time(), name="link-time"),
            ]

    async def prepare(self) -> None:
        await self._engine.prepare()

    async def want(self, device: CertifiedDevice, *, urgent: bool = True) -> None:
        self._peer(device).ask(self._shunned.get(device.record.device, 0.0), urgent=urgent)
        self._start_due(time.monotonic())

    async def unwant(self, device: DeviceId) -> None:
        peer = self._peers.pop(device, None)
        if peer is not None:
            await peer.close("not needed any more")

    def shun(self, device: DeviceId, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._shunned[device] = until
        self._shunned.move_to_end(device)
        if len(self._shunned) > MAX_SHUNNED:
            self._shunned.popitem(last=False)
        peer = self._peers.get(device)
        if peer is not None:
            peer.end("the other device misbehaved", until)

    async def send(self, device: DeviceId, frame: bytes) -> bool:
        peer = self._peers.get(device)
        return peer is not None and await peer.send(frame)

    def state(self, device: DeviceId) -> LinkState:
        peer = self._peers.get(device)
        return LinkState.IDLE if peer is None else peer.state

    def quality(self, device: DeviceId) -> LinkQuality | None:
        peer = self._peers.get(device)
        return None if peer is None else peer.quality()

    async def events(self) -> AsyncIterator[LinkEvent]:
        while True:
            event = await self._events.get()
            if isinstance(event, FrameReceived):
                self._backlog.taken(event.device, event.frame)
            yield event

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await asyncio.gather(*(peer.close("this device goes offline") for peer in self._peers.values()))
        self._peers.clear()

    def _peer(self, device: CertifiedDevice) -> PeerLink:
        known = self._peers.get(device.record.device)
        if known is not None:
            known.device = device
            return known
        self._make_room()
        peer = PeerLink(
            self._me,
            device,
            self._engine,
            self._signaling.send,
            self._events.put_nowait,
            self._backlog,
            relay_only=self._relay_only(device.account),
        )
        self._peers[peer.id] = peer
        return peer

    def _make_room(self) -> None:
        """Drops the link that nobody wants and that was quiet longest; else the quietest."""
        if len(self._peers) < MAX_LINKS:
            return
        quietest = min(self._peers.values(), key=lambda peer: (peer.wanted, peer.active_at))
        del self._peers[quietest.id]
        closing = asyncio.ensure_future(quietest.close("too many links"))
        self._tasks.append(closing)
        closing.add_done_callback(self._tasks.remove)

    async def _listen(self) -> None:
        async for signal in self._signaling.received():
            try:
                self._take(signal)
            except DecodeError as error:
                log.info("a signal was dropped", device=signal.device.record.device.hex(), reason=str(error))

    def _take(self, signal: ReceivedSignal) -> None:
        device = signal.device.record.device
        shunned = self._shunned.get(device, 0.0) > time.monotonic()
        if shunned or not self._acceptable(signal.account, device):
            log.info("a signal was not taken", device=device.hex(), shunned=shunned)
            return
        if signal.kind is SignalKind.OFFER:
            offer = OFFER.decode(signal.payload)
            self._peer(signal.device).offered(offer)
        elif signal.kind is SignalKind.ANSWER:
            answer = ANSWER.decode(signal.payload)
            peer = self._peers.get(device)
            if peer is not None:
                peer.answered(answer)
        elif signal.kind is SignalKind.PING:
            self._events.put_nowait(LinkAsked(signal.device))

    async def _keep_time(self) -> None:
        while True:
            now = time.monotonic()
            for peer in tuple(self._peers.values()):
                peer.tick(now)
            self._start_due(now)
            await asyncio.sleep(TICK_S)

    def _start_due(self, now: float) -> None:
        under_way = sum(peer.busy for peer in self._peers.values())
        due = [peer for peer in self._peers.values() if peer.retry_at is not None and peer.retry_at <= now]
        for peer in due[: max(0, MAX_ATTEMPTS - under_way)]:
            peer.connect()
