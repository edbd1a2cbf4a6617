"""The history in the clear, for a person to keep."""

from __future__ import annotations

import asyncio
from pathlib import Path

from stardust.api import calls
from stardust.api.types import Exported
from stardust.daemon import clock
from stardust.daemon.api_server import Scope
from stardust.daemon.core import Core
from stardust.errors import UsageError
from stardust.history.export import export
from stardust.history.models import Contact
from stardust.history.store import open_store
from stardust.identity.address import to_address
from stardust.wire.ids import AccountId


class ExportService:
    def __init__(self, core: Core, database_key: bytes) -> None:
        self._core = core
        self._database_key = database_key

    async def run(self, call: calls.ExportRun, _: Scope) -> Exported:
        path = Path(call.path)
        if not path.is_absolute():
            raise UsageError("An export needs an absolute path.")
        only = self._core.people.find(call.contact).account if call.contact else None
        count = await asyncio.to_thread(self._export, path, call, only)
        return Exported(str(path), count)

    def _export(self, path: Path, call: calls.ExportRun, only: AccountId | None) -> int:
        """On a thread of its own, from a second connection: the daemon goes on meanwhile."""
        store = open_store(self._core.home.database, self._database_key, read_only=True)
        try:
            return export(
                store,
                path,
                call.format,
                own=self._core.account,
                now=clock.wall_ms(),
                only=only,
                name_of=_name,
            )
        finally:
            store.close()


def _name(contact: Contact) -> str:
    return contact.name or contact.nickname or to_address(contact.account)
