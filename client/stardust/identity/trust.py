"""What we know of a contact's devices, and whether to send: trust on first use, then by comparison.

Pure. The chain's list of devices goes in (certificates already checked), a
decision and what to tell the person come out. What makes a device the same is
its ed25519, Olm and sealing key; a fallback key is replaced from time to time
and changes nothing. Any other difference stops sending until the person
accepts exactly what was shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

import msgspec

from stardust.errors import LocalError, UsageError
from stardust.identity.errors import DevicesChangedError
from stardust.identity.records import DeviceRecord
from stardust.wire.ids import DeviceId

_VERSION: Final = 1


class Standing(StrEnum):
    FIRST_SEEN = "first_seen"
    """Taken from the chain at first contact; nobody compared anything."""
    VERIFIED = "verified"
    """The safety number was compared."""
    CHANGED = "changed"
    """The devices are not those we knew; nothing is sent."""
    ACCEPTED = "accepted"
    """A change was accepted without comparing; no longer verified."""


class Notice(StrEnum):
    """What to tell the person."""

    FIRST_CONTACT = "first_contact"
    CHANGED = "changed"
    CHANGED_BACK = "changed_back"
    """The devices are those we knew again."""
    LEFT = "left"
    """The account has no devices any more."""


@dataclass(frozen=True, slots=True)
class Change:
    """How the devices differ from those that were accepted."""

    added: tuple[DeviceId, ...] = ()
    removed: tuple[DeviceId, ...] = ()
    altered: tuple[DeviceId, ...] = ()
    """The same device with other keys: never harmless."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Our knowledge of one contact. Kept in the database as ``to_bytes``."""

    accepted: dict[bytes, bytes]
    """Device id -> fingerprint of its keys; what may be sent to."""
    offered: dict[bytes, bytes] | None
    """What the chain says now, while it differs."""
    compared: bool
    """The accepted devices were compared by safety number."""
    replaced: bool
    """Some earlier change was accepted."""

    @property
    def standing(self) -> Standing:
        if self.offered is not None:
            return Standing.CHANGED
        if self.compared:
            return Standing.VERIFIED
        return Standing.ACCEPTED if self.replaced else Standing.FIRST_SEEN

    @property
    def may_send(self) -> bool:
        return self.offered is None and bool(self.accepted)

    @property
    def change(self) -> Change | None:
        """What to show the person while ``standing`` is CHANGED."""
        return None if self.offered is None else _difference(self.accepted, self.offered)

    @property
    def ticket(self) -> bytes:
        """32 bytes naming the devices that the chain says now; acceptance is of one ticket only."""
        shown = self.accepted if self.offered is None else self.offered
        return hashlib.blake2b(b"".join(a + b for a, b in sorted(shown.items())), digest_size=32).digest()

    def to_bytes(self) -> bytes:
        return msgspec.msgpack.encode((_VERSION, self))

    @classmethod
    def from_bytes(cls, data: bytes) -> Trust:
        try:
            _, trust = _STORED.decode(data)
        except (msgspec.MsgspecError, RecursionError):
            raise LocalError("What is known about a contact's devices is damaged.") from None
        return trust


_STORED: Final = msgspec.msgpack.Decoder(tuple[Literal[1], Trust])


@dataclass(frozen=True, slots=True)
class Decision:
    """The new knowledge, and what to tell the person (None: nothing happened)."""

    trust: Trust
    notice: Notice | None = None


def observe(trust: Trust | None, devices: Iterable[DeviceRecord]) -> Decision:
    """The chain's list came in. The first one that has a device is believed; later ones must agree."""
    seen = {bytes(record.device): fingerprint(record) for record in devices}
    if trust is None or (not trust.accepted and not trust.replaced):
        first = Trust(accepted=seen, offered=None, compared=False, replaced=False)
        return Decision(first, Notice.FIRST_CONTACT if seen else None)
    offered = None if seen == trust.accepted else seen
    if offered == trust.offered:
        return Decision(trust)
    after = Trust(trust.accepted, offered, trust.compared, trust.replaced)
    if offered is None:
        return Decision(after, Notice.CHANGED_BACK)
    return Decision(after, Notice.CHANGED if offered else Notice.LEFT)


def accept(trust: Trust, ticket: bytes) -> Trust:
    """The person accepts the change that was shown under ``ticket``; without comparing it is not verified.

    Raises ``DevicesChangedError`` when they changed again meanwhile.
    """
    if trust.offered is None:
        return trust
    _same_ticket(trust, ticket)
    return Trust(accepted=trust.offered, offered=None, compared=False, replaced=True)


def confirm(trust: Trust, ticket: bytes) -> Trust:
    """The person compared the safety number over the devices under ``ticket``: accepted and verified."""
    _same_ticket(trust, ticket)
    changed = trust.offered is not None
    current = trust.accepted if trust.offered is None else trust.offered
    if not current:
        raise UsageError("This contact has no devices to compare with.")
    return Trust(accepted=current, offered=None, compared=True, replaced=trust.replaced or changed)


def fingerprint(record: DeviceRecord) -> bytes:
    """32 bytes: blake2b-256 over suite, ed25519, Olm and sealing key."""
    keys = bytes([record.suite]) + bytes(record.device) + record.olm + record.sealing
    return hashlib.blake2b(keys, digest_size=32).digest()


def _same_ticket(trust: Trust, ticket: bytes) -> None:
    if ticket != trust.ticket:
        raise DevicesChangedError(hint="look at the contact once more")


def _difference(before: dict[bytes, bytes], after: dict[bytes, bytes]) -> Change:
    return Change(
        added=tuple(DeviceId(key) for key in sorted(after.keys() - before.keys())),
        removed=tuple(DeviceId(key) for key in sorted(before.keys() - after.keys())),
        altered=tuple(DeviceId(k) for k in sorted(before.keys() & after.keys()) if before[k] != after[k]),
    )
