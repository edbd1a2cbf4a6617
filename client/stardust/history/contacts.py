"""Contacts, their conversations, and the devices that stand on chain for them."""

from __future__ import annotations

from stardust.delivery.port import MessageState
from stardust.errors import DecodeError
from stardust.history.database import Database, Row, damaged
from stardust.history.models import Contact, ContactState, Overview
from stardust.identity.records import CertifiedDevice, DeviceRecord, Scheme
from stardust.identity.trust import Trust
from stardust.wire.codec import encode
from stardust.wire.ids import AccountId, ConversationId, DeviceId
from stardust.wire.items import PROFILE, Profile

_COLUMNS = (
    "c.account, v.conversation, c.state, c.name, c.nickname, c.note, c.trust, c.blocked, c.answered,"
    " c.added_at"
)
_FROM = "FROM contact c JOIN conversation v ON v.contact = c.id "
_CONTACT = f"SELECT {_COLUMNS} {_FROM}"

_WAITING = f"m.state IN ('{MessageState.QUEUED}', '{MessageState.SENT}')"

_OVERVIEW = f"""SELECT {_COLUMNS},
 (SELECT count(*) FROM message m WHERE m.conversation = v.id AND m.outgoing = 0 AND m.read_at IS NULL),
 (SELECT count(*) FROM message m WHERE m.conversation = v.id AND {_WAITING}),
 (SELECT max(place) FROM message m WHERE m.conversation = v.id) AS last
{_FROM}"""  # noqa: S608 - constants only


class Contacts:
    """Reading and changing. Writes are called inside ``Store.transaction()`` or stand alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, contact: Contact) -> None:
        """Insert or replace everything about the contact except its messages and ``added_at``."""
        trust = contact.trust.to_bytes() if contact.trust else None
        values = (contact.account, contact.state, contact.name, contact.nickname, contact.note, trust)
        with self._database.transaction():
            self._database.run(
                "INSERT INTO contact (account, state, name, nickname, note, trust, blocked, answered,"
                " added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account) DO UPDATE SET"
                " state = excluded.state, name = excluded.name, nickname = excluded.nickname,"
                " note = excluded.note,"
                " trust = excluded.trust, blocked = excluded.blocked, answered = excluded.answered",
                (*values, contact.blocked, contact.answered, contact.added_at),
            )
            self._database.run(
                "INSERT INTO conversation (conversation, contact)"
                " SELECT ?, id FROM contact WHERE account = ? ON CONFLICT (contact) DO NOTHING",
                (contact.conversation, contact.account),
            )

    def get(self, account: AccountId) -> Contact | None:
        row = self._database.row(_CONTACT + "WHERE c.account = ?", (account,))
        return _contact(row) if row else None

    def of(self, conversation: ConversationId) -> Contact | None:
        row = self._database.row(_CONTACT + "WHERE v.conversation = ?", (conversation,))
        return _contact(row) if row else None

    def all(self) -> tuple[Contact, ...]:
        """In the order in which they were added."""
        return tuple(_contact(row) for row in self._database.rows(_CONTACT + "ORDER BY c.id"))

    def overview(self, account: AccountId) -> Overview | None:
        row = self._database.row(_OVERVIEW + "WHERE c.account = ?", (account,))
        return _overview(row) if row else None

    def overviews(self) -> tuple[Overview, ...]:
        """The most recent conversation first."""
        rows = self._database.rows(_OVERVIEW + "ORDER BY coalesce(last, c.added_at) DESC, c.id DESC")
        return tuple(_overview(row) for row in rows)

    def forget(self, account: AccountId) -> None:
        """Removes the contact with its conversation, messages, devices, their presence keys and profile."""
        with self._database.transaction():
            self._database.run("DELETE FROM contact WHERE account = ?", (account,))
            self._database.run(
                "DELETE FROM presence_key WHERE device IN (SELECT device FROM device WHERE account = ?)",
                (account,),
            )
            self._database.run("DELETE FROM device WHERE account = ?", (account,))
            self._database.run("DELETE FROM profile WHERE account = ?", (account,))

    # profiles
    def profile(self, account: AccountId) -> Profile | None:
        """What an account says about itself (the own one too)."""
        row = self._database.row("SELECT profile FROM profile WHERE account = ?", (account,))
        try:
            return PROFILE.decode(row[0]) if row else None
        except DecodeError:
            raise damaged(self._database.path) from None

    def save_profile(self, profile: Profile) -> None:
        """Insert or replace; who calls this has checked the signature."""
        self._database.run(
            "INSERT OR REPLACE INTO profile (account, profile) VALUES (?, ?)",
            (profile.account, encode(profile)),
        )

    # devices
    def save_devices(self, account: AccountId, devices: tuple[CertifiedDevice, ...]) -> None:
        """Replaces what is kept of the account's devices, as the chain has them."""
        with self._database.transaction():
            self._database.run("DELETE FROM device WHERE account = ?", (account,))
            self._database.run_many(
                "INSERT OR REPLACE INTO device (device, account, suite, olm, fallback, sealing, expires,"
                " possession, scheme, certificate, added) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_device_values(account, device) for device in devices],
            )

    def devices(self, account: AccountId) -> tuple[CertifiedDevice, ...]:
        rows = self._database.rows(f"{_DEVICE} WHERE account = ? ORDER BY added, device", (account,))
        return tuple(_device(row) for row in rows)

    def device(self, device: DeviceId) -> CertifiedDevice | None:
        row = self._database.row(f"{_DEVICE} WHERE device = ?", (device,))
        return _device(row) if row else None


def _overview(row: Row) -> Overview:
    return Overview(_contact(row[:10]), row[10], row[11], row[12])


def _contact(row: Row) -> Contact:
    account, conversation, state, name, nickname, note, trust, blocked, answered, added_at = row
    return Contact(
        account=AccountId(account),
        conversation=ConversationId(conversation),
        state=ContactState(state),
        name=name,
        nickname=nickname,
        note=note,
        trust=Trust.from_bytes(trust) if trust is not None else None,
        blocked=bool(blocked),
        answered=bool(answered),
        added_at=added_at,
    )


_DEVICE = (
    "SELECT account, suite, device, olm, fallback, sealing, expires, possession, scheme, certificate, added"
    " FROM device"
)


def _device_values(account: AccountId, device: CertifiedDevice) -> tuple[bytes | str | int, ...]:
    record = device.record
    keys = (record.device, account, record.suite, record.olm, record.fallback, record.sealing)
    return (*keys, device.expires, device.possession, device.scheme.value, device.certificate, device.added)


def _device(row: Row) -> CertifiedDevice:
    account, suite, device, olm, fallback, sealing, expires, possession, scheme, certificate, added = row
    return CertifiedDevice(
        account=AccountId(account),
        record=DeviceRecord(DeviceId(device), olm, fallback, sealing, suite),
        expires=expires,
        possession=possession,
        scheme=Scheme(scheme),
        certificate=certificate,
        added=added,
    )
