"""What goes into the delivery engine and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from stardust.delivery.port import Failure, MessageState
from stardust.errors import LocalError
from stardust.wire.ids import DeviceId, MessageId
from stardust.wire.items import Item


@dataclass(frozen=True, slots=True)
class Now:
    """The time, from the caller's clocks."""

    monotonic: float
    """Seconds; all timers. Never goes back while the process lives."""
    wall: int
    """Unix time in milliseconds; expiry only. May jump."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One item for one device."""

    device: DeviceId
    item: Item = field(repr=False)
    message_id: MessageId | None = None
    """Under this id its states are told; None: nobody follows them."""
    expires: int | None = None
    """Unix time in milliseconds, after which it is not sent any more if it has not left yet."""


@dataclass(frozen=True, slots=True)
class SendFrame:
    """Hand these bytes to the open link of ``device``."""

    device: DeviceId
    frame: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Received:
    """Items that came for the first time, in order; the application has stored them."""

    device: DeviceId
    items: tuple[Item, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StateChanged:
    """As the application has stored it."""

    device: DeviceId
    message_ids: tuple[MessageId, ...]
    state: MessageState
    reason: Failure | None = None


@dataclass(frozen=True, slots=True)
class ItemsRefused:
    """The peer sent items that this version does not understand; the peer is told."""

    device: DeviceId
    count: int


@dataclass(frozen=True, slots=True)
class ItemsSkipped:
    """``Application.skipped``: they will never come."""

    device: DeviceId
    count: int


@dataclass(frozen=True, slots=True)
class KeysNotAccepted:
    """Nothing is sent to or taken from ``device`` until somebody accepts its keys (``trust_changed``)."""

    device: DeviceId


@dataclass(frozen=True, slots=True)
class DeviceDamaged:
    """What is stored for ``device`` is damaged. It stands still until its next link; the others go on."""

    device: DeviceId
    problem: str


@dataclass(frozen=True, slots=True)
class PeerMisbehaved:
    """The peer did what no honest one does, or more of it than allowed. Nothing was changed by it."""

    device: DeviceId
    reason: str


Effect = (
    SendFrame
    | Received
    | StateChanged
    | ItemsRefused
    | ItemsSkipped
    | KeysNotAccepted
    | DeviceDamaged
    | PeerMisbehaved
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call of the engine asks for. Everything it rests on is committed."""

    effects: tuple[Effect, ...]
    """To be carried out in this order."""
    deadline: float | None
    """Monotonic seconds at which ``tick`` is to be called at the latest, unless another call
    comes first; None: no need."""


@dataclass(slots=True)
class Step:
    """One call of the engine under way."""

    now: Now
    effects: list[Effect] = field(default_factory=list)

    def add(self, effect: Effect) -> None:
        self.effects.append(effect)

    def damaged(self, device: DeviceId, error: LocalError) -> None:
        """Told once; what was done for the device before stays done."""
        effect = DeviceDamaged(device, str(error))
        if effect not in self.effects:
            self.add(effect)
