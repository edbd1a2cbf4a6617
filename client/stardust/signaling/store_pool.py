"""Connections to the statement stores of up to two nodes at once, over nodes that come and go."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from stardust.chain.connection import check_genesis
from stardust.chain.errors import ChainUnavailableError
from stardust.chain.jsonrpc import JsonRpc
from stardust.chain.nodes import Nodes
from stardust.errors import StardustError, UnavailableError
from stardust.signaling.errors import NoStatementStoreError
from stardust.signaling.places import Wanted
from stardust.signaling.store_node import Figures, StoreNode
from stardust.signaling.store_rpc import Outcome

NODES_AT_ONCE: Final = 2
CONNECT_S: Final = 3.0
"""For which a signal waits for a node to come back."""
NO_STORE_REST_S: Final = 300.0

log = structlog.get_logger(__name__)


class StorePool:
    """``nodes``: WebSocket addresses in order of preference. ``wanted``: what to listen to;
    ``take``: for the digest and bytes of every statement; ``opened``: a node has shown all it has."""

    def __init__(
        self,
        nodes: Sequence[str],
        *,
        wanted: Callable[[], Wanted],
        take: Callable[[bytes, bytes], None],
        opened: Callable[[StoreNode], None],
    ) -> None:
        self._urls = tuple(dict.fromkeys(nodes))
        self._nodes = Nodes(self._urls)
        self._wanted, self._take, self._opened = wanted, take, opened
        self._in_use: set[str] = set()
        self._live: dict[str, StoreNode] = {}
        self._figures = {url: Figures() for url in self._urls}
        self._problems: dict[str, StardustError] = {}
        self._changed = asyncio.Event()
        self._none_since: float | None = None
        self._sending: set[asyncio.Task[Outcome]] = set()

    @property
    def live(self) -> tuple[StoreNode, ...]:
        return tuple(self._live.values())

    async def run(self, genesis: bytes) -> None:
        """Until cancelled."""
        self._none_since = _now()
        async with asyncio.TaskGroup() as group:
            for _ in range(min(NODES_AT_ONCE, len(self._urls))):
                group.create_task(self._serve(genesis), name="statement-node")

    async def ready(self) -> None:
        """Returns when there is a node; waits a moment for one that is just coming.
        ``UnavailableError`` says why there is none."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience()):
                while not self._live and not self._hopeless():
                    await self._changed.wait()
        if not self._live:
            raise UnavailableError(self.problem())

    async def hand_over(self, encoded: bytes) -> Outcome:
        """To all nodes; the first that takes it decides, else the last that answers."""
        sending = [asyncio.create_task(node.submit(encoded)) for node in self._live.values()]
        for task in sending:
            self._sending.add(task)
            task.add_done_callback(self._sent)
        outcome: Outcome | None = None
        problem: StardustError = ChainUnavailableError(self.problem())
        for answer in asyncio.as_completed(sending):
            try:
                outcome = await answer
            except StardustError as error:
                problem = error
                continue
            if outcome.taken:
                return outcome
        if outcome is None:
            raise problem
        return outcome

    def look_again(self) -> None:
        """What is wanted has changed."""
        for node in self._live.values():
            node.look_again()

    @property
    def failed(self) -> bool:
        """There is no node, and not only because none was tried yet."""
        return not self._live and (bool(self._problems) or not self._urls)

    def problem(self) -> str:
        """Why there is no node, in a sentence."""
        if not self._urls:
            return "No node is configured for statements."
        if self._hopeless():
            return "No node that is configured has a statement store."
        return str(next(iter(self._problems.values()), "No node was reached yet."))

    def detail(self) -> str:
        """The nodes in use, and what they are guilty of."""
        parts = []
        for url in self._live:
            figures = self._figures[url]
            faults = {
                "statements missed": figures.missed,
                "silent subscriptions": figures.silent,
                "own statements not kept": figures.dropped,
            }
            told = ", ".join(f"{count} {what}" for what, count in faults.items() if count)
            parts.append(f"{url} ({told})" if told else url)
        return " and ".join(parts)

    def _hopeless(self) -> bool:
        """Every node was asked, and none has a store."""
        known = [isinstance(problem, NoStatementStoreError) for problem in self._problems.values()]
        return len(known) == len(self._urls) and all(known)

    def _patience(self) -> float:
        if self._none_since is None:
            return CONNECT_S
        return max(0.0, self._none_since + CONNECT_S - _now())

    def _sent(self, task: asyncio.Task[Outcome]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.info("a statement was not handed over", problem=str(error))

    async def _serve(self, genesis: bytes) -> None:
        """One node at a time."""
        while True:
            picked = self._nodes.pick(_now(), self._in_use)
            assert picked is not None, "there are as many nodes as there are of us"
            url, wait = picked
            self._in_use.add(url)
            try:
                await asyncio.sleep(wait)
                await self._follow(url, genesis)
            except StardustError as error:
                self._lost(url, error)
            except Exception as error:
                log.exception("statements failed unexpectedly", node=url)
                self._lost(url, UnavailableError(f"{url} cannot be used ({error!r})."))
            finally:
                self._in_use.discard(url)

    async def _follow(self, url: str, genesis: bytes) -> None:
        rpc = await JsonRpc.open(url)
        node = StoreNode(rpc, self._wanted, self._take, self._figures[url])
        try:
            await check_genesis(rpc, genesis)
            await node.open()
            self._live[url] = node
            self._nodes.worked(url)
            self._problems.pop(url, None)
            self._tell()
            self._opened(node)
            await node.run()
        finally:
            if self._live.pop(url, None) is not None and not self._live:
                self._none_since = _now()
            await node.close()
            await rpc.close()

    def _lost(self, url: str, error: StardustError) -> None:
        self._problems[url] = error
        rest = NO_STORE_REST_S if isinstance(error, NoStatementStoreError) else 0.0
        self._nodes.failed(url, _now(), random.random(), rest=rest)  # noqa: S311 - only spreads retries
        log.info("statement store lost", node=url, problem=str(error))
        self._tell()

    def _tell(self) -> None:
        """Wakes those who wait for a node."""
        self._changed.set()
        self._changed = asyncio.Event()


def _now() -> float:
    return asyncio.get_running_loop().time()
