"""Under which topics two devices find each other's envelopes: rotating by day, and known to them only.

A *pair topic* follows from a key that only the two devices can compute; there is one for each
direction. The *first-contact topic* of a device follows from its public key, so that somebody who
was never heard from can reach it. Both change with the epoch, and are others in each kind of store (a
name such as ``statements`` or ``rendezvous``): who watches two kinds does not join them by topics. Pure.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from typing import Final

from stardust.identity.devices import DeviceKeys
from stardust.signaling.envelope import CLOCK_TOLERANCE_S, MAX_LIFETIME_S
from stardust.wire.ids import DeviceId

EPOCH_S: Final = 86_400
SLOTS: Final = 4
"""Signals of one device to another that stand side by side; one more takes the place of the oldest."""
PING_SLOT: Final = SLOTS
"""Of pings: they stand longer than the offers that are made meanwhile."""
MAX_PAIR_KEYS: Final = 8_192

# BLAKE2b's own domain separation (RFC 7693 names the parameter block; libraries say "person").
_PAIR: Final = b"stardust:pair"
_FIRST: Final = b"stardust:first"
_CHANNEL: Final = b"stardust:channel"
_OWN: Final = b"stardust:own"
_BEAT: Final = b"stardust:beat"


def epoch_of(now: float) -> int:
    """The epoch in which somebody sends; ``now`` in Unix seconds."""
    return int(now) // EPOCH_S


def epochs_of(now: float) -> tuple[int, ...]:
    """The epochs in which to listen: of everything that may still be valid, by a clock that is off.

    One; two around midnight (UTC)."""
    first = epoch_of(now - MAX_LIFETIME_S - CLOCK_TOLERANCE_S)
    return tuple(range(first, epoch_of(now + CLOCK_TOLERANCE_S) + 1))


def pair_topic(pair_key: bytes, receiver: DeviceId, epoch: int, store: str) -> bytes:
    """32 bytes: where ``receiver`` finds what the other device of the pair sent in ``epoch``."""
    return _digest(receiver + epoch.to_bytes(8, "little"), store, _PAIR, pair_key)


def first_contact_topic(genesis: bytes, receiver: DeviceId, epoch: int, store: str) -> bytes:
    """32 bytes: where ``receiver`` finds what anybody sent in ``epoch``."""
    return _digest(genesis + receiver + epoch.to_bytes(8, "little"), store, _FIRST)


def channel(key: bytes, receiver: DeviceId, epoch: int, slot: int, store: str) -> bytes:
    """32 bytes: the place that one signal of a sender takes, and the next one in it replaces.

    ``key``: the pair key, or for first contact a secret of the sender alone (32 bytes each).
    ``slot``: 0 to ``SLOTS`` - 1, or ``PING_SLOT``. With the epoch in it, it links no two days.
    """
    return _digest(receiver + epoch.to_bytes(8, "little") + bytes([slot]), store, _CHANNEL, key)


def own_topic(secret: bytes, epoch: int) -> bytes:
    """32 bytes: a second topic on what this device sends, so that it sees its own come back.
    ``secret``: 32 random bytes."""
    return _digest(epoch.to_bytes(8, "little"), "", _OWN, secret)


def beat_topic(presence_key: bytes, epoch: int, store: str) -> bytes:
    """32 bytes: where contacts find the beats of a device; they have its ``presence_key`` (32 bytes)."""
    return _digest(b"topic" + epoch.to_bytes(8, "little"), store, _BEAT, presence_key)


def beat_channel(presence_key: bytes, epoch: int, store: str) -> bytes:
    """32 bytes: the place of a device's newest beat."""
    return _digest(b"channel" + epoch.to_bytes(8, "little"), store, _BEAT, presence_key)


def _digest(fields: bytes, store: str, person: bytes, key: bytes = b"") -> bytes:
    """``fields`` have one length for each use: so the name of the store can stand behind them as it is."""
    return blake2b(fields + store.encode("ascii"), digest_size=32, key=key, person=person).digest()


class PairKeys:
    """The keys of ``keys``' device with others, each computed once; the least used are forgotten."""

    def __init__(self, keys: DeviceKeys, genesis: bytes) -> None:
        self._keys = keys
        self._genesis = genesis
        self._known: OrderedDict[DeviceId, bytes] = OrderedDict()

    def of(self, other: DeviceId) -> bytes:
        """32 bytes; ``UntrustedError`` when ``other`` is no valid key."""
        key = self._known.get(other) or self._keys.pair_key(other, self._genesis)
        self._known[other] = key
        self._known.move_to_end(other)
        if len(self._known) > MAX_PAIR_KEYS:
            self._known.popitem(last=False)
        return key
