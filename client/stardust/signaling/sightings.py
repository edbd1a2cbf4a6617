"""Which devices are there, by their beats. Pure: times in, changes out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection

from stardust.signaling.beats import GONE_AFTER_S
from stardust.wire.ids import DeviceId
from stardust.wire.presence import Beat


class Sightings:
    """Of at most as many devices as are followed. ``now`` in monotonic seconds."""

    def __init__(self) -> None:
        self._last: dict[DeviceId, int] = {}
        """``at`` of the latest beat."""
        self._here: OrderedDict[DeviceId, float] = OrderedDict()
        """Until when without a further beat; the earliest first."""

    def beat(self, device: DeviceId, beat: Beat, now: float) -> bool:
        """Whether the device came or went by it. What is not later than the last beat changes nothing."""
        if beat.at <= self._last.get(device, -1):
            return False
        self._last[device] = beat.at
        was_here = self._here.pop(device, None) is not None
        if beat.state == "here":
            self._here[device] = now + GONE_AFTER_S
        return was_here != (beat.state == "here")

    def here(self, device: DeviceId) -> bool:
        return device in self._here

    @property
    def deadline(self) -> float | None:
        """When the next one is gone unless it is heard."""
        return next(iter(self._here.values()), None)

    def silent(self, now: float) -> list[DeviceId]:
        """Devices that were not heard in time, and are gone by that."""
        gone = []
        while (deadline := self.deadline) is not None and deadline <= now:
            gone.append(self._here.popitem(last=False)[0])
        return gone

    def keep(self, devices: Collection[DeviceId]) -> list[DeviceId]:
        """Forgets all others; those that were there."""
        for device in self._last.keys() - devices:
            del self._last[device]
        forgotten = [device for device in self._here if device not in devices]
        for device in forgotten:
            del self._here[device]
        return forgotten
