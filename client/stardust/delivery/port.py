"""What delivery needs from storage and from the application, and the states of a message.

All of it is synchronous and belongs to one thread, the one of the database. An
outgoing stream is named by the peer device; its items are numbered without gaps:

    acked           sealed           next
      |  sealed, may |  waiting to be  |  number of the
      |  be on the   |  sealed         |  next item
      |  wire        |                 |
    (below ``acked`` nothing is kept: the peer has stored it)
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from stardust.wire.ids import DeviceId, MessageId
from stardust.wire.items import Item


class MessageState(StrEnum):
    """Of one message on its way to one device; later ones never give way to earlier ones,
    and only ``QUEUED`` and ``SENT`` can become ``FAILED``."""

    QUEUED = "queued"
    SENT = "sent"
    """Sealed and handed to a link."""
    DELIVERED = "delivered"
    """The other device has stored it."""
    READ = "read"
    FAILED = "failed"


class Failure(StrEnum):
    """Why a message failed."""

    EXPIRED = "expired"
    """It could not leave in time."""
    WITHDRAWN = "withdrawn"
    """The device is no longer written to (revoked, request declined)."""
    REFUSED = "refused"
    """The other device could not understand it (an older version, or an item beyond its limits)."""


@dataclass(frozen=True, slots=True)
class OutgoingStream:
    """Position of the stream from this device to ``device``. ``acked <= sealed <= next``."""

    device: DeviceId
    stream: bytes
    """8 bytes."""
    acked: int
    sealed: int
    next: int


@dataclass(frozen=True, slots=True)
class OutgoingItem:
    number: int
    message_id: MessageId | None
    """None: nobody follows its state (receipts, answers)."""
    body: bytes = field(repr=False)
    """Encoded ``Item``, at most ``MAX_ITEM`` bytes."""
    expires: int | None
    """Unix time in milliseconds."""


@dataclass(frozen=True, slots=True)
class SealedFrame:
    """Encoded ``Data`` frame of the items ``first`` .. ``first + count - 1``."""

    first: int
    count: int
    frame: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FrameHead:
    """A sealed frame without its bytes."""

    first: int
    count: int
    size: int


@dataclass(frozen=True, slots=True)
class IncomingStream:
    """Position of the stream from ``device`` to this device."""

    device: DeviceId
    stream: bytes
    next: int
    """Everything below is stored here."""
    refused: tuple[int, ...] = ()
    """Numbers below ``next`` that were not understood, ascending, the newest 16."""


@dataclass(frozen=True, slots=True)
class DroppedItem:
    number: int
    message_id: MessageId | None


class DeliveryStore(Protocol):
    """Durable state of all streams. Every method may raise ``LocalError``.

    Reads see the writes of the open transaction. Outside ``transaction()`` only reads are called.
    """

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; when the block ends without an exception, what was written
        survives a power failure. Not nested by delivery; an adapter joins an outer one."""
        ...

    # outgoing
    def outgoing(self, device: DeviceId) -> OutgoingStream | None: ...

    def save_outgoing(self, stream: OutgoingStream) -> None:
        """Insert or replace the stream of its device."""
        ...

    def append_items(self, device: DeviceId, items: Sequence[OutgoingItem]) -> None:
        """New items; their numbers follow one another and are new."""
        ...

    def items(self, device: DeviceId, first: int, limit: int) -> tuple[OutgoingItem, ...]:
        """Items from number ``first`` on, ascending, at most ``limit``."""
        ...

    def void_item(self, device: DeviceId, number: int, body: bytes) -> None:
        """Sets the item's body and takes its message id and expiry away."""
        ...

    def drop_items(self, device: DeviceId, below: int) -> tuple[DroppedItem, ...]:
        """Deletes all items with a number below ``below``; what was deleted, ascending."""
        ...

    def first_expiry(self) -> int | None:
        """The smallest ``expires`` among items not sealed yet (``number >= sealed``), of all devices."""
        ...

    def expired(self, now: int, limit: int) -> tuple[tuple[DeviceId, OutgoingItem], ...]:
        """At most ``limit`` items not sealed yet with ``expires <= now``, of all devices."""
        ...

    def waiting(self) -> tuple[DeviceId, ...]:
        """Devices whose stream has ``acked < next``."""
        ...

    # sealed frames of the items acked .. sealed - 1
    def save_frame(self, device: DeviceId, frame: SealedFrame) -> None:
        """Insert or replace the frame (device, first)."""
        ...

    def frame(self, device: DeviceId, first: int) -> SealedFrame | None: ...

    def frame_heads(self, device: DeviceId) -> tuple[FrameHead, ...]:
        """Ascending by ``first``; ``size`` is the length of the frame."""
        ...

    def drop_frames(self, device: DeviceId, below: int | None) -> None:
        """Deletes the frames that end at or before ``below`` (``first + count <= below``); None: all."""
        ...

    # incoming
    def incoming(self, device: DeviceId) -> IncomingStream | None: ...

    def save_incoming(self, stream: IncomingStream) -> None:
        """Insert or replace the stream of its device."""
        ...

    def first_sight(self, device: DeviceId, message_id: MessageId) -> bool:
        """Remembers the id; False when it was remembered already. The adapter keeps at least
        the newest 65,536 of each device."""
        ...


class Application(Protocol):
    """What the layer above does inside delivery's transactions. It writes to the same
    database; an exception rolls the whole step back and reaches the caller of the engine.
    It must not call the engine."""

    def has_room(self, device: DeviceId) -> bool:
        """Asked before each frame of ``device`` is opened. While False, its frames wait unopened and
        unacknowledged and come again: call ``trust_changed`` when there is room."""
        ...

    def received(self, device: DeviceId, items: Sequence[Item]) -> None:
        """Stores items that came for the first time, in the order of the stream. They are
        confirmed to the sender when this returns and the transaction commits: content that
        is not acceptable is to be dropped here, not raised. Never ``Void`` or ``ReadReceipt``."""
        ...

    def skipped(self, device: DeviceId, count: int) -> None:
        """Items of ``device`` will never come: it gave them up, or they were stored here before and
        lost when this device's data was set back."""
        ...

    def state_changed(
        self,
        device: DeviceId,
        message_ids: Sequence[MessageId],
        state: MessageState,
        reason: Failure | None,
    ) -> None:
        """Stores the new state of these messages for this device. ``READ`` comes from the
        peer's receipts: ids that were never sent to this device, and states that would go
        backwards, are to be ignored."""
        ...
