"""``SessionStore`` on the database: Olm account and sessions of this device (session/port.py)."""

from __future__ import annotations

from stardust.history.database import Database
from stardust.session.port import MAX_RETIRED, StoredSession
from stardust.wire.ids import DeviceId


class Ratchets:
    def __init__(self, database: Database) -> None:
        self._database = database

    def load_account(self) -> str | None:
        row = self._database.row("SELECT pickle FROM olm_account")
        return str(row[0]) if row else None

    def save_account(self, pickle: str) -> None:
        self._database.run("INSERT OR REPLACE INTO olm_account (id, pickle) VALUES (1, ?)", (pickle,))

    def load_sessions(self, device: DeviceId) -> tuple[StoredSession, ...]:
        rows = self._database.rows(
            "SELECT id, peer_key, pickle, last_use, sending FROM olm_session WHERE device = ?", (device,)
        )
        return tuple(StoredSession(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows)

    def save_session(self, device: DeviceId, session: StoredSession) -> None:
        self._database.run(
            "INSERT INTO olm_session (device, id, peer_key, pickle, last_use, sending)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (device, id) DO UPDATE SET"
            " peer_key = excluded.peer_key, pickle = excluded.pickle,"
            " last_use = excluded.last_use, sending = excluded.sending",
            (device, session.id, session.peer_key, session.pickle, session.last_use, session.sending),
        )

    def retire_session(self, device: DeviceId, session_id: str) -> None:
        self._database.run("DELETE FROM olm_session WHERE device = ? AND id = ?", (device, session_id))
        self._database.run(
            "INSERT INTO olm_retired (device, session) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (device, session_id),
        )
        self._database.run(
            "DELETE FROM olm_retired WHERE device = ?1 AND n <= (SELECT n FROM olm_retired WHERE device = ?1"
            " ORDER BY n DESC LIMIT 1 OFFSET ?2)",
            (device, MAX_RETIRED),
        )

    def is_retired(self, device: DeviceId, session_id: str) -> bool:
        row = self._database.row(
            "SELECT 1 FROM olm_retired WHERE device = ? AND session = ?", (device, session_id)
        )
        return row is not None
