"""A link as the layers above see it. A relay route would keep the same interface."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from stardust.identity.records import CertifiedDevice
from stardust.wire.ids import DeviceId


class LinkState(StrEnum):
    IDLE = "idle"
    CONNECTING = "connecting"
    OPEN = "open"
    WAITING = "waiting"
    """Between two attempts."""
    FAILED = "failed"
    """Gave up until somebody asks again."""


@dataclass(frozen=True, slots=True)
class LinkOpened:
    device: DeviceId
    route: str
    """``direct`` or ``relay`` (TURN), from the selected candidate pair."""
    setup_ms: float


@dataclass(frozen=True, slots=True)
class LinkClosed:
    device: DeviceId
    reason: str


@dataclass(frozen=True, slots=True)
class FrameReceived:
    device: DeviceId
    frame: bytes


@dataclass(frozen=True, slots=True)
class LinkStateChanged:
    device: DeviceId
    state: LinkState
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LinkAsked:
    """A device has something for this one, and could not reach it."""

    device: CertifiedDevice


LinkEvent = LinkOpened | LinkClosed | FrameReceived | LinkStateChanged | LinkAsked


@dataclass(frozen=True, slots=True)
class LinkQuality:
    rtt_ms: float | None
    bytes_sent: int
    bytes_received: int
    opened_ms_ago: float


class Links(Protocol):
    """The pool of links of this device."""

    async def prepare(self) -> None:
        """A link is likely to be wanted soon: loads what it takes, off the event loop."""
        ...

    async def want(self, device: CertifiedDevice, *, urgent: bool = True) -> None:
        """Keep a link to ``device`` (connect now if there is none; reconnect while wanted). ``urgent``:
        somebody waits for it, so that it may cost something."""
        ...

    async def unwant(self, device: DeviceId) -> None: ...

    def shun(self, device: DeviceId, seconds: float) -> None:
        """Ends the link to ``device``, and makes none with it for so long, whoever wants it."""
        ...

    async def send(self, device: DeviceId, frame: bytes) -> bool:
        """Hands a frame (at most 64 KiB) to an open link, waiting while its buffer is full.
        False when there is no open link. Delivery is confirmed by the layer above only."""
        ...

    def state(self, device: DeviceId) -> LinkState: ...

    def quality(self, device: DeviceId) -> LinkQuality | None: ...

    def events(self) -> AsyncIterator[LinkEvent]:
        """Everything that happens on all links, in order for each device. One consumer.
        Backpressure: while it is not read, frames stop being taken from the network."""
        ...

    async def close(self) -> None: ...
