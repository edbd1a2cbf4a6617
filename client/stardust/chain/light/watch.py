"""Watches whether the light client is at the head of its chain: peers, blocks, finality, sleep."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from stardust.chain.errors import BadNodeError, ChainUnavailableError
from stardust.chain.jsonrpc import JsonRpc, Subscription
from stardust.chain.light.outlook import FINALITY_LAG, Outlook, asleep, why_alone, why_unproven
from stardust.chain.light.spec import ChainSpec

READY_S: Final = 60.0
"""Seconds for the first proven block once there are peers."""
LOOK_S: Final = 5.0
"""Seconds between two looks, each a question that smoldot answers by itself."""
_DIAL_S: Final = 2.0
_POLL_S: Final = 0.05


class Watch:
    """``run`` goes on until something ends the connection, which raises."""

    def __init__(self, rpc: JsonRpc, spec: ChainSpec) -> None:
        self.outlook = Outlook(time.monotonic())
        self.head: Any = None
        """Header (JSON) of the newest finalized block."""
        self.trouble: str | None = None
        """Why nothing can be proven now."""
        self._rpc = rpc
        self._spec = spec

    @property
    def notice(self) -> str | None:
        return self.outlook.notice(time.monotonic())

    async def first_head(self, final: Callable[[], str | None]) -> None:
        """Returns at the head of the chain; ``ChainUnavailableError`` says why it cannot be reached.

        ``final``: the hash of the newest final block, which is known before smoldot tells of heads.
        """
        began = time.monotonic()
        while True:
            health = await self._health()
            now = time.monotonic()
            if self.head is not None and not health["isSyncing"]:
                return
            if self.outlook.peers and (hash_ := final()) is not None and await self._is_newest(hash_):
                return
            if self.outlook.alone(now):
                raise ChainUnavailableError(await self._why_alone())
            if now - began >= READY_S:
                raise ChainUnavailableError(await self._why_unproven())
            await asyncio.sleep(_POLL_S)

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._look())
                tasks.create_task(self._follow_finalized())
                tasks.create_task(self._follow_best())
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    def finalized_heads(self) -> AbstractAsyncContextManager[Subscription]:
        return self._rpc.subscribe("chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads")

    async def _look(self) -> None:
        while True:
            monotonic, wall = time.monotonic(), time.time()
            await asyncio.sleep(LOOK_S)
            slept = asleep(LOOK_S, time.monotonic() - monotonic, time.time() - wall)
            if slept is not None:
                raise ChainUnavailableError(
                    f"This machine slept for about {slept:.0f} s; the network is looked for anew."
                )
            await self._health()
            alone = self.outlook.alone(time.monotonic())
            self.trouble = await self._why_alone() if alone else None

    async def _is_newest(self, final: str) -> bool:
        """Whether this final block is near to the best one that a peer claims."""
        header = await self._rpc.request("chain_getHeader", final)
        if number_of(header) + FINALITY_LAG <= await self._claimed():
            return False
        self._saw_final(header)
        return True

    async def _claimed(self) -> int:
        """The highest block that a peer speaks of."""
        peers = await self._rpc.request("system_peers")
        return max((int(peer["bestNumber"]) for peer in peers), default=0)

    async def _health(self) -> Any:
        health = await self._rpc.request("system_health")
        self.outlook.saw_peers(time.monotonic(), int(health["peers"]))
        return health

    async def _follow_finalized(self) -> None:
        async with self.finalized_heads() as headers:
            while True:
                self._saw_final(await headers.next())

    def newest(self, header: Any) -> Any:
        """``header``, or None when a newer one is final already: smoldot tells of each from the genesis on
        when it begins to tell."""
        known = -1 if self.head is None else number_of(self.head)
        return header if number_of(header) >= known else None

    def _saw_final(self, header: Any) -> None:
        if self.newest(header) is not None:
            self.head = header
            self.outlook.saw_finalized(number_of(header))

    async def _follow_best(self) -> None:
        heads = self._rpc.subscribe("chain_subscribeNewHeads", "chain_unsubscribeNewHeads")
        async with heads as headers:
            while True:
                self.outlook.saw_best(time.monotonic(), number_of(await headers.next()))

    async def _why_alone(self) -> str:
        nodes = self._spec.boot_nodes
        answers = await asyncio.gather(*(_answers(node.host, node.port) for node in nodes))
        answering = [str(node) for node, answer in zip(nodes, answers, strict=True) if answer]
        return why_alone(self._spec.name, [str(node) for node in nodes], answering)

    async def _why_unproven(self) -> str:
        outlook = self.outlook
        return why_unproven(self._spec.name, outlook.peers, await self._claimed(), outlook.finalized)


def number_of(header: Any) -> int:
    """The number in a header (JSON)."""
    try:
        return int(header["number"], 16)
    except (KeyError, TypeError, ValueError):
        raise BadNodeError("The light client shows a header that is none.") from None


async def _answers(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        async with asyncio.timeout(_DIAL_S):
            _, writer = await asyncio.open_connection(host, port)
    except OSError:  # a TimeoutError is one
        return False
    writer.close()
    return True
