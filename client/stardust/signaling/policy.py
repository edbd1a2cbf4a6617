"""Which way a signal goes: the preferred transport first, all at once when time is short. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from stardust.wire.ids import DeviceId
from stardust.wire.signals import SignalKind

Preference = Literal["auto", "statements", "rendezvous", "pallet"]

PALLET: Final = "pallet"
_FREE_FIRST: Final = ("statements", "rendezvous", PALLET)
URGENT_PALLET_S: Final = 300.0
LONGEST_URGENT_PALLET_S: Final = 86_400.0
"""Between two calls to one device that are made only because time is short: twice as long each time
until it is heard from. A peer who is offline must not cost calls, nor tell the chain again and again
whom one would like to reach."""
UNANSWERED: Final = 2
"""Attempts after which a device may have forgotten us, and is tried where it listens for strangers."""
MAX_PEERS: Final = 4_096


def order_of(prefer: Preference, *, fallback: bool) -> tuple[str, ...]:
    """Names of the transports to use, best first. Without ``fallback`` only what is preferred; the pallet,
    where everything is public, then only if it is asked for by name."""
    if prefer == "auto":
        return _FREE_FIRST if fallback else _FREE_FIRST[:-1]
    others = tuple(name for name in _FREE_FIRST if name != prefer)
    return (prefer, *others) if fallback else (prefer,)


@dataclass(frozen=True, slots=True)
class Route:
    first_of: tuple[str, ...]
    """Tried in this order until one takes the signal."""
    also: tuple[str, ...]
    """Each at the same time."""
    known: bool
    """The receiver listens on the topic of the pair."""
    strangers_too: tuple[str, ...]
    """By the first of these that takes it, once more where the receiver listens for strangers."""


@dataclass(slots=True)
class _Peer:
    heard: bool = False
    unanswered: int = 0
    came_by: str | None = None
    """Which transport brought the last offer."""
    pallet_from: float = 0.0
    """From when on an urgent call is in order again; monotonic seconds."""
    pallet_wait: float = URGENT_PALLET_S


class Policy:
    """``order``: names of transports that exist, best first. ``heard``: devices heard from before."""

    def __init__(self, order: Iterable[str], heard: Iterable[DeviceId] = ()) -> None:
        self._order = tuple(order)
        self._peers: OrderedDict[DeviceId, _Peer] = OrderedDict()
        for device in heard:
            self._peer(device).heard = True

    def route(self, to: DeviceId, kind: SignalKind, *, urgent: bool, now: float) -> Route:
        """``now``: monotonic seconds. Counts as an attempt. A ping costs nothing: it is never a call."""
        peer = self._peer(to)
        if kind is SignalKind.PING:
            return Route(tuple(name for name in self._order if name != PALLET), (), peer.heard, ())
        also = set(self._order[1:]) if urgent else set[str]()
        if PALLET in also and now < peer.pallet_from:
            also.remove(PALLET)
        if PALLET in also:
            peer.pallet_from = now + peer.pallet_wait
            peer.pallet_wait = min(2 * peer.pallet_wait, LONGEST_URGENT_PALLET_S)
        if kind is SignalKind.ANSWER and peer.came_by in self._order[1:]:
            also.add(peer.came_by)
        lost = peer.heard and peer.unanswered >= UNANSWERED
        if kind is SignalKind.OFFER:
            peer.unanswered += 1
        return Route(
            tuple(name for name in self._order if name not in also),
            tuple(name for name in self._order if name in also),
            peer.heard,
            tuple(name for name in self._order if name != PALLET) if lost else (),
        )

    def received(self, device: DeviceId, kind: SignalKind, transport: str) -> None:
        """A signal of ``device``, whose signature holds, came by ``transport``."""
        peer = self._peer(device)
        peer.heard, peer.unanswered, peer.pallet_wait = True, 0, URGENT_PALLET_S
        if kind is SignalKind.OFFER:
            peer.came_by = transport

    def _peer(self, device: DeviceId) -> _Peer:
        peer = self._peers.pop(device, None) or _Peer()
        self._peers[device] = peer
        if len(self._peers) > MAX_PEERS:
            self._peers.popitem(last=False)
        return peer
