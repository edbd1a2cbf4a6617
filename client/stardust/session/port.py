"""What session needs from storage, and what the layers above get from session.

All of it is synchronous and belongs to one thread, the one of the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from stardust.wire.ids import DeviceId

MAX_SESSIONS = 5
"""Olm sessions kept for one peer device."""

MAX_RETIRED = 256
"""Ids of former sessions remembered for one peer device."""


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One Olm session with a peer device."""

    id: str
    """Olm session id: 43 characters, unpadded base64."""
    peer_key: bytes
    """32 bytes: the peer's curve25519 identity key with which the session was made."""
    pickle: str = field(repr=False)
    """Encrypted vodozemac pickle, 1.5 to about 30 KiB (it holds up to 40 skipped message keys a chain)."""
    last_use: int
    """Grows with each message decrypted from this device; 0 while this session has decrypted none."""
    sending: bool
    """False: kept for messages still on their way to us, never used to seal."""


class SessionStore(Protocol):
    """Olm account and sessions of this device. ``save_*`` and ``retire`` are called inside
    the ``DeliveryStore.transaction()`` that also stores what was sealed or opened: both
    adapters stand on the same connection. Every method may raise ``LocalError``."""

    def load_account(self) -> str | None:
        """The pickled Olm account; None before there is one."""
        ...

    def save_account(self, pickle: str) -> None:
        """Insert or replace."""
        ...

    def load_sessions(self, device: DeviceId) -> tuple[StoredSession, ...]:
        """All sessions with ``device``, in any order; session keeps at most ``MAX_SESSIONS``."""
        ...

    def save_session(self, device: DeviceId, session: StoredSession) -> None:
        """Insert or replace the session (device, id)."""
        ...

    def retire_session(self, device: DeviceId, session_id: str) -> None:
        """Deletes the session and remembers its id, so that its first message, replayed,
        cannot bring it back. The newest ``MAX_RETIRED`` ids of each device are kept."""
        ...

    def is_retired(self, device: DeviceId, session_id: str) -> bool: ...


class Sealed(NamedTuple):
    """One Olm message."""

    olm_type: Literal[0, 1]
    """0: pre-key message, 1: ordinary message."""
    ciphertext: bytes


class Opened(NamedTuple):
    plaintext: bytes
    new_session: bool
    """The message started a session, which costs more than an ordinary one: a peer may not do it often."""


class Encryption(Protocol):
    """End-to-end encryption with one peer device: what delivery builds on."""

    def seal(self, device: DeviceId, plaintext: bytes) -> Sealed:
        """Raises ``DeviceNotTrustedError``; nothing was sealed then."""
        ...

    def open(self, device: DeviceId, sealed: Sealed) -> Opened:
        """Raises ``DeviceNotTrustedError``, ``NoSessionError``, ``UndecryptableError``."""
        ...

    def trusts(self, device: DeviceId) -> bool:
        """Whether ``seal`` and ``open`` may be used with this device now."""
        ...

    def renew(self, device: DeviceId) -> None:
        """The next ``seal`` starts a new session: the peer cannot read the present ones."""
        ...

    def discard_unsaved(self) -> None:
        """The transaction was rolled back: forget what is not in the store."""
        ...
