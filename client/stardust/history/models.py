"""What the database holds, as values. Times are Unix milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from stardust.delivery.port import MessageState
from stardust.identity.trust import Trust
from stardust.wire.ids import AccountId, ConversationId, DeviceId, MessageId

RECEIVED = "received"
"""State of an incoming message; outgoing ones have a ``MessageState``."""


class ContactState(StrEnum):
    REQUEST_SENT = "request_sent"
    REQUEST_RECEIVED = "request_received"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody this account knows, or who wants to be known."""

    account: AccountId
    conversation: ConversationId
    state: ContactState
    name: str = ""
    """The name that the person gave here; empty: none."""
    note: str = ""
    """What stood in the contact's request."""
    nickname: str = ""
    """What the contact calls itself."""
    trust: Trust | None = None
    blocked: bool = False
    answered: bool = True
    """False: that the request was accepted is still to be told to the other side."""
    added_at: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """A contact, and how the conversation stands."""

    contact: Contact
    unread: int
    waiting: int
    """Outgoing messages that no device of the contact has confirmed."""
    last_message_at: int | None


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be stored. ``devices``: where an outgoing one goes."""

    id: MessageId
    conversation: ConversationId
    sender: AccountId
    device: DeviceId | None
    """Of the sender, where known."""
    outgoing: bool
    body: str = field(repr=False)
    sent_at: int
    stored_at: int
    reply_to: MessageId | None = None
    devices: tuple[DeviceId, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A stored message. ``sent_at`` is in this device's time."""

    id: MessageId
    conversation: ConversationId
    sender: AccountId
    device: DeviceId | None
    """Of the sender, where known."""
    outgoing: bool
    body: str = field(repr=False)
    sent_at: int
    stored_at: int
    place: int
    """Its place in the conversation (``order``)."""
    state: MessageState | None
    """None: received."""
    sent_to_peer_at: int | None = None
    delivered_at: int | None = None
    read_at: int | None = None
    reply_to: MessageId | None = None
    reason: str | None = None
    """Why it failed."""


@dataclass(frozen=True, slots=True)
class Page:
    """Oldest first. ``before`` reaches the page before this one; None at the beginning."""

    messages: tuple[Message, ...]
    before: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    message: Message
    snippet: str = field(repr=False)
    """The place found; each match stands between U+0002 and U+0003."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Newest first."""

    hits: tuple[Hit, ...]
    before: str | None


@dataclass(frozen=True, slots=True)
class DeviceState:
    """State of an outgoing message for one device."""

    device: DeviceId
    state: MessageState
    reason: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a message; the bytes are fetched by ``digest``."""

    digest: bytes
    """32 bytes: blake2b-256 of the content."""
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Invite:
    """An invitation that this account gave out."""

    secret: bytes = field(repr=False)
    created_at: int
    expires: int
    spent_at: int | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that mattered for security."""

    at: int
    kind: str
    account: AccountId | None
    detail: str
