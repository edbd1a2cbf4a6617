"""What the API's results and events are made of.

Accounts are SS58 addresses; devices, messages and conversations are hex; times are
Unix milliseconds; cursors are opaque.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from stardust.discreet import Discreet

Address = str
Hex = str
Millis = int

MessageState = Literal["received", "queued", "sent", "delivered", "read", "failed"]
ContactState = Literal["request_sent", "request_received", "accepted", "declined"]
LinkStateName = Literal["idle", "connecting", "open", "waiting", "failed"]
PresenceMode = Literal["off", "contacts", "public"]
Severity = Literal["ok", "warning", "problem"]


class Result(Discreet, frozen=True):
    """Base of everything the daemon answers. Unknown fields are ignored, so that fields may be added."""


class Empty(Result, frozen=True):
    """Done; nothing to say."""


class Device(Result, frozen=True):
    """A device of an account, as the chain has it."""

    device: Hex
    added: int
    """Block in which the chain took it."""
    this: bool = False
    trusted: bool = True
    """False: the person has not accepted it yet."""


class Contact(Result, frozen=True):
    """Somebody this account knows, or who wants to be known."""

    address: Address
    name: str
    """What to show: the given name, else the first nickname, else a short address. Of who calls itself
    by another nickname later the first one stays."""
    nickname: str
    """What the contact calls itself now; never trusted for anything."""
    conversation: Hex
    state: ContactState
    blocked: bool
    verified: bool
    """The safety number was compared, for the devices trusted now."""
    keys_changed: bool
    """Sending stands still until ``contacts.accept_keys``."""
    online: bool
    last_seen_at: Millis | None
    link: LinkStateName
    unread: int
    waiting: int
    """Messages to this contact that no device of it has confirmed yet."""
    last_message_at: Millis | None
    note: str = ""
    """What stood in the contact's request."""
    devices: tuple[Device, ...] = ()
    ticket: Hex = ""
    """Names exactly these devices and their keys: who accepts them hands it back."""


class Message(Result, frozen=True):
    """One message of a conversation."""

    hidden = frozenset({"body"})
    id: Hex
    conversation: Hex
    contact: Address
    """The other side of the conversation."""
    outgoing: bool
    body: str
    sent_at: Millis
    """By the sender's clock; in this device's time, when the two were measured to differ."""
    stored_at: Millis
    """When it was stored here."""
    state: MessageState
    sent_to_peer_at: Millis | None = None
    delivered_at: Millis | None = None
    read_at: Millis | None = None
    reply_to: Hex | None = None
    reason: str | None = None
    """Why it failed, or what it is waiting for."""


class SearchHit(Result, frozen=True):
    """One message found."""

    hidden = frozenset({"snippet"})
    message: Message
    snippet: str
    """The place found, marked with U+0002 before and U+0003 after each match."""


class ChainInfo(Result, frozen=True):
    """What the daemon knows about the chain."""

    connected: bool
    node: str | None
    genesis: Hex | None
    spec_name: str | None
    spec_version: int | None
    block: int | None
    problem: str | None = None


class TransportInfo(Result, frozen=True):
    """A way for signals."""

    name: str
    usable: bool
    detail: str


class LinkInfo(Result, frozen=True):
    """A WebRTC connection to one device of a contact."""

    address: Address
    device: Hex
    state: LinkStateName
    route: Literal["direct", "relay"] | None = None
    setup_ms: float | None = None
    rtt_ms: float | None = None
    bytes_sent: int = 0
    bytes_received: int = 0
    open_for_ms: int | None = None
    detail: str = ""


class BackupInfo(Result, frozen=True):
    """The newest backup that this device made or the chain knows."""

    sequence: int | None
    cid: str | None
    at: Millis | None
    anchored: bool
    """The head stands on chain."""
    path: str | None = None
    changed_since: int | None = None
    """Messages stored after it; None without one, and while the history cannot be read."""


class BackupReport(Result, frozen=True):
    """What `backup.create` did."""

    to: Literal["file", "ipfs"]
    cid: str
    path: str | None
    sequence: int
    bytes: int
    new_bytes: int
    blocks: int
    new_blocks: int
    messages: int
    anchored: bool
    took_ms: int
    anchor_problem: str | None = None
    """Why the head of a whole backup is not on chain yet; it is tried again once the chain is there."""


class VerifyReport(Result, frozen=True):
    """What stands in a backup whose every block was checked."""

    cid: str
    sequence: int
    blocks: int
    bytes: int
    messages: int
    contacts: int
    newest: bool | None
    """Agrees with the head on chain; None when the chain could not be asked or has none."""
    took_ms: int


class Problem(Result, frozen=True):
    """Something a person should know about, in a sentence."""

    code: str
    message: str
    hint: str | None = None


class Finding(Result, frozen=True):
    """One thing the doctor looked at."""

    name: str
    severity: Severity
    finding: str
    advice: str | None = None


class Status(Result, frozen=True):
    """The whole state at a glance."""

    version: str
    api: int
    pid: int
    home: str
    uptime_ms: int
    memory_bytes: int
    address: Address
    device: Hex
    registered: bool
    """This device stands on chain under this account; None of the rest works before."""
    online: bool
    """Whether this device announces now that it is there."""
    chain: ChainInfo
    transports: tuple[TransportInfo, ...]
    links: tuple[LinkInfo, ...]
    contacts: int
    requests: int
    unread: int | None
    """None while the history cannot be read; `problems` says why."""
    waiting: int | None
    """Outgoing messages that are not confirmed yet; None as for `unread`."""
    backup: BackupInfo
    websocket: str | None = None
    problems: tuple[Problem, ...] = ()
    revoked: bool = False
    """The chain had this device, and has it no more."""
    presence: PresenceMode = "off"
    """To whom it announces that it is there: `contacts` off chain, `public` to everybody, on chain."""
    presence_detail: str = ""
    """By which way, or why not; empty when it is `off`."""


class Doctor(Result, frozen=True):
    """All findings, problems included."""

    findings: tuple[Finding, ...]


class Whoami(Result, frozen=True):
    """Who is signed in here."""

    address: Address
    account: Hex
    scheme: Literal["sr25519", "ed25519"]
    device: Hex
    nickname: str
    registered: bool
    devices: tuple[Device, ...]
    """As the chain has them; empty when it could not be asked."""
    has_account_key: bool
    """The account key lies (encrypted) in this home."""
    revoked: bool = False
    """The chain had this device, and has it no more."""


class Login(Result, frozen=True):
    """What `identity.login` did."""

    call: Literal["register", "add_device", "none"]
    """``none``: this device was registered already."""
    address: Address
    device: Hex
    block: int | None
    took_ms: int


class ProfileInfo(Result, frozen=True):
    """What a person says about itself."""

    hidden = frozenset({"bio", "avatar"})
    address: Address
    nickname: str
    bio: str
    avatar: bytes
    """PNG, JPEG or WebP (base64 in JSON); empty when there is none."""
    revision: int


class Invite(Result, frozen=True):
    """An invitation for one person."""

    hidden = frozenset({"link"})
    link: str
    """Also the payload of the QR code."""
    expires_at: Millis


class Verification(Result, frozen=True):
    """What two people compare."""

    address: Address
    safety_number: str
    """60 digits in 12 groups of 5."""
    qr: str
    """Payload of the QR code to show."""
    verified: bool
    ticket: Hex
    """Names the contact's devices and keys that the number is about: who confirms it hands it back."""


class HistoryPage(Result, frozen=True):
    """Oldest first. ``before`` reaches the page before this one; None at the beginning."""

    messages: tuple[Message, ...]
    before: str | None


class SearchPage(Result, frozen=True):
    """Newest first."""

    hits: tuple[SearchHit, ...]
    before: str | None


class Contacts(Result, frozen=True):
    """The people."""

    contacts: tuple[Contact, ...]


class Marked(Result, frozen=True):
    """How many messages became read."""

    marked: int


class Presence(Result, frozen=True):
    """Whether a contact is there."""

    address: Address
    online: bool
    last_seen_at: Millis | None
    link: LinkStateName


class PresenceList(Result, frozen=True):
    """All contacts."""

    contacts: tuple[Presence, ...]


class Exported(Result, frozen=True):
    """What `export.run` wrote."""

    path: str
    messages: int


class ChainCall(Result, frozen=True):
    """One extrinsic of this device in a block."""

    call: str
    block: int
    bytes: int
    fee: int
    """Planck; 0 when it was feeless."""


class ChainCalls(Result, frozen=True):
    """This daemon's calls since it started, oldest first (the newest 4,096)."""

    calls: tuple[ChainCall, ...]


class Subscribed(Result, frozen=True):
    """A new subscription."""

    subscription: int
    cursor: str
    """Events after this point follow."""


Text = Annotated[str, msgspec.Meta(min_length=1, max_length=16_384)]
Who = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Passphrase = Annotated[str, msgspec.Meta(max_length=1024)]
MessageIdHex = Annotated[
    str, msgspec.Meta(pattern="^[0-9a-f]{32}$", description="the id of a message, 32 hex digits")
]
DeviceIdHex = Annotated[
    str, msgspec.Meta(pattern="^[0-9a-f]{64}$", description="the key of a device, 64 hex digits")
]
Ticket = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", description="a ticket, 64 hex digits")]
Cursor = Annotated[str, msgspec.Meta(max_length=256)]
PathText = Annotated[
    str, msgspec.Meta(min_length=1, max_length=4096, pattern="^/", description="an absolute path")
]
EventType = Annotated[str, msgspec.Meta(max_length=64)]
