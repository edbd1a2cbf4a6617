"""The chain as the rest of the client sees it. Shapes follow docs/chain.md."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from stardust.errors import StardustError
from stardust.identity.records import CertifiedDevice
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.signals import SignalKind

FOR_TESTS: Final = frozenset({"Development", "Local"})
"""Types of chains where keys that everybody has may be used."""


@dataclass(frozen=True, slots=True)
class ChainSignal:
    """A signal in this device's inbox."""

    id: int
    sender_device: DeviceId
    sender: AccountId
    kind: SignalKind
    payload: bytes
    at: int
    expires: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody left a sealed blob on IPFS for this account."""

    id: int
    sender_device: DeviceId
    sender: AccountId
    cid: bytes
    at: int
    expires: int


@dataclass(frozen=True, slots=True)
class Presence:
    online: bool
    last_seen: int | None
    """Block of the last heartbeat."""


@dataclass(frozen=True, slots=True)
class BackupHead:
    """Where the newest backup of an account is, as it said itself."""

    cid: bytes
    sequence: int
    digest: bytes
    at: int


@dataclass(frozen=True, slots=True)
class AccountInfo:
    since: int
    revision: int
    """Grows with every change of the device list."""
    spent_proof: int


class EventKind(StrEnum):
    """Pallet events the client acts on, in the pallet's names."""

    ACCOUNT_REGISTERED = "AccountRegistered"
    DEVICE_ADDED = "DeviceAdded"
    DEVICE_REVOKED = "DeviceRevoked"
    ACCOUNT_DEREGISTERED = "AccountDeregistered"
    PROFILE_SET = "ProfileSet"
    USER_ONLINE = "UserOnline"
    USER_OFFLINE = "UserOffline"
    PEER_INFO_SET = "PeerInfoSet"
    SIGNAL_SENT = "SignalSent"
    OFFLINE_MESSAGE_NOTIFIED = "OfflineMessageNotified"
    BACKUP_SET = "BackupSet"
    MISSED = "missed"
    """Not of the pallet: blocks before this one could not be read (away for too long, or the chain
    began anew). Read again what you follow: inbox, devices, notices."""


@dataclass(frozen=True, slots=True)
class ChainEvent:
    """One event of the pallet. ``account`` and ``device`` are whom it concerns.

    A signal has its receiver as ``device`` and no ``account``. ``id`` is that of the signal or
    notice, and the sequence of a backup.
    """

    kind: EventKind
    block: int
    account: AccountId | None = None
    device: DeviceId | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class CallReceipt:
    """A call that stands in a block."""

    call: str
    block: int
    block_hash: bytes
    fee: int
    """Planck paid; 0 when it was feeless."""
    size: int
    """Bytes of the extrinsic."""


@dataclass(frozen=True, slots=True)
class Head:
    number: int
    hash: bytes
    seen_at: float
    """Monotonic seconds when this client saw it."""


@dataclass(frozen=True, slots=True)
class ChainStatus:
    """What ``stardust status`` says about the chain."""

    connected: bool
    node: str | None
    genesis: bytes | None
    spec_name: str | None
    spec_version: int | None
    head: Head | None
    problem: str | None = None
    age: float | None = None
    """Seconds from the newest block's time to this clock, when it was last looked at; None where that is not
    known, or where blocks are made on demand."""


class DeviceSigner(Protocol):
    """The device's ed25519 key, which signs this client's extrinsics."""

    @property
    def device(self) -> DeviceId: ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes: ed25519 signature."""
        ...


class AccountSigner(Protocol):
    """An account key; only for the calls that want it."""

    @property
    def account(self) -> AccountId: ...

    @property
    def scheme(self) -> str:
        """``sr25519`` or ``ed25519``."""
        ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes: signature over ``message``."""
        ...


class Chain(Protocol):
    """Reads, calls and events. Every method may raise ``ChainUnavailableError``; calls
    also ``CallRefusedError`` (the pool said no) and ``CallFailedError`` (the pallet said no,
    with the pallet error's name). Nothing here blocks the event loop."""

    @property
    def genesis(self) -> bytes:
        """32 bytes; known once connected."""
        ...

    async def connect(self) -> None: ...

    async def retry(self) -> None:
        """After ``connect``: tries the nodes at once that rest after a failure. Returns once one serves,
        raises when each was tried."""
        ...

    async def close(self) -> None: ...

    def status(self) -> ChainStatus: ...

    def calls(self) -> tuple[CallReceipt, ...]:
        """Receipts of this process's calls, newest last (bounded)."""
        ...

    def stop_calls(self, reason: StardustError | None) -> None:
        """From now on each call of this device's key raises ``reason`` before anything leaves; None: calls
        are made again. What the account's key signs, and logging in, goes on."""
        ...

    # reads (view functions)
    async def head(self) -> Head: ...
    async def newest(self) -> int:
        """Number of the newest block, by which the chain counts. Where reads are of the final state it is
        higher than that of ``head``, by far when finality stands."""
        ...

    async def is_live(self) -> bool:
        """False on a chain whose spec says that it is for development or for one machine."""
        ...

    async def account(self, account: AccountId) -> AccountInfo | None: ...
    async def devices(self, account: AccountId) -> tuple[CertifiedDevice, ...]:
        """Certificates are checked; a false one raises ``UntrustedError``."""
        ...

    async def owner(self, device: DeviceId) -> AccountId | None: ...
    async def final_owner(self, device: DeviceId) -> AccountId | None:
        """As ``owner``, in the newest block that cannot be taken back."""
        ...

    async def profile(self, account: AccountId) -> bytes: ...
    async def presence(self, account: AccountId) -> Presence: ...
    async def peer_info(self, device: DeviceId) -> bytes: ...
    async def inbox(self, device: DeviceId) -> tuple[ChainSignal, ...]: ...
    async def notices(self, account: AccountId) -> tuple[Notice, ...]: ...
    async def blocked(self, account: AccountId) -> tuple[AccountId, ...]: ...
    async def allowance(self, account: AccountId) -> int: ...
    async def active(self, account: AccountId) -> int | None:
        """Block of the last call for an account; the chain forgets one without any for a year."""
        ...

    async def backup(self, account: AccountId) -> BackupHead | None: ...
    async def work(self) -> tuple[int, int]:
        """Difficulty in bits, lifetime of a proof in blocks."""
        ...

    # authorised calls (no signer, no money)
    async def register(self, device: CertifiedDevice, work: int) -> CallReceipt: ...
    async def add_device(self, device: CertifiedDevice, work: int) -> CallReceipt: ...

    # calls signed by this device
    async def heartbeat(self) -> CallReceipt: ...
    async def go_offline(self) -> CallReceipt: ...
    async def renew(self) -> CallReceipt:
        """Nothing but a sign of life."""
        ...

    async def set_profile(self, profile: bytes) -> CallReceipt: ...
    async def register_peer_info(self, info: bytes) -> CallReceipt: ...
    async def send_signaling(self, to: DeviceId, kind: SignalKind, payload: bytes) -> CallReceipt: ...
    async def clear_signaling(self, up_to: int) -> CallReceipt: ...
    async def block_user(self, account: AccountId) -> CallReceipt: ...
    async def unblock_user(self, account: AccountId) -> CallReceipt: ...
    async def notify_offline_message(self, to: AccountId, cid: bytes) -> CallReceipt: ...
    async def clear_notifications(self, up_to: int) -> CallReceipt: ...
    async def set_chat_backup(self, cid: bytes, sequence: int, digest: bytes) -> CallReceipt: ...
    async def clear_chat_backup(self) -> CallReceipt: ...

    # calls signed by the account key
    async def revoke_device(self, device: DeviceId, signer: AccountSigner | None = None) -> CallReceipt:
        """``signer`` None: this device revokes itself."""
        ...

    async def deregister(self, signer: AccountSigner) -> CallReceipt: ...

    # events
    def events(self) -> AsyncIterator[ChainEvent]:
        """Each event once, in block order; after a lost connection it goes on where it was
        (blocks missed meanwhile are read). Several iterators at once are independent."""
        ...
