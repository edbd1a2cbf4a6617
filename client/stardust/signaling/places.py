"""Where this device's signals go in one kind of store, and where it listens there. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from stardust.errors import UntrustedError
from stardust.identity.devices import DeviceKeys
from stardust.signaling.topics import (
    PING_SLOT,
    SLOTS,
    PairKeys,
    channel,
    epoch_of,
    epochs_of,
    first_contact_topic,
    own_topic,
    pair_topic,
)
from stardust.wire.ids import DeviceId

MAX_PEERS: Final = 4_096


@dataclass(frozen=True, slots=True)
class Place:
    """Of one outgoing signal or beat; 32 bytes each. The last topic is the device's own."""

    channel: bytes
    topics: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Topics to listen to."""

    own: frozenset[bytes]
    first: frozenset[bytes]
    """Of first contact."""
    pairs: frozenset[bytes]
    beats: frozenset[bytes] = frozenset()

    def groups(self, size: int, besides: Collection[bytes] = ()) -> list[frozenset[bytes]]:
        """What to subscribe to together, at most ``size`` topics each, without what is heard already.

        First contact by itself, so that a flood of strangers does not push out what contacts send, and
        beats, so that they do not push out signals; the own topics in each, so that silence is noticed
        in each.
        """
        room = size - len(self.own)
        groups = [] if self.first <= set(besides) else [self.first]
        for topics in (self.pairs, self.beats):
            left = iter(sorted(topics.difference(besides)))
            while group := frozenset(islice(left, room)):
                groups.append(group)
        return [group | self.own for group in groups]


class Places:
    """``secret``: 32 random bytes of this process and ``store``, which is the name of the transport."""

    def __init__(self, keys: DeviceKeys, genesis: bytes, secret: bytes, store: str) -> None:
        self._me = keys.device
        self._store = store
        self._genesis = genesis
        self._secret = secret
        self._keys = PairKeys(keys, genesis)
        self._slots: OrderedDict[tuple[DeviceId, bool], int] = OrderedDict()
        self._senders: dict[bytes, DeviceId] = {}
        self._first: frozenset[bytes] = frozenset()

    def outgoing(self, to: DeviceId, *, known: bool, now: float, ping: bool = False) -> Place:
        """``UntrustedError`` when ``to`` is no valid key."""
        epoch, slot = epoch_of(now), PING_SLOT if ping else self._next_slot(to, known)
        if known:
            key = self._keys.of(to)
            topic = pair_topic(key, to, epoch, self._store)
        else:
            key = self._secret
            topic = first_contact_topic(self._genesis, to, epoch, self._store)
        place = channel(key, to, epoch, slot, self._store)
        return Place(place, (topic, own_topic(self._secret, epoch)))

    def beat(self, topic: bytes, channel: bytes, now: float) -> Place:
        """Where a beat goes, so that it is seen to come back like everything else."""
        return Place(channel, (topic, own_topic(self._secret, epoch_of(now))))

    def _next_slot(self, to: DeviceId, known: bool) -> int:
        slot = self._slots.pop((to, known), 0)
        self._slots[to, known] = (slot + 1) % SLOTS
        if len(self._slots) > MAX_PEERS:
            self._slots.popitem(last=False)
        return slot

    def meet(self, device: DeviceId) -> bool:
        """Computes the key of the pair, which takes a tenth of a millisecond; False when there is none."""
        try:
            self._keys.of(device)
        except UntrustedError:
            return False
        return True

    def listen(self, devices: Iterable[DeviceId], now: float) -> Wanted:
        """For signals of ``devices`` (that were met) and of strangers. What ``sender`` tells follows this."""
        epochs = epochs_of(now)
        self._senders = {
            pair_topic(key, self._me, epoch, self._store): device
            for device in devices
            for key in (self._keys.of(device),)
            for epoch in epochs
        }
        self._first = frozenset(
            first_contact_topic(self._genesis, self._me, epoch, self._store) for epoch in epochs
        )
        own = frozenset(own_topic(self._secret, epoch) for epoch in epochs)
        return Wanted(own, self._first, frozenset(self._senders))

    def sender(self, topics: Iterable[bytes]) -> DeviceId | None:
        """Whose pair topic one of ``topics`` is; None on a topic of first contact. ``UntrustedError`` when
        none of them is listened to."""
        topics = tuple(topics)
        for topic in topics:
            if topic in self._senders:
                return self._senders[topic]
        if self._first.isdisjoint(topics):
            raise UntrustedError("A statement is under none of the topics that were asked for.")
        return None
