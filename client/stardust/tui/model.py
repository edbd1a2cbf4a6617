"""What the screen shows, as data: answers and events go in, the parts to draw again come out. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Flag, auto
from typing import Final

import msgspec

from stardust.api.events import (
    AnyEvent,
    ChainChanged,
    ContactChanged,
    ContactRequested,
    KeysChanged,
    LinkChanged,
    MessageQueued,
    MessageReceived,
    MessageStateChanged,
    Missed,
    PresenceChanged,
    Stopping,
)
from stardust.api.types import ChainInfo, Contact, HistoryPage, LinkInfo, Message, Status

ORDER: Final = {"queued": 0, "sent": 1, "delivered": 2, "read": 3}
MAX_SHOWN: Final = 600
"""Messages of one conversation kept in memory; beyond it the newest page is read again."""
MAX_EARLY: Final = 1024


class Part(Flag):
    """What has to be drawn again."""

    NONE = 0
    HEADER = auto()
    PEOPLE = auto()
    CONVERSATION = auto()
    """Head, banner and messages of the open conversation."""
    RELOAD = auto()
    """Events were lost: read the state again."""
    GONE = auto()
    """The daemon stops."""


@dataclass
class Conversation:
    """The part of a conversation that was read, oldest first."""

    messages: dict[str, Message] = field(default_factory=dict)
    before: str | None = None
    """Reaches the page before the oldest message here."""

    @property
    def overlong(self) -> bool:
        return len(self.messages) > MAX_SHOWN


@dataclass
class Model:
    """Everything known to the user interface."""

    status: Status | None = None
    chain: ChainInfo | None = None
    contacts: dict[str, Contact] = field(default_factory=dict)
    """By address."""
    links: dict[str, LinkInfo] = field(default_factory=dict)
    """By device."""
    conversations: dict[str, Conversation] = field(default_factory=dict)
    """By address; only those that were opened."""
    selected: str | None = None
    connected: bool | None = None
    """To the daemon; None before the first attempt."""
    _arrived: dict[str, dict[str, Message]] = field(default_factory=dict)
    """By address: messages that came while a page was on its way."""
    _early: dict[str, MessageStateChanged] = field(default_factory=dict)
    """States of messages that were not seen yet: the event may come before the answer."""

    @property
    def contact(self) -> Contact | None:
        """Whose conversation is open."""
        return self.contacts.get(self.selected) if self.selected else None

    @property
    def conversation(self) -> Conversation | None:
        return self.conversations.get(self.selected) if self.selected else None

    @property
    def people(self) -> list[Contact]:
        """In the order of the list: requests, then by the latest message, then by name."""
        return sorted(
            (one for one in self.contacts.values() if one.state != "declined"),
            key=lambda one: (one.state != "request_received", -(one.last_message_at or 0), one.name.lower()),
        )

    @property
    def link(self) -> LinkInfo | None:
        """The best link to the open contact."""
        links = [one for one in self.links.values() if one.address == self.selected]
        best = ("open", "connecting", "waiting", "failed", "idle")
        return min(links, key=lambda one: best.index(one.state), default=None)

    def load(self, status: Status, contacts: Iterable[Contact]) -> None:
        """The state as the daemon has it, at the beginning and after lost events."""
        self.connected = True
        self.status = status
        self.chain = status.chain
        self.links = {link.device: link for link in status.links}
        self.contacts = {one.address: one for one in contacts}
        if self.selected not in self.contacts:
            self.selected = None

    def expect(self, address: str) -> None:
        """The newest page is asked for: what comes in from now on belongs to it."""
        self._arrived[address] = {}

    def open_page(self, address: str, page: HistoryPage) -> None:
        """The newest page of a conversation, in the place of what was there. The page may be older
        than events that came while it was on its way: what they said stays."""
        known = self.conversations.get(address, Conversation()).messages
        newest = {message.id: message for message in page.messages}
        newest |= {key: one for key, one in self._arrived.pop(address, {}).items() if key not in newest}
        self.conversations[address] = Conversation(
            {key: _later(self._newest(one), known.get(key, one)) for key, one in newest.items()}, page.before
        )

    def older_page(self, address: str, page: HistoryPage) -> None:
        """The page before what is there."""
        known = self.conversations.setdefault(address, Conversation())
        older = {message.id: message for message in page.messages if message.id not in known.messages}
        known.messages = older | known.messages
        known.before = page.before

    def apply(self, event: AnyEvent) -> Part:
        """What ``event`` changes."""
        match event:
            case MessageReceived() | MessageQueued():
                return self.put(event.message)
            case MessageStateChanged():
                return self._advance(event)
            case ContactChanged() | ContactRequested() | KeysChanged():
                self.contacts[event.contact.address] = event.contact
                return Part.PEOPLE | self._if_open(event.contact.address)
            case PresenceChanged():
                return self._presence(event)
            case LinkChanged():
                self.links[event.link.device] = event.link
                return Part.HEADER | self._if_open(event.link.address)
            case ChainChanged():
                self.chain = event.chain
                return Part.HEADER
            case Missed():
                return Part.RELOAD
            case Stopping():
                return Part.GONE

    def put(self, message: Message) -> Part:
        """A new message, or one known already; harmless twice."""
        newest = self._newest(message)
        contact = self.contacts.get(message.contact)
        if contact is not None and (contact.last_message_at or 0) < message.stored_at:
            self.contacts[message.contact] = msgspec.structs.replace(
                contact, last_message_at=message.stored_at
            )
        if message.contact in self._arrived:
            self._arrived[message.contact][message.id] = newest
        known = self.conversations.get(message.contact)
        if known is not None:
            before = known.messages.get(message.id)
            known.messages[message.id] = newest if before is None else _later(before, newest)
        return Part.PEOPLE | self._if_open(message.contact)

    def _newest(self, message: Message) -> Message:
        early = self._early.pop(message.id, None)
        return message if early is None else _moved(message, early)

    def _advance(self, event: MessageStateChanged) -> Part:
        known = self.conversations.get(event.contact)
        message = known.messages.get(event.id) if known else None
        if known is None or message is None:
            self._early[event.id] = event
            while len(self._early) > MAX_EARLY:
                self._early.pop(next(iter(self._early)))
            return Part.NONE
        known.messages[event.id] = _moved(message, event)
        return self._if_open(event.contact)

    def _presence(self, event: PresenceChanged) -> Part:
        contact = self.contacts.get(event.address)
        if contact is None:
            return Part.NONE
        self.contacts[event.address] = msgspec.structs.replace(
            contact, online=event.online, last_seen_at=event.last_seen_at
        )
        return Part.PEOPLE | self._if_open(event.address)

    def _if_open(self, address: str) -> Part:
        return Part.CONVERSATION if address == self.selected else Part.NONE


def _moved(message: Message, event: MessageStateChanged) -> Message:
    if ORDER.get(event.state, 9) < ORDER.get(message.state, 0):
        return message
    return msgspec.structs.replace(message, state=event.state, reason=event.reason)


def _later(one: Message, other: Message) -> Message:
    return other if ORDER.get(other.state, 9) >= ORDER.get(one.state, 0) else one
