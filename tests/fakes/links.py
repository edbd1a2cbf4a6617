"""``Links`` between daemons in one process: a switchboard in place of WebRTC."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from stardust.identity.records import CertifiedDevice
from stardust.link.port import (
    FrameReceived,
    LinkAsked,
    LinkClosed,
    LinkEvent,
    LinkOpened,
    LinkQuality,
    LinkState,
    LinkStateChanged,
)
from stardust.wire.ids import DeviceId


@dataclass
class Switchboard:
    """Joins the links of devices that are there and not cut off."""

    present: dict[DeviceId, FakeLinks] = field(default_factory=dict)
    cut: set[DeviceId] = field(default_factory=set)
    patient: bool = True
    """Links that cannot be made are tried until they can; otherwise once."""

    def can_reach(self, one: DeviceId, other: DeviceId) -> FakeLinks | None:
        return None if {one, other} & self.cut else self.present.get(other)

    def cut_off(self, device: DeviceId) -> None:
        """The device loses its network; its links break."""
        self.cut.add(device)
        links = self.present.get(device)
        for other in tuple(links.open if links else ()):
            self.present[device].drop(other)

    def reconnect(self, device: DeviceId) -> None:
        self.cut.discard(device)
        self.try_all()

    def try_all(self) -> None:
        for links in tuple(self.present.values()):
            links.try_all()


class FakeLinks:
    """One device's pool. A wanted link opens as soon as the other side is there."""

    def __init__(self, board: Switchboard, device: DeviceId) -> None:
        self._board = board
        self.device = device
        self._events: asyncio.Queue[LinkEvent | None] = asyncio.Queue()
        self._wanted: set[DeviceId] = set()
        self.shunned: set[DeviceId] = set()
        self.open: set[DeviceId] = set()
        self.asked: list[tuple[DeviceId, bool]] = []
        """Devices to which a link was wanted, and whether it was urgent."""
        board.present[device] = self
        board.try_all()

    async def prepare(self) -> None:
        pass

    async def want(self, device: CertifiedDevice, *, urgent: bool = True) -> None:
        self.asked.append((device.record.device, urgent))
        self._wanted.add(device.record.device)
        self._try(device.record.device)

    async def unwant(self, device: DeviceId) -> None:
        self._wanted.discard(device)
        self.drop(device)

    def shun(self, device: DeviceId, seconds: float) -> None:
        """For as long as the test lasts."""
        self.shunned.add(device)
        self.drop(device)

    def try_all(self) -> None:
        for device in tuple(self._wanted):
            self._try(device)

    def _try(self, device: DeviceId) -> None:
        other = self._board.can_reach(self.device, device)
        if device in self.open:
            return
        if other is None and not self._board.patient:
            self._wanted.discard(device)
            self._events.put_nowait(LinkStateChanged(device, LinkState.FAILED, "nobody answers"))
            return
        if other is None or device in self.shunned or self.device in other.shunned:
            self._events.put_nowait(LinkStateChanged(device, LinkState.WAITING, "nobody answers"))
            return
        self._opened(device)
        other._opened(self.device)

    def _opened(self, device: DeviceId) -> None:
        self.open.add(device)
        self._events.put_nowait(LinkOpened(device, "direct", 1.0))

    def drop(self, device: DeviceId) -> None:
        if not self._board.patient:
            self._wanted.discard(device)
        if device in self.open:
            self.open.discard(device)
            self._events.put_nowait(LinkClosed(device, "cut"))
            other = self._board.present.get(device)
            if other is not None:
                other.drop(self.device)

    def asked_by(self, device: CertifiedDevice) -> None:
        """A ping of that device came."""
        self._events.put_nowait(LinkAsked(device))

    async def send(self, device: DeviceId, frame: bytes) -> bool:
        await asyncio.sleep(0)
        other = self._board.can_reach(self.device, device)
        if device not in self.open or other is None:
            return False
        other._events.put_nowait(FrameReceived(self.device, frame))
        return True

    def state(self, device: DeviceId) -> LinkState:
        if device in self.open:
            return LinkState.OPEN
        return LinkState.WAITING if device in self._wanted else LinkState.IDLE

    def quality(self, device: DeviceId) -> LinkQuality | None:
        return LinkQuality(1.0, 0, 0, 0.0) if device in self.open else None

    async def events(self) -> AsyncIterator[LinkEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    async def close(self) -> None:
        for device in tuple(self.open):
            self.drop(device)
        self._board.present.pop(self.device, None)
        self._events.put_nowait(None)
