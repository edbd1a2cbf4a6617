"""What this device has in the statement store: signed, kept for nodes that come back, waited for."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from stardust.identity.devices import DeviceKeys
from stardust.signaling import statement
from stardust.signaling.envelope import CLOCK_TOLERANCE_S
from stardust.signaling.places import Place
from stardust.signaling.store_rpc import Outcome

MAX_OWN: Final = 64
"""What the allowance of a device has room for."""


@dataclass(slots=True, eq=False)
class Own:
    """A statement of this device. ``expires``: Unix seconds by this clock."""

    place: Place
    data: bytes
    expires: int
    encoded: bytes = b""
    digest: bytes = b""
    back: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it has come back."""


class OwnStatements:
    def __init__(self, keys: DeviceKeys, wall_clock: Callable[[], float]) -> None:
        self._keys, self._wall_clock = keys, wall_clock
        self._priorities = statement.Priorities()
        self._late_s = 0
        """Added to what expires, once a node said that it had already."""
        self._by_channel: OrderedDict[bytes, Own] = OrderedDict()
        self._not_back: dict[bytes, Own] = {}
        """By digest."""

    def sign(self, own: Own) -> None:
        """Anew, above what is known to stand in its channel."""
        channel, topics = own.place.channel, own.place.topics
        priority = self._priorities.next(channel, own.expires + self._late_s, self._wall_clock())
        self._not_back.pop(own.digest, None)
        own.encoded = statement.sign(self._keys, priority, channel, topics, own.data)
        own.digest = statement.digest_of(own.encoded)
        self._keep(own)
        self._not_back[own.digest] = own
        while len(self._not_back) > MAX_OWN:
            del self._not_back[next(iter(self._not_back))]

    def _keep(self, own: Own) -> None:
        """Until it expires, so that a node that comes back gets it again."""
        now = self._wall_clock()
        for channel in [channel for channel, one in self._by_channel.items() if one.expires < now]:
            del self._by_channel[channel]
        self._by_channel.pop(own.place.channel, None)
        self._by_channel[own.place.channel] = own
        if len(self._by_channel) > MAX_OWN:
            self._by_channel.popitem(last=False)

    def can_mend(self, own: Own, outcome: Outcome) -> bool:
        """Whether signing again helps against what a node refused it for."""
        longest = int(self._wall_clock()) + statement.LONGEST_S << 32
        if outcome.reason == "channelPriorityTooLow" and outcome.priority < longest:
            # Of before a restart, or before the clock was set back.
            self._priorities.raise_to(own.place.channel, outcome.priority)
            return True
        if outcome.reason == "alreadyExpired" and not self._late_s:
            self._late_s = CLOCK_TOLERANCE_S
            return True
        return False

    def came_back(self, digest: bytes) -> None:
        own = self._not_back.pop(digest, None)
        if own is not None:
            own.back.set()

    def is_newest(self, own: Own, digest: bytes) -> bool:
        """Whether what has that digest is still what stands in its channel."""
        return own.digest == digest and self._by_channel.get(own.place.channel) is own

    def alive(self) -> list[Own]:
        """What is still of use."""
        now = self._wall_clock()
        return [own for own in self._by_channel.values() if own.expires > now]
