"""Answers that two nodes have to agree on, of the same finalized block.

One node alone can show an old state, in which a device that was lost is still listed, and nothing in
the answer tells. Two that do not know of each other would have to show the same one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from stardust.chain.connection import Connection
from stardust.chain.cursor import Block
from stardust.chain.errors import ChainUnavailableError
from stardust.chain.feed import Feed
from stardust.chain.jsonrpc import JsonRpc
from stardust.chain.keeper import ConnectionKeeper
from stardust.errors import UntrustedError

MAX_LAG: Final = 5
"""Blocks that the finalized heads of two nodes may lie apart: by so much one may be behind in
honesty, and so old can what it hides be."""


class Witness:
    """``nodes``: others than those of ``first``."""

    def __init__(self, nodes: Sequence[str], first: ConnectionKeeper) -> None:
        self._first = first
        self._second = ConnectionKeeper(nodes, first.genesis, Feed(), JsonRpc.open)

    @property
    def problem(self) -> str | None:
        """Why nothing can be compared."""
        return self._second.problem

    async def connect(self) -> None:
        self._second.genesis = self._first.genesis
        await self._second.connect()

    async def close(self) -> None:
        await self._second.close()

    async def agreed(self, view: str, *arguments: bytes) -> Any:
        """What both say of ``view``. ``UntrustedError`` names them when they differ,
        ``ChainUnavailableError`` when only one can be asked."""
        pair = await self._first.use(), await self._second.use()
        block = await _common(*pair)
        one, other = await asyncio.gather(*(node.view_at(block.hash, view, *arguments) for node in pair))
        if one != other:
            raise _disagree(*pair, f"{view} of {arguments[0].hex()[:16]}…", block)
        return await pair[0].run(pair[0].codec.view_result, view, one)


async def _common(one: Connection, other: Connection) -> Block:
    """The newest block that is final for both."""
    heads = await asyncio.gather(one.finalized(), other.finalized())
    (low, behind), (high, ahead) = sorted(
        zip(heads, (one, other), strict=True), key=lambda pair: pair[0].number
    )
    if high.number - low.number > MAX_LAG:
        raise ChainUnavailableError(
            f"{behind.rpc.title} is {high.number - low.number} blocks behind {ahead.rpc.url}: "
            "what they say cannot be compared."
        )
    (hash_,) = await ahead.hashes(low.number, low.number)
    if hash_ != low.hash:
        raise _disagree(behind, ahead, "which block it is", low)
    return low


def _disagree(one: Connection, other: Connection, what: str, block: Block) -> UntrustedError:
    return UntrustedError(
        f"The nodes {one.rpc.url} and {other.rpc.url} do not agree on {what}, at block {block.number}: "
        "one of them is wrong or lies.",
        hint="ask the operators, or use the light client",
    )
