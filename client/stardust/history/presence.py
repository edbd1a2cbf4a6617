"""Keys of beats: the own one, to whom it was given, and those that other devices gave."""

from __future__ import annotations

from dataclasses import dataclass, field

from stardust.history.database import Database
from stardust.wire.ids import DeviceId


@dataclass(frozen=True, slots=True)
class PresenceKeyState:
    """``key``: 32 bytes; None: there was one of an earlier generation, and there is none now."""

    generation: int
    key: bytes | None = field(repr=False)


class PresenceKeys:
    """Reading and changing. Writes are called inside ``Store.transaction()`` or stand alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # the own one
    def own(self) -> PresenceKeyState | None:
        """None: there never was one."""
        row = self._database.row("SELECT generation, key FROM presence_own")
        return PresenceKeyState(*row) if row else None

    def save_own(self, state: PresenceKeyState) -> None:
        self._database.run(
            "INSERT OR REPLACE INTO presence_own (id, generation, key) VALUES (1, ?, ?)",
            (state.generation, state.key),
        )

    def given(self) -> dict[DeviceId, int]:
        """Devices that were given a key of this device, and the generation of the last one."""
        rows = self._database.rows("SELECT device, generation FROM presence_given")
        return {DeviceId(device): generation for device, generation in rows}

    def save_given(self, device: DeviceId, generation: int | None) -> None:
        """None: it is of no interest any more what the device was given."""
        if generation is None:
            self._database.run("DELETE FROM presence_given WHERE device = ?", (device,))
        else:
            self._database.run(
                "INSERT OR REPLACE INTO presence_given (device, generation) VALUES (?, ?)",
                (device, generation),
            )

    # those of others
    def keys(self) -> dict[DeviceId, bytes]:
        """Of all devices that gave one and have not taken it back."""
        rows = self._database.rows("SELECT device, key FROM presence_key WHERE key IS NOT NULL")
        return {DeviceId(device): key for device, key in rows}

    def take(self, device: DeviceId, state: PresenceKeyState) -> bool:
        """Keeps what ``device`` gave; False when that is not newer than what it gave before."""
        changed = self._database.run(
            "INSERT INTO presence_key (device, generation, key) VALUES (?, ?, ?) ON CONFLICT (device) DO"
            " UPDATE SET generation = excluded.generation, key = excluded.key"
            " WHERE excluded.generation > presence_key.generation",
            (device, state.generation, state.key),
        )
        return changed == 1
