"""A node with a statement store: JSON-RPC over a WebSocket, and the faults that a test wants.

Semantics are those of ``sc-rpc`` 56.0.0 (``statement_submit``, ``statement_subscribeStatement``) and
``sc-statement-store`` 32.0.1 (replay, ``matchAny`` and ``matchAll``, a buffer of 128 for each
subscription, which is dropped without a word when it is full).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.fakes.statement_store import FakeStore, Kept

BUFFER = 128
CHUNK = 4 * 1024 * 1024
MAX_ANY, MAX_ALL = 128, 4

Matches = Callable[[frozenset[bytes]], bool]


class Refused(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Subscribed:
    """``matches_live`` differs from ``matches`` for an empty ``matchAll``, which gets a replay only."""

    def __init__(self, number: str, socket: ServerConnection, topics: Any) -> None:
        self.number, self._socket = number, socket
        self.matches, self.matches_live = _filter(topics)
        self.queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(BUFFER)

    async def run(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._socket.send(self._notice(await self.queue.get()))

    async def replay(self, statements: list[bytes]) -> None:
        chunks: list[list[bytes]] = [[]]
        for statement in statements:
            if sum(map(len, chunks[-1])) * 2 + len(statement) * 2 > CHUNK:
                chunks.append([])
            chunks[-1].append(statement)
        left = len(statements)
        for chunk in chunks:
            left -= len(chunk)
            await self.queue.put({"statements": [_hex(one) for one in chunk], "remaining": left})

    def _notice(self, data: dict[str, Any]) -> str:
        result = {"event": "newStatements", "data": data}
        params = {"subscription": self.number, "result": result}
        return json.dumps({"jsonrpc": "2.0", "method": "statement_statement", "params": params})


def _filter(given: Any) -> tuple[Matches, Matches]:
    if given == "any":
        return (lambda _: True), (lambda _: True)
    if isinstance(given, dict) and len(given) == 1:
        ((name, texts),) = given.items()
        if name in ("matchAny", "matchAll") and len(texts) <= (MAX_ANY if name == "matchAny" else MAX_ALL):
            topics = frozenset(bytes.fromhex(text.removeprefix("0x")) for text in texts)
            if all(len(topic) == 32 for topic in topics):
                if name == "matchAny":
                    return (lambda have: bool(topics & have)), (lambda have: bool(topics & have))
                return (lambda have: topics <= have), (lambda have: bool(topics) and topics <= have)
    raise Refused(-32602, "Invalid params")


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"


class StatementNode:
    """``peers`` get what is new here. ``has_store`` False: a node without one. ``frozen``: says nothing."""

    def __init__(self, genesis: bytes, store: FakeStore | None = None) -> None:
        self.genesis = genesis
        self.store = store or FakeStore()
        self.peers: list[StatementNode] = []
        self.has_store = True
        self.frozen = False
        self.submitted: list[bytes] = []
        self._port = 0
        self._server: Server | None = None
        self._numbers = itertools.count(1)
        self._subscriptions: dict[str, Subscribed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.store.listeners.append(self._new)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._port}"

    @property
    def subscriptions(self) -> int:
        return len(self._subscriptions)

    async def start(self) -> None:
        """On the same port as before."""
        self._server = await serve(self._serve, "127.0.0.1", self._port, max_size=16 * 1024 * 1024)
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            server, self._server = self._server, None
            server.close()
            await server.wait_closed()
        self._subscriptions.clear()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def restart(self, *, keeps: bool = True) -> None:
        await self.stop()
        if not keeps:
            self.store.entries.clear()
        await self.start()

    def go_silent(self) -> None:
        """Forgets all subscriptions, as the store does with slow ones."""
        self._subscriptions.clear()

    def gossip(self, encoded: bytes) -> None:
        """From a peer; what is known is not told again."""
        self.store.submit(encoded)

    def _new(self, statement: Kept) -> None:
        for subscription in tuple(self._subscriptions.values()):
            if subscription.matches_live(statement.topics):
                try:
                    subscription.queue.put_nowait({"statements": [_hex(statement.encoded)]})
                except asyncio.QueueFull:
                    self._subscriptions.pop(subscription.number, None)
        for peer in self.peers:
            asyncio.get_running_loop().call_soon(peer.gossip, statement.encoded)

    async def _serve(self, socket: ServerConnection) -> None:
        mine: set[str] = set()
        try:
            async for frame in socket:
                if self.frozen:
                    continue
                request = json.loads(frame)
                answer: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
                try:
                    answer["result"] = self._answer(socket, mine, request["method"], request["params"])
                except Refused as error:
                    answer["error"] = {"code": error.code, "message": str(error)}
                await socket.send(json.dumps(answer))
        except ConnectionClosed:
            pass
        finally:
            for number in mine:
                self._subscriptions.pop(number, None)

    def _answer(self, socket: ServerConnection, mine: set[str], method: str, params: list[Any]) -> Any:
        if method == "chain_getBlockHash":
            return _hex(self.genesis)
        if not self.has_store:
            raise Refused(-32601, "Method not found")
        if method == "statement_submit":
            encoded = bytes.fromhex(params[0].removeprefix("0x"))
            self.submitted.append(encoded)
            try:
                return self.store.submit(encoded)
            except ValueError as error:
                raise Refused(7001, f"Error decoding statement: {error}") from None
        if method == "statement_subscribeStatement":
            return self._subscribe(socket, mine, params[0])
        if method == "statement_unsubscribeStatement":
            return self._subscriptions.pop(params[0], None) is not None
        raise Refused(-32601, "Method not found")

    def _subscribe(self, socket: ServerConnection, mine: set[str], topics: Any) -> str:
        subscription = Subscribed(f"s{next(self._numbers)}", socket, topics)
        self.store.expire()
        there = [one.encoded for one in self.store.entries.values() if subscription.matches(one.topics)]
        self._subscriptions[subscription.number] = subscription
        mine.add(subscription.number)
        for work in (subscription.replay(there), subscription.run()):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return subscription.number


@asynccontextmanager
async def statement_nodes(genesis: bytes, count: int = 1) -> AsyncIterator[list[StatementNode]]:
    """Nodes that gossip with one another."""
    nodes = [StatementNode(genesis) for _ in range(count)]
    for node in nodes:
        node.peers = [peer for peer in nodes if peer is not node]
        await node.start()
    try:
        yield nodes
    finally:
        for node in nodes:
            await node.stop()
