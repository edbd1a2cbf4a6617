"""Where a device leaves its envelopes and where it looks for those of others: topics and channels. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final

from nacl.utils import random

from stardust.errors import UntrustedError
from stardust.identity.devices import DeviceKeys
from stardust.signaling.topics import (
    SLOTS,
    PairKeys,
    channel,
    epoch_of,
    epochs_of,
    first_contact_topic,
    pair_topic,
)
from stardust.wire.ids import DeviceId

MAX_RECEIVERS: Final = 4_096
"""Whose next slot is remembered; who is forgotten begins with the first again."""


class Places:
    """Of one device, for one transport. ``now`` is Unix time in seconds throughout."""

    def __init__(self, keys: DeviceKeys, genesis: bytes) -> None:
        self._own = keys.device
        self._genesis = genesis
        self._pairs = PairKeys(keys, genesis)
        self._stranger = random(32)
        """Names the channels of first contact, so that nobody else can name one."""
        self._slots: OrderedDict[bytes, int] = OrderedDict()

    def next(self, to: DeviceId, now: float, *, known: bool) -> tuple[bytes, bytes]:
        """Topic and channel of the next envelope for ``to``; ``UntrustedError`` for an invalid key."""
        epoch = epoch_of(now)
        if known:
            key = self._pairs.of(to)
            topic = pair_topic(key, to, epoch)
        else:
            key = self._stranger
            topic = first_contact_topic(self._genesis, to, epoch)
        slot = self._slots.pop(topic, 0)
        self._slots[topic] = (slot + 1) % SLOTS
        if len(self._slots) > MAX_RECEIVERS:
            self._slots.popitem(last=False)
        return topic, channel(key, to, epoch, slot)

    def for_strangers(self, now: float) -> tuple[bytes, ...]:
        """The topics under which anybody can leave something for this device."""
        return tuple(first_contact_topic(self._genesis, self._own, epoch) for epoch in epochs_of(now))

    def of_pairs(
        self, devices: Iterable[DeviceId], now: float
    ) -> Iterator[tuple[DeviceId, tuple[bytes, ...]]]:
        """The topics under which only this one of ``devices`` can. The first time, each costs a good part of
        a millisecond; those that are no valid keys are left out."""
        epochs = epochs_of(now)
        for device in devices:
            try:
                key = self._pairs.of(device)
            except UntrustedError:
                continue
            yield device, tuple(pair_topic(key, self._own, epoch) for epoch in epochs)
