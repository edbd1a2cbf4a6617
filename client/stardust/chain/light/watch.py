"""Watches whether the light client is at the head of its chain: peers, blocks, finality, sleep."""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from stardust.chain.connection import TIMESTAMP_KEY
from stardust.chain.errors import BadNodeError, ChainUnavailableError
from stardust.chain.jsonrpc import JsonRpc, RpcError, Subscription
from stardust.chain.light.outlook import (
    FINALITY_LAG,
    Claim,
    Greeting,
    Outlook,
    asleep,
    is_of_now,
    why_alone,
    why_unproven,
)
from stardust.chain.light.runtime import RuntimeCalls
from stardust.chain.light.spec import ChainSpec
from stardust.chain.records import unhexed

READY_S: Final = 60.0
"""Seconds for the first proven block once there are peers."""
LOOK_S: Final = 5.0
"""Seconds between two looks, each a question that smoldot answers by itself."""
_DIAL_S: Final = 2.0
_HELLO: Final = b"\x13/multistream/1.0.0\n"
_POLL_S: Final = 0.05
_AGE_S: Final = 1.0
"""Seconds between two questions for a block's time, each of which peers have to prove."""
_PROOF_S: Final = 5.0
MAX_PEER_ID: Final = 128


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
    def standstill(self) -> str | None:
        return self.outlook.standstill(time.monotonic())

    @property
    def notice(self) -> str | None:
        return self.outlook.notice(time.monotonic())

    async def first_head(self, runtime: RuntimeCalls) -> None:
        """Returns at the head of the chain; ``ChainUnavailableError`` says why it cannot be reached.

        A peer that claims a higher block may be right. If nobody proves it while a block that is proven is
        of now, it is wrong, and is no reason to wait.
        """
        began = asked = time.monotonic()
        while True:
            health = await self._health()
            now = time.monotonic()
            if self.head is not None and runtime.ready and not health["isSyncing"]:
                return
            final = runtime.final if self.outlook.peers else None
            if final is not None and await self._is_newest(final):
                return
            if self.outlook.alone(now):
                raise ChainUnavailableError(await self._why_alone())
            if final is not None and now - asked >= _AGE_S:
                # A final block comes some seconds after the best one: only later is that a sign of a stall.
                if await self._is_of_now(final, runtime.best_block if now - began >= READY_S / 2 else None):
                    return
                asked = time.monotonic()
            if now - began >= READY_S:
                raise ChainUnavailableError(await self._why_unproven(runtime))
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
            self.outlook.saw_claims(time.monotonic(), await self._claims())
            alone = self.outlook.alone(time.monotonic())
            self.trouble = await self._why_alone() if alone else None

    async def _is_newest(self, final: str) -> bool:
        """Whether this final block is near to the best one that a peer claims."""
        header = await self._rpc.request("chain_getHeader", final)
        if number_of(header) + FINALITY_LAG <= await self._claimed():
            return False
        self._saw_final(header)
        return True

    async def _is_of_now(self, final: str, best: str | None) -> bool:
        """Whether the final block, or the best one on it, was made just now; both are of our authorities."""
        for block in (final, best):
            if block is not None and is_of_now(await self._age(block)):
                self._saw_final(await self._rpc.request("chain_getHeader", final))
                self.outlook.saw_claims(time.monotonic(), await self._claims())
                return True
        return False

    async def _age(self, block: str) -> float | None:
        """Seconds from its time to this clock; None when nobody proves it, or it has none."""
        try:
            value = await self._rpc.ask("state_getStorage", TIMESTAMP_KEY, block, limit=_PROOF_S)
        except (RpcError, TimeoutError):
            return None
        return None if value is None else time.time() - int.from_bytes(unhexed(value)[:8], "little") / 1000

    async def _claimed(self) -> int:
        """The highest block that a peer speaks of."""
        return max((claim.number for claim in await self._claims()), default=0)

    async def _claims(self) -> list[Claim]:
        peers = await self._rpc.request("system_peers")
        return [Claim(str(peer["peerId"])[:MAX_PEER_ID], int(peer["bestNumber"])) for peer in peers]

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
        answers = await asyncio.gather(*(_greet(node.host, node.port) for node in nodes))
        places = [(str(node), answer) for node, answer in zip(nodes, answers, strict=True)]
        return why_alone(self._spec.name, places, before=self.outlook.had_peers)

    async def _why_unproven(self, runtime: RuntimeCalls) -> str:
        outlook, age = self.outlook, None
        if (final := runtime.final) is not None:
            outlook.saw_finalized(number_of(await self._rpc.request("chain_getHeader", final)))
            age = await self._age(final)
        return why_unproven(self._spec.name, outlook.peers, await self._claimed(), outlook.finalized, age)


def number_of(header: Any) -> int:
    """The number in a header (JSON)."""
    try:
        return int(header["number"], 16)
    except (KeyError, TypeError, ValueError):
        raise BadNodeError("The light client shows a header that is none.") from None


async def _greet(host: str, port: int) -> Greeting:
    """What somebody there says to the greeting of libp2p nodes (multistream-select, §Protocol)."""
    try:
        async with asyncio.timeout(_DIAL_S):
            reader, writer = await asyncio.open_connection(host, port)
    except OSError:  # a TimeoutError is one
        return Greeting.NOBODY
    try:
        writer.write(_HELLO)
        async with asyncio.timeout(_DIAL_S):
            return Greeting.NODE if await reader.readexactly(len(_HELLO)) == _HELLO else Greeting.SILENT
    except (OSError, asyncio.IncompleteReadError):
        return Greeting.SILENT
    finally:
        writer.close()
