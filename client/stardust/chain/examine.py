"""What ``stardust doctor`` finds out about the configured nodes, one by one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from stardust.chain.codecs import Codecs
from stardust.chain.connection import Connection
from stardust.chain.errors import ChainUnavailableError, WrongChainError

NODE_LIMIT: Final = 10.0
CLOCK_TOLERANCE: Final = 60.0
"""Seconds; ten blocks of a network."""


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


async def examine_nodes(nodes: Sequence[str], genesis: bytes | None) -> tuple[NodeFinding, ...]:
    """Reachability, genesis, age of the head and clock of each node; all at the same time, never raises."""
    codecs = Codecs()
    return tuple(await asyncio.gather(*(_examine(node, codecs, genesis) for node in nodes)))


async def _examine(node: str, codecs: Codecs, genesis: bytes | None) -> NodeFinding:
    try:
        async with asyncio.timeout(NODE_LIMIT):
            return await _ask(node, codecs, genesis)
    except WrongChainError as error:
        return NodeFinding(node, Level.PROBLEM, str(error), "name a node of your chain in config.toml")
    except ChainUnavailableError as error:
        return NodeFinding(node, Level.PROBLEM, str(error), "start the node, or name another in config.toml")
    except TimeoutError:
        message = f"The node {node} does not answer within {NODE_LIMIT:.0f} s."
        return NodeFinding(node, Level.PROBLEM, message, "check the address and the network")


async def _ask(node: str, codecs: Codecs, genesis: bytes | None) -> NodeFinding:
    connection = await Connection.open(node, codecs, genesis)
    try:
        head, _ = await connection.best()
        stamp = await connection.timestamp()
    finally:
        await connection.close()
    return judge_clock(node, head.number, None if stamp is None else time.time() - stamp)


def judge_clock(node: str, head: int, age: float | None) -> NodeFinding:
    """``age``: seconds from the head's timestamp to this clock; None when the head carries none."""
    if age is None or abs(age) <= CLOCK_TOLERANCE:
        return NodeFinding(node, Level.OK, f"block {head}")
    if age > 0:
        message = f"block {head} is {age:.0f} s old"
        hint = "a chain with blocks on demand is fine; else the node has stopped, or this clock is fast"
        return NodeFinding(node, Level.WARNING, message, hint)
    message = f"block {head} lies {-age:.0f} s ahead of this clock"
    return NodeFinding(node, Level.WARNING, message, "switch on time synchronisation")
