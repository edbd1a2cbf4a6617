"""What ``stardust doctor`` finds out about the configured nodes, one by one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from stardust.chain.age import CLOCK_TOLERANCE, span
from stardust.chain.codecs import Codecs
from stardust.chain.connection import Connection, Opener
from stardust.chain.errors import ChainUnavailableError, WrongChainError
from stardust.chain.jsonrpc import JsonRpc

NODE_LIMIT: Final = 10.0


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class NodeFinding:
    """One sentence about one node, and what to do (empty when nothing is)."""

    node: str
    level: Level
    message: str
    hint: str = ""
    age: float | None = None
    """Seconds from the newest block's timestamp to this clock, where blocks are made by the clock."""


async def examine_nodes(
    nodes: Sequence[str],
    genesis: bytes | None,
    *,
    opener: Opener = JsonRpc.open,
    limit: float = NODE_LIMIT,
) -> tuple[NodeFinding, ...]:
    """Reachability, genesis, age of the head and clock of each node; all at the same time, within ``limit``
    seconds, never raises."""
    codecs = Codecs()
    return tuple(await asyncio.gather(*(_examine(node, codecs, genesis, opener, limit) for node in nodes)))


async def _examine(
    node: str, codecs: Codecs, genesis: bytes | None, opener: Opener, limit: float
) -> NodeFinding:
    try:
        async with asyncio.timeout(limit):
            return await _ask(node, codecs, genesis, opener)
    except WrongChainError as error:
        return NodeFinding(node, Level.PROBLEM, str(error), "name a node of your chain in config.toml")
    except ChainUnavailableError as error:
        return NodeFinding(node, Level.PROBLEM, str(error), "start the node, or name another in config.toml")
    except TimeoutError:
        message = f"no answer within {limit:.0f} s"
        return NodeFinding(node, Level.PROBLEM, message, "check the address and the network")


async def _ask(node: str, codecs: Codecs, genesis: bytes | None, opener: Opener) -> NodeFinding:
    connection = await Connection.open(node, codecs, genesis, opener)
    try:
        head, _ = await connection.best()
        stamp = await connection.timestamp()
    finally:
        await connection.close()
    if connection.on_demand:  # its time is that of its blocks, which come when somebody calls
        return NodeFinding(node, Level.OK, f"block {head.number}, made on demand")
    return judge_clock(node, head.number, None if stamp is None else time.time() - stamp)


def judge_clock(node: str, head: int, age: float | None) -> NodeFinding:
    """``age``: seconds from the head's timestamp to this clock; None when the head carries none."""
    if age is None:
        return NodeFinding(node, Level.OK, f"block {head}")
    if abs(age) <= CLOCK_TOLERANCE:
        return NodeFinding(node, Level.OK, f"block {head}, {max(age, 0):.0f} s ago", age=age)
    if age > 0:
        message = f"block {head} is {span(age)} old"
        hint = "this clock is fast, or the node or the chain has stopped or holds newer blocks back"
        return NodeFinding(node, Level.WARNING, message, hint, age)
    message = f"block {head} lies {span(-age)} ahead of this clock"
    return NodeFinding(node, Level.WARNING, message, "switch on time synchronisation", age)
