"""Every method: a class whose fields are the parameters, and which knows its result.

``contact`` is an address, or the name of exactly one contact (case does not matter).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import msgspec

from stardust.api import types as t
from stardust.discreet import Discreet

R = TypeVar("R")


class Call(Discreet, Generic[R], frozen=True, forbid_unknown_fields=True):
    """Base of all calls; ``R`` is the result."""

    method: ClassVar[str]
    result: ClassVar[Any]


class SystemStatus(Call[t.Status], frozen=True):
    """How everything is: chain, transports, links, backup, versions, memory, and what is wrong."""

    method = "system.status"
    result = t.Status


class SystemDoctor(Call[t.Doctor], frozen=True):
    """Looks at chain, network, IPFS, clock, disk, rights, history; says what to do. Takes up to 15 s."""

    method = "system.doctor"
    result = t.Doctor


class SystemShutdown(Call[t.Empty], frozen=True):
    """Stops the daemon; answers first."""

    method = "system.shutdown"
    result = t.Empty


class ChainCallsMade(Call[t.ChainCalls], frozen=True):
    """What this daemon's calls on chain cost."""

    method = "chain.calls"
    result = t.ChainCalls


class IdentityWhoami(Call[t.Whoami], frozen=True):
    """Account, device, and the account's devices on chain."""

    method = "identity.whoami"
    result = t.Whoami


class IdentityLogin(Call[t.Login], frozen=True):
    """Certifies this device with the account key and brings it on chain: a new account is registered,
    a known one gets one more device. The passphrase opens the account key."""

    method = "identity.login"
    result = t.Login
    hidden = frozenset({"passphrase"})
    passphrase: t.Passphrase


class IdentityRevokeDevice(Call[t.Empty], frozen=True):
    """Takes a device off the chain; one other than this one needs the account key."""

    method = "identity.revoke_device"
    result = t.Empty
    hidden = frozenset({"passphrase"})
    device: t.DeviceIdHex
    passphrase: t.Passphrase | None = None


class IdentityProfileGet(Call[t.ProfileInfo], frozen=True):
    """The own profile, or the one a contact sent."""

    method = "identity.profile.get"
    result = t.ProfileInfo
    contact: t.Who | None = None


class IdentityProfileSet(Call[t.ProfileInfo], frozen=True):
    """Changes the own profile and sends it to the contacts, sealed. It does not go on chain."""

    method = "identity.profile.set"
    result = t.ProfileInfo
    nickname: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    bio: Annotated[str, msgspec.Meta(max_length=280)] = ""
    avatar: Annotated[bytes, msgspec.Meta(max_length=32_768)] = b""


class InvitesCreate(Call[t.Invite], frozen=True):
    """A link for one person; whoever brings it first becomes a contact without asking."""

    method = "invites.create"
    result = t.Invite
    lifetime_s: Annotated[int, msgspec.Meta(ge=60, le=30 * 86_400)] = 7 * 86_400


class ContactsAdd(Call[t.Contact], frozen=True):
    """Adds somebody by invite link or by address, and sends a request."""

    method = "contacts.add"
    result = t.Contact
    hidden = frozenset({"who", "note"})
    who: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
    """An invite link or an address."""
    name: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """What to call the contact here."""
    note: Annotated[str, msgspec.Meta(max_length=280)] = ""
    """A line that the other side sees with the request."""


class ContactsList(Call[t.Contacts], frozen=True):
    """All contacts and requests, the most recent conversation first."""

    method = "contacts.list"
    result = t.Contacts


class ContactsGet(Call[t.Contact], frozen=True):
    """One contact, with its devices."""

    method = "contacts.get"
    result = t.Contact
    contact: t.Who


class ContactsRename(Call[t.Contact], frozen=True):
    """Gives a contact a name of one's own; empty: back to the nickname."""

    method = "contacts.rename"
    result = t.Contact
    contact: t.Who
    name: Annotated[str, msgspec.Meta(max_length=64)]


class ContactsAccept(Call[t.Contact], frozen=True):
    """Accepts a request: from then on messages go both ways. What came with it (20 messages at most) can be
    read before."""

    method = "contacts.accept"
    result = t.Contact
    contact: t.Who


class ContactsDecline(Call[t.Empty], frozen=True):
    """Declines a request and forgets what came with it."""

    method = "contacts.decline"
    result = t.Empty
    contact: t.Who


class ContactsAcceptKeys(Call[t.Contact], frozen=True):
    """Trusts the contact's devices as they were shown; sending goes on, verification starts anew. Refused
    when they have changed since."""

    method = "contacts.accept_keys"
    result = t.Contact
    contact: t.Who
    ticket: t.Ticket
    """`Contact.ticket`, as it was shown."""


class ContactsVerify(Call[t.Verification], frozen=True):
    """Safety number and QR payload. ``confirm`` says that the numbers agree (true, with ``ticket``) or
    withdraws that (false); ``scanned`` is the payload of the contact's QR code and confirms by itself.
    Refused when the contact's devices are not those of the number that was shown."""

    method = "contacts.verify"
    result = t.Verification
    contact: t.Who
    confirm: bool | None = None
    scanned: Annotated[str, msgspec.Meta(max_length=1024)] | None = None
    ticket: t.Ticket | None = None
    """`Verification.ticket`, as it came with the number; to confirm."""


class ContactsBlock(Call[t.Contact], frozen=True):
    """Nothing of this account comes through any more, also not its signals on chain."""

    method = "contacts.block"
    result = t.Contact
    contact: t.Who


class ContactsUnblock(Call[t.Contact], frozen=True):
    """The opposite of ``contacts.block``."""

    method = "contacts.unblock"
    result = t.Contact
    contact: t.Who


class MessagesSend(Call[t.Message], frozen=True):
    """Writes a message. When this answers, the message is stored and will go out."""

    method = "messages.send"
    result = t.Message
    hidden = frozenset({"body"})
    contact: t.Who
    body: t.Text
    reply_to: t.MessageIdHex | None = None
    id: t.MessageIdHex | None = None
    """A UUIDv7 of the caller's, to repeat the call safely; the daemon makes one otherwise."""


class MessagesGet(Call[t.Message], frozen=True):
    """One message."""

    method = "messages.get"
    result = t.Message
    id: t.MessageIdHex


class MessagesHistory(Call[t.HistoryPage], frozen=True):
    """A page of a conversation, the newest without ``before``."""

    method = "messages.history"
    result = t.HistoryPage
    contact: t.Who
    before: t.Cursor | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50


class MessagesSearch(Call[t.SearchPage], frozen=True):
    """Full-text search: all words, the last one also as a beginning."""

    method = "messages.search"
    result = t.SearchPage
    hidden = frozenset({"query"})
    query: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    contact: t.Who | None = None
    before: t.Cursor | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50


class MessagesMarkRead(Call[t.Marked], frozen=True):
    """The person has seen the conversation (up to and with the message ``up_to``); the sender is told."""

    method = "messages.mark_read"
    result = t.Marked
    contact: t.Who
    up_to: t.MessageIdHex | None = None


class ChatsOpen(Call[t.Contact], frozen=True):
    """A person looks at this chat: keeps a link to the contact until ``chats.close`` or the end of
    this connection."""

    method = "chats.open"
    result = t.Contact
    contact: t.Who


class ChatsClose(Call[t.Empty], frozen=True):
    """The opposite of ``chats.open``."""

    method = "chats.close"
    result = t.Empty
    contact: t.Who


class PresenceListed(Call[t.PresenceList], frozen=True):
    """Who of the contacts is there."""

    method = "presence.list"
    result = t.PresenceList


class BackupCreate(Call[t.BackupReport], frozen=True):
    """Makes a backup of everything (and anchors it on chain), or of a selection (then to a file only,
    and not anchored)."""

    method = "backup.create"
    result = t.BackupReport
    to: Literal["file", "ipfs"]
    path: t.PathText | None = None
    """Of the CAR file, absolute; for ``file``."""
    contact: t.Who | None = None
    """Only this conversation."""
    messages: Annotated[tuple[t.MessageIdHex, ...], msgspec.Meta(max_length=1000)] = ()
    """Only these messages."""


class BackupStatus(Call[t.BackupInfo], frozen=True):
    """The newest backup."""

    method = "backup.status"
    result = t.BackupInfo


class BackupVerify(Call[t.VerifyReport], frozen=True):
    """Reads a whole backup and checks every block; without arguments the newest one."""

    method = "backup.verify"
    result = t.VerifyReport
    path: t.PathText | None = None
    cid: Annotated[str, msgspec.Meta(max_length=128)] | None = None


class ExportRun(Call[t.Exported], frozen=True):
    """Writes the history in the clear to a new file that only this user may read."""

    method = "export.run"
    result = t.Exported
    path: t.PathText
    """Absolute; must not exist."""
    format: Literal["json", "text"] = "json"
    contact: t.Who | None = None


class EventsSubscribe(Call[t.Subscribed], frozen=True):
    """Events come as notifications ``event`` on this connection. With ``cursor`` what happened since is
    repeated (the newest 1,024 events of this run of the daemon); where that is not possible ``missed``
    comes first."""

    method = "events.subscribe"
    result = t.Subscribed
    types: Annotated[tuple[t.EventType, ...], msgspec.Meta(max_length=32)] = ()
    """Only these; empty: all."""
    cursor: t.Cursor | None = None


class EventsUnsubscribe(Call[t.Empty], frozen=True):
    """Ends a subscription."""

    method = "events.unsubscribe"
    result = t.Empty
    subscription: int


CALLS: tuple[type[Call[Any]], ...] = (
    SystemStatus,
    SystemDoctor,
    SystemShutdown,
    ChainCallsMade,
    IdentityWhoami,
    IdentityLogin,
    IdentityRevokeDevice,
    IdentityProfileGet,
    IdentityProfileSet,
    InvitesCreate,
    ContactsAdd,
    ContactsList,
    ContactsGet,
    ContactsRename,
    ContactsAccept,
    ContactsDecline,
    ContactsAcceptKeys,
    ContactsVerify,
    ContactsBlock,
    ContactsUnblock,
    MessagesSend,
    MessagesGet,
    MessagesHistory,
    MessagesSearch,
    MessagesMarkRead,
    ChatsOpen,
    ChatsClose,
    PresenceListed,
    BackupCreate,
    BackupStatus,
    BackupVerify,
    ExportRun,
    EventsSubscribe,
    EventsUnsubscribe,
)

METHODS: dict[str, type[Call[Any]]] = {call.method: call for call in CALLS}
