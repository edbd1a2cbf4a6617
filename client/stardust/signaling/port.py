"""The interface that every signaling transport keeps, and what the layers above get from signaling."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from stardust.identity.records import CertifiedDevice
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.signals import SignalKind


@dataclass(frozen=True, slots=True)
class TransportHealth:
    name: str
    usable: bool
    detail: str
    """One sentence for ``stardust status``."""
    failed: bool = False
    """It was tried and carries nothing now, or did not take the last signal; not: it is not there yet."""


@dataclass(frozen=True, slots=True)
class Arrival:
    envelope: bytes
    sender_hint: DeviceId | None = None
    """The device that brought it, where the transport can tell without opening it; None: anybody.
    It decides only whose turn comes first: who speaks is what the signature inside says."""
    source: str = field(default="", compare=False)
    """Which server of the transport brought it, where a server can bring junk in the sender's name: what
    one brings takes nothing from what another does."""


class Listening(Protocol):
    """From which devices to expect signals: contacts, people met, and whoever was just written to."""

    @property
    def devices(self) -> frozenset[DeviceId]:
        """At most ``listening.MAX_LISTENED``."""
        ...

    async def changed(self, known: frozenset[DeviceId]) -> frozenset[DeviceId]:
        """The devices, once they are others than ``known``."""
        ...


@dataclass(frozen=True, slots=True)
class BeatArrival:
    """Something under a topic of ``device``'s beats. Whether it is one of its beats, who opens it sees."""

    device: DeviceId
    sealed: bytes
    source: str = field(default="", compare=False)
    """As in ``Arrival``."""


class Following(Protocol):
    """Whose beats to expect."""

    @property
    def keys(self) -> Mapping[DeviceId, bytes]:
        """The presence key of each device; at most ``followed.MAX_FOLLOWED``."""
        ...

    def topics(self, now: float, store: str) -> Mapping[bytes, tuple[DeviceId, ...]]:
        """Whose beats may come under which topic of ``store``; ``now`` in Unix seconds."""
        ...

    async def changed(self, known: Mapping[DeviceId, bytes]) -> None:
        """Returns once ``keys`` are others than ``known``, which they were before."""
        ...


class BeatTransport(Protocol):
    """Carries beats. It may lose, repeat and reorder them. None of it ever stands on chain."""

    @property
    def name(self) -> str:
        """Also the ``store`` of ``topics``."""
        ...

    async def beat(self, topic: bytes, channel: bytes, sealed: bytes, *, expires: int) -> None:
        """Hands over ``sealed`` (``beats.SEALED`` bytes), in place of what stands in ``channel``, for
        whoever listens to ``topic``. Nobody needs to keep it after ``expires`` (Unix seconds by this
        device's clock). ``UnavailableError``."""
        ...

    def beats(self) -> AsyncIterator[BeatArrival]:
        """What comes of those who are followed, until cancelled: what waits first. Reconnects by itself."""
        ...


class Transport(Protocol):
    """Carries sealed envelopes. It may lose, repeat and reorder them; it must not need to read them."""

    @property
    def name(self) -> str: ...

    async def publish(
        self, to: DeviceId, kind: SignalKind, envelope: bytes, *, known: bool, expires: int
    ) -> None:
        """Hands over ``envelope`` (at most ``MAX_ENVELOPE`` bytes), which nobody needs to keep after
        ``expires`` (Unix seconds by this device's clock).

        ``known``: ``to`` was heard from, and so listens on the topic of the pair (``topics``);
        otherwise it goes where ``to`` listens for strangers.

        Raises ``UnavailableError`` (try later, or another transport) or ``SignalRefusedError``
        (blocked, inbox full, receiver unknown: trying again does not help now).
        """
        ...

    def subscribe(self, device: DeviceId) -> AsyncIterator[Arrival]:
        """What comes for ``device``: those envelopes that wait first, then new ones, until cancelled.
        Reconnects by itself."""
        ...

    async def health(self) -> TransportHealth: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ReceivedSignal:
    """A signal whose signature was checked against the sender's device keys on chain, for the first time."""

    id: bytes
    kind: SignalKind
    account: AccountId
    device: CertifiedDevice
    payload: bytes


class Spent(Protocol):
    """Which signals were acted on, by this process and by those before it."""

    async def __call__(self, signal: bytes, forget_at: int, now: int) -> bool:
        """Whether ``signal`` (16 bytes that name it) comes for the first time; remembers it until
        ``forget_at``. Unix seconds. ``StardustError`` when it cannot be remembered."""
        ...


class Signaling(Protocol):
    """What link uses: signals to and from devices, whatever carries them."""

    async def send(
        self, to: CertifiedDevice, kind: SignalKind, payload: bytes, *, urgent: bool = False
    ) -> None:
        """``urgent``: somebody waits, and the ordinary way has brought nothing."""
        ...

    def received(self) -> AsyncIterator[ReceivedSignal]: ...

    async def health(self) -> tuple[TransportHealth, ...]: ...
