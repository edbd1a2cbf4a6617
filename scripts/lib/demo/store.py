"""What goes through the statement store while the demo runs, as the node that carries it sees it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from demo.screen import DemoFailedError
from stardust.chain.errors import ChainUnavailableError
from stardust.chain.jsonrpc import JsonRpc
from stardust.signaling import store_rpc
from stardust.signaling.statement import decode


@dataclass
class Carried:
    """Statements, and whose devices signed them."""

    count: int = 0
    size: int = 0
    signers: set[bytes] = field(default_factory=set)
    holding: int = 0
    """In which a text or id of a message stands, readable."""


class StoreWatch:
    """Counts every statement that the node at ``url`` has or gets. Statements are gone after two minutes,
    so it has to watch from the beginning."""

    def __init__(self, rpc: JsonRpc) -> None:
        self._rpc = rpc
        self._seen: dict[bytes, None] = {}
        self._task = asyncio.create_task(self._run(), name="store-watch")

    @classmethod
    async def open(cls, url: str) -> StoreWatch:
        return cls(await JsonRpc.open(url))

    async def _run(self) -> None:
        async with self._rpc.subscribe(store_rpc.SUBSCRIBE, store_rpc.UNSUBSCRIBE, "any") as news:
            while True:
                self._seen.update(dict.fromkeys(store_rpc.parse_batch(await news.next()).statements))

    def carried(self, marks: list[bytes]) -> Carried:
        """All of them; ``marks`` are what to look for in the raw bytes. ``DemoFailedError`` when it could
        not watch to the end."""
        if self._task.done():
            raise DemoFailedError("the node stopped to say what is in its statement store")
        found = Carried()
        for encoded in self._seen:
            found.count += 1
            found.size += len(encoded)
            found.signers.add(decode(encoded).signer)
            found.holding += any(mark in encoded for mark in marks)
        return found

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError, ChainUnavailableError):
            await self._task
        await self._rpc.close()
