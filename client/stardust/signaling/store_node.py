"""One node's statement store, over one connection: subscriptions that are renewed, and what they miss.

A node drops a subscription that is slow without a word (sc-statement-store: a buffer of 128). So
each subscription carries the device's own topics: what this device sends has to come back on all of
them. And once a minute fresh ones take the place of the old ones; their replay shows what the old
ones have missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from stardust.chain.errors import ChainUnavailableError
from stardust.chain.jsonrpc import JsonRpc, RpcError
from stardust.signaling import store_rpc
from stardust.signaling.errors import NoStatementStoreError
from stardust.signaling.places import Wanted
from stardust.signaling.statement import digest_of

RENEW_S: Final = 60.0
REPLAY_LIMIT_S: Final = 15.0
GRACE_S: Final = 0.25
"""For what is still under way on the old subscriptions when the new ones stand."""
MEND_S: Final = 5.0
"""After a subscription ended by itself; under a flood it would end again at once."""
SUBMIT_LIMIT_S: Final = 5.0
MAX_SEEN: Final = 8_192
MAX_LIVE: Final = 192
"""Subscriptions; beyond it the topics are put together anew."""


@dataclass(slots=True)
class Figures:
    """Of one node, over all its connections."""

    missed: int = 0
    """Statements that a subscription should have brought and that only its successor's replay did."""
    silent: int = 0
    """Own statements that did not come back although the node has them."""
    dropped: int = 0
    """Own statements that the node took and has not."""


class Live:
    """One subscription. ``take`` is called with the digest and bytes of every statement."""

    def __init__(self, rpc: JsonRpc, topics: frozenset[bytes], take: Callable[[bytes, bytes], None]) -> None:
        self.topics = topics
        self.replayed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when everything that was there before has come."""
        self.seen: set[bytes] = set()
        self.replay: set[bytes] = set()
        self._rpc, self._take = rpc, take
        self.task = asyncio.create_task(self._run(), name="statements-live")

    def shows(self, digest: bytes) -> bool:
        """Whether it has brought the statement, as far as can be told."""
        return digest in self.seen or self.full

    @property
    def full(self) -> bool:
        return len(self.seen) >= MAX_SEEN

    async def _run(self) -> None:
        try:
            await self._follow()
        except Exception as error:
            if not self.replayed.done():
                self.replayed.set_exception(error)
            raise

    async def _follow(self) -> None:
        wanted = store_rpc.match_any(self.topics)
        async with self._rpc.subscribe(store_rpc.SUBSCRIBE, store_rpc.UNSUBSCRIBE, wanted) as news:
            while True:
                batch = store_rpc.parse_batch(await news.next())
                for number, encoded in enumerate(batch.statements, 1):
                    self._note(encoded)
                    if number % 32 == 0:
                        await asyncio.sleep(0)  # a long replay does not hold up everything else
                if batch.remaining == 0 and not self.replayed.done():
                    self.replayed.set_result(None)

    def _note(self, encoded: bytes) -> None:
        digest = digest_of(encoded)
        if not self.full:
            self.seen.add(digest)
            if not self.replayed.done():
                self.replay.add(digest)
        self._take(digest, encoded)


class StoreNode:
    """``wanted`` says what to listen to now. ``open``, then ``run`` until the connection ends."""

    def __init__(
        self,
        rpc: JsonRpc,
        wanted: Callable[[], Wanted],
        take: Callable[[bytes, bytes], None],
        figures: Figures,
    ) -> None:
        self.rpc = rpc
        self._wanted, self._take, self._figures = wanted, take, figures
        self._heard: Wanted | None = None
        self._lives: list[Live] = []
        self._suspects: dict[bytes, asyncio.Event] = {}
        self._news = asyncio.Event()
        self._renew_at = 0.0

    async def submit(self, encoded: bytes) -> store_rpc.Outcome:
        """``ChainUnavailableError`` when the node says nothing of use."""
        answer = await self.rpc.request(store_rpc.SUBMIT, f"0x{encoded.hex()}", limit=SUBMIT_LIMIT_S)
        return store_rpc.parse_outcome(answer)

    def shows(self, digest: bytes) -> bool:
        """Whether every subscription has brought the statement."""
        return all(live.shows(digest) for live in self._lives)

    def suspect(self, digest: bytes) -> asyncio.Event:
        """An own statement did not come back: everything is subscribed to anew. Set when that is done."""
        examined = self._suspects.setdefault(digest, asyncio.Event())
        self._news.set()
        return examined

    def look_again(self) -> None:
        """What is wanted has changed."""
        self._news.set()

    async def open(self) -> None:
        """Returns when all that the node had has been taken. ``NoStatementStoreError``,
        ``ChainUnavailableError``."""
        await self._renew(self._wanted())

    async def run(self) -> None:
        """Raises ``ChainUnavailableError`` when the connection is lost."""
        while True:
            try:
                async with asyncio.timeout(max(0.0, self._renew_at - _now())):
                    await self._news.wait()
            except TimeoutError:
                pass  # it is time for fresh ones
            self._news.clear()
            await self._tend(self._wanted())

    async def close(self) -> None:
        await _close(self._lives)
        self._lives = []

    async def _tend(self, wanted: Wanted) -> None:
        if self.rpc.closed.is_set():
            raise self.rpc.problem or ChainUnavailableError()
        if any(live.task.done() for live in self._lives):
            self._renew_at = min(self._renew_at, _now() + MEND_S)
        others = self._heard is None or wanted.own != self._heard.own or wanted.first != self._heard.first
        if others or self._suspects or _now() >= self._renew_at or len(self._lives) > MAX_LIVE:
            await self._renew(wanted)
            return
        covered = frozenset[bytes]().union(*(live.topics for live in self._lives))
        if not wanted.pairs | wanted.beats <= covered:
            self._lives += await self._subscribe(wanted.groups(store_rpc.MAX_ANY_TOPICS, covered))
            self._heard = wanted

    async def _renew(self, wanted: Wanted) -> None:
        fresh = await self._subscribe(wanted.groups(store_rpc.MAX_ANY_TOPICS))
        old, self._lives = self._lives, fresh
        same, self._heard = wanted == self._heard, wanted
        self._renew_at = _now() + RENEW_S
        if old:
            await asyncio.sleep(GRACE_S)
            self._judge(old, fresh, same)
            await _close(old)

    def _judge(self, old: list[Live], fresh: list[Live], same: bool) -> None:
        """What the old ones have missed. ``same``: they listened to the same topics."""
        before = set[bytes]().union(*(live.seen for live in old))
        if same and not any(live.full for live in (*old, *fresh)):
            self._figures.missed += len(set[bytes]().union(*(live.replay for live in fresh)) - before)
        for digest, examined in self._suspects.items():
            examined.set()
            if all(live.shows(digest) for live in old):
                continue  # it came after all
            if any(live.shows(digest) for live in fresh):
                self._figures.silent += 1
            else:
                self._figures.dropped += 1
        self._suspects.clear()

    async def _subscribe(self, groups: list[frozenset[bytes]]) -> list[Live]:
        lives = [Live(self.rpc, group, self._take) for group in groups]
        try:
            async with asyncio.timeout(REPLAY_LIMIT_S):
                await asyncio.gather(*(live.replayed for live in lives))
        except BaseException as error:
            await _close(lives)
            if isinstance(error, TimeoutError):
                raise ChainUnavailableError(f"The node {self.rpc.url} does not show statements.") from None
            if isinstance(error, RpcError) and error.rpc_code == store_rpc.NO_SUCH_METHOD:
                raise NoStatementStoreError(f"{self.rpc.url} has no statement store.") from None
            raise
        for live in lives:
            live.task.add_done_callback(lambda _: self._news.set())
        return lives


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _close(lives: list[Live]) -> None:
    for live in lives:
        live.task.cancel()
    await asyncio.gather(*(live.task for live in lives), return_exceptions=True)
