"""Everything delivery keeps in memory for a device with an open link. All of it can be
read from the store again, except what the network will bring again."""

from __future__ import annotations

from dataclasses import dataclass, field

from stardust.delivery.clocks import PeerClock
from stardust.delivery.incoming import Incoming
from stardust.delivery.limits import Allowance
from stardust.delivery.outgoing import Outgoing
from stardust.delivery.timers import Backoff
from stardust.wire.ids import DeviceId


@dataclass(slots=True)
class Peer:
    device: DeviceId
    outgoing: Outgoing
    incoming: Incoming
    allowance: Allowance
    clock: PeerClock
    resume: Backoff = field(default_factory=lambda: Backoff(first=1.0, longest=30.0))
    """Repeats our ``Resume`` until the peer's has come."""
    resets: Backoff = field(default_factory=lambda: Backoff(first=1.0, longest=300.0))
    """Keeps ``Reset``s apart while nothing is acknowledged."""
    resets_in_vain: int = 0
    wake: float | None = None
    """When held frames may be opened again that waited for an allowance."""
    ack_due: bool = False
    ask_due: bool = False
    """Data came of a stream that the peer has not announced: ask where it stands."""

    def deadline(self) -> float | None:
        times = (self.resume.deadline, self.outgoing.deadline, self.wake)
        return min((time for time in times if time is not None), default=None)
