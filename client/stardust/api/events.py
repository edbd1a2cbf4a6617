"""What happens in the daemon, told to whoever subscribed. ``type`` tells the events apart."""

from __future__ import annotations

from typing import Literal

import msgspec

from stardust.api.types import (
    Address,
    ChainInfo,
    Contact,
    Device,
    Hex,
    LinkInfo,
    Message,
    MessageState,
    Millis,
)


class Event(msgspec.Struct, frozen=True, tag_field="type"):
    """Base of all events."""


class MessageReceived(Event, frozen=True, tag="message.received"):
    """A message was stored on this device."""

    message: Message


class MessageQueued(Event, frozen=True, tag="message.queued"):
    """A message was written on this device (by any client of the API)."""

    message: Message


class MessageStateChanged(Event, frozen=True, tag="message.state"):
    """An outgoing message was sent, delivered (stored on the other side), read, or has failed."""

    id: Hex
    contact: Address
    conversation: Hex
    state: MessageState
    at: Millis
    reason: str | None = None


class ContactRequested(Event, frozen=True, tag="contact.request"):
    """Somebody without a valid invite wants to be a contact: accept, decline or block."""

    contact: Contact


class ContactChanged(Event, frozen=True, tag="contact.changed"):
    """Anything of a contact changed: state, name, verification, unread count."""

    contact: Contact


class KeysChanged(Event, frozen=True, tag="keys.changed"):
    """The contact's devices on chain are not those the person trusted; sending stands still."""

    contact: Contact
    added: tuple[Device, ...]
    removed: tuple[Hex, ...]


class PresenceChanged(Event, frozen=True, tag="presence.changed"):
    """A contact came or went, by the chain, by beats or by its link."""

    address: Address
    online: bool
    last_seen_at: Millis | None


class LinkChanged(Event, frozen=True, tag="link.changed"):
    """A link to a device of a contact changed its state."""

    link: LinkInfo


class ChainChanged(Event, frozen=True, tag="chain.changed"):
    """The chain was lost, is back, or something else is odd about it than before."""

    chain: ChainInfo


class Missed(Event, frozen=True, tag="missed"):
    """Events were dropped (a slow reader, or a cursor that is too old): read the state again."""

    reason: Literal["slow", "cursor"]


class Stopping(Event, frozen=True, tag="stopping"):
    """The daemon shuts down."""


AnyEvent = (
    MessageReceived
    | MessageQueued
    | MessageStateChanged
    | ContactRequested
    | ContactChanged
    | KeysChanged
    | PresenceChanged
    | LinkChanged
    | ChainChanged
    | Missed
    | Stopping
)

EVENTS: tuple[type[Event], ...] = AnyEvent.__args__


class EventNotice(msgspec.Struct, frozen=True):
    """``params`` of the notification ``event``."""

    subscription: int
    cursor: str
    """Subscribe again with it to go on after this event."""
    event: AnyEvent
