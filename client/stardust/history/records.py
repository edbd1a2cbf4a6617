"""The small tables: settings, invites, the audit log, spent signals."""

from __future__ import annotations

from typing import Final

from stardust.history.database import Database
from stardust.history.models import AuditEntry, Invite
from stardust.wire.ids import AccountId

MAX_AUDIT: Final = 10_000


class Settings:
    """Named values. Two of these stand in a store: one goes into backups, one is of this device only."""

    def __init__(self, database: Database, *, local: bool) -> None:
        self._database = database
        self._local = local

    def get(self, key: str) -> bytes | None:
        row = self._database.row("SELECT value FROM setting WHERE local = ? AND key = ?", (self._local, key))
        return bytes(row[0]) if row else None

    def set(self, key: str, value: bytes | None) -> None:
        """None removes it."""
        if value is None:
            self._database.run("DELETE FROM setting WHERE local = ? AND key = ?", (self._local, key))
        else:
            self._database.run(
                "INSERT OR REPLACE INTO setting (local, key, value) VALUES (?, ?, ?)",
                (self._local, key, value),
            )

    def all(self) -> dict[str, bytes]:
        """In the order of the keys."""
        rows = self._database.rows(
            "SELECT key, value FROM setting WHERE local = ? ORDER BY key", (self._local,)
        )
        return {key: bytes(value) for key, value in rows}


class Invites:
    """Invitations that this account gave out; each works once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, secret: bytes, *, created_at: int, expires: int) -> None:
        self._database.run(
            "INSERT INTO invite (secret, created_at, expires) VALUES (?, ?, ?)", (secret, created_at, expires)
        )

    def spend(self, secret: bytes, now: int) -> bool:
        """True once for each invite that is good at ``now`` (in the unit of ``expires``)."""
        spent = self._database.run(
            "UPDATE invite SET spent_at = ?1 WHERE secret = ?2 AND expires > ?1 AND spent_at IS NULL",
            (now, secret),
        )
        return spent == 1

    def all(self) -> tuple[Invite, ...]:
        rows = self._database.rows(
            "SELECT secret, created_at, expires, spent_at FROM invite ORDER BY created_at"
        )
        return tuple(Invite(*row) for row in rows)

    def forget_expired(self, now: int) -> int:
        return self._database.run("DELETE FROM invite WHERE expires <= ?", (now,))


class Audit:
    """What mattered for security, the newest ``MAX_AUDIT`` entries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, at: int, kind: str, detail: str = "", account: AccountId | None = None) -> None:
        with self._database.transaction():
            self._database.run(
                "INSERT INTO audit (at, kind, account, detail) VALUES (?, ?, ?, ?)",
                (at, kind, account, detail),
            )
            self._database.run("DELETE FROM audit WHERE id <= ?", (self._database.last_id - MAX_AUDIT,))

    def newest(self, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Newest first."""
        rows = self._database.rows(
            "SELECT at, kind, account, detail FROM audit ORDER BY id DESC LIMIT ?", (limit,)
        )
        return tuple(
            AuditEntry(at, kind, AccountId(who) if who else None, text) for at, kind, who, text in rows
        )


class SpentSignals:
    """Ids of signals that were acted on, so that a repeated one is not, also after a restart."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def first_sight(self, signal_id: bytes, expires: int, now: int) -> bool:
        """Remembers the id (16 bytes) until ``expires``; False when it was remembered already. Forgets
        those that have expired. Both in Unix seconds."""
        with self._database.transaction():
            self._database.run("DELETE FROM spent_signal WHERE expires <= ?", (now,))
            return bool(
                self._database.run(
                    "INSERT INTO spent_signal (id, expires) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    (signal_id, expires),
                )
            )
