"""Keeps one good connection, over failing nodes, and follows it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from stardust.chain.codecs import Codecs
from stardust.chain.connection import Connection, Opener
from stardust.chain.errors import ChainUnavailableError
from stardust.chain.feed import Feed
from stardust.chain.follower import Follower
from stardust.chain.nodes import Nodes

USE_WAIT: Final = 3.0
"""Seconds for which a question waits for a lost connection to come back."""
CONNECT_LIMIT: Final = 30.0

log = structlog.get_logger(__name__)


class ConnectionKeeper:
    """``genesis`` None: the first node that answers decides which chain it is."""

    def __init__(self, nodes: Sequence[str], genesis: bytes | None, feed: Feed, opener: Opener) -> None:
        self._opener = opener
        self.genesis = genesis
        self.connection: Connection | None = None
        self._urls = tuple(dict.fromkeys(nodes))
        self.follower = Follower(feed, self._useful, self._leaves)
        self.problem: str | None = None
        self._url = ""
        self._nodes = Nodes(self._urls)
        self._codecs = Codecs()
        self._changed = asyncio.Event()
        self._woken = asyncio.Event()
        """Nobody is to rest any more."""
        self._failure: ChainUnavailableError | None = None
        self._failed: set[str] = set()
        self._still: set[str] = set()
        """Nodes that stood still, one after the other."""
        self._task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Returns once a node serves; raises when each was tried without success."""
        self._failed.clear()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="chain-connection")
        await self._wait(CONNECT_LIMIT, lambda: len(self._failed) >= len(self._urls))

    async def retry(self) -> None:
        """``connect`` that lets no node rest."""
        if self._living() is None:
            self._nodes.wake()
            self._woken.set()
        await self.connect()

    async def use(self) -> Connection:
        """The connection of now; waits a moment for one that is just coming back."""
        if self._task is None:
            raise ChainUnavailableError("The chain is not connected.")
        return await self._wait(USE_WAIT, lambda: False)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _wait(self, limit: float, hopeless: Callable[[], bool]) -> Connection:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                while self._living() is None and not hopeless():
                    await self._changed.wait()
        connection = self._living()
        if connection is None:
            raise self._failure or ChainUnavailableError()
        return connection

    def why_away(self) -> str | None:
        """Why there is no connection; also in the moments before its end was dealt with."""
        ended = None if self.connection is None else self.connection.rpc.problem
        return self.problem or (None if ended is None else str(ended))

    def _living(self) -> Connection | None:
        connection = self.connection
        return None if connection is None or connection.rpc.closed.is_set() else connection

    async def _run(self) -> None:
        while True:
            picked = self._nodes.pick(asyncio.get_running_loop().time())
            if picked is None:
                self._failure = ChainUnavailableError("No chain node is configured.")
                self.problem = str(self._failure)
                self._tell()
                return
            url, wait = picked
            await self._rest(wait)
            try:
                await self._serve(url)
            except ChainUnavailableError as error:
                self._lost(url, error)
            except Exception as error:
                log.exception("the chain connection failed unexpectedly", node=url)
                self._lost(url, ChainUnavailableError(f"The node {url} cannot be used ({error!r})."))

    async def _rest(self, seconds: float) -> None:
        self._woken.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _serve(self, url: str) -> None:
        connection = await Connection.open(url, self._codecs, self.genesis, self._opener)
        try:
            self.genesis = connection.genesis
            self.connection, self._url = connection, url
            self._tell()
            await self.follower.follow(connection)
        finally:
            self.problem = self.why_away()
            self.connection = None
            await connection.close()

    def _useful(self) -> None:
        """The follower has taken a head."""
        if self.connection is not None:
            self._nodes.worked(self._url)
            self.problem, self._failure = None, None

    def _leaves(self) -> bool:
        """The node stands still: whether another is to be tried. When all of them do, it is the chain, and
        a connection is worth more than another round at once."""
        self._still.add(self._url)
        if self._still.issuperset(self._urls):
            self._still.clear()
            return False
        return True

    def _lost(self, url: str, error: ChainUnavailableError) -> None:
        now = asyncio.get_running_loop().time()
        self._nodes.failed(url, now, random.random())  # noqa: S311 - only spreads retries
        self._failure, self.problem = error, str(error)
        self._failed.add(url)
        log.info("chain node lost", node=url, problem=str(error))
        self._tell()

    def _tell(self) -> None:
        """Wakes those who wait for a connection."""
        self._changed.set()
        self._changed = asyncio.Event()
