"""JSON-RPC 2.0: many requests and subscriptions at once, each with its limits.

Over one WebSocket to a node, or over a pipe to the light client (``light``).

substrate-interface's own transport is synchronous and carries one exchange at a time: a call that
waits for its block would hold up every read. So the transport is ours, on ``websockets``, and
substrate-interface is used for what it is best at, the codec (``codec``).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol

import msgspec
import websockets
from websockets.asyncio.client import connect

from stardust.chain.errors import BadNodeError, ChainUnavailableError
from stardust.errors import why

MAX_ANSWER: Final = 32 * 1024 * 1024
REQUEST_S: Final = 20.0
CONNECT_S: Final = 10.0
MAX_WAITING_NOTICES: Final = 1024


class RpcError(BadNodeError):
    """The node answered with an error."""

    def __init__(self, code: int, message: str, data: object) -> None:
        super().__init__(f"{message}: {data}" if data else message)
        self.rpc_code = code
        self.data = data


class Subscription:
    """Notifications of one subscription, in order; ends when the connection does. ``name`` is its id."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._queue: asyncio.Queue[Any] = asyncio.Queue(MAX_WAITING_NOTICES)
        self._ended: Exception | None = None

    def put(self, value: Any) -> None:
        try:
            self._queue.put_nowait(value)
        except asyncio.QueueFull:
            self.end(ChainUnavailableError("The node sends faster than this client can follow."))

    def end(self, error: Exception) -> None:
        self._ended = error
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait(None)

    async def next(self) -> Any:
        """The next notification's ``result``."""
        if self._ended is not None and self._queue.empty():
            raise self._ended
        value = await self._queue.get()
        if value is None:
            raise self._ended or ChainUnavailableError()
        return value


class Rpc(Protocol):
    """What ``Connection`` stands on: a node that answers, or a light client that looks like one."""

    @property
    def url(self) -> str:
        """Its address, for the status."""
        ...

    @property
    def title(self) -> str:
        """How a sentence about it begins."""
        ...

    @property
    def stillness(self) -> str:
        """That it shows no news, as the beginning of a sentence that goes on with "for" and a time."""
        ...

    @property
    def closed(self) -> asyncio.Event: ...

    @property
    def problem(self) -> ChainUnavailableError | None:
        """Why it ended."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why it cannot be used for now, although it has not ended."""
        ...

    @property
    def standstill(self) -> str | None:
        """That no block is made, or none becomes final; None where nobody watches that."""
        ...

    @property
    def notice(self) -> str | None:
        """What else is odd although it can be used."""
        ...

    @property
    def finality_stands(self) -> bool:
        """Blocks are made and none becomes final; False where nobody watches that."""
        ...

    async def best_header(self) -> Any:
        """Header (JSON) of the best block, which may yet be replaced."""
        ...

    async def request(self, method: str, *params: Any, limit: float | None = None) -> Any: ...

    def subscribe(
        self, method: str, cancel: str, *params: Any
    ) -> AbstractAsyncContextManager[Subscription]: ...

    async def close(self) -> None: ...


class Wire(Protocol):
    """Carries JSON texts both ways. Iterating ends when it breaks, or raises what is to be told."""

    async def send(self, message: str) -> None: ...

    def __aiter__(self) -> AsyncIterator[str | bytes]: ...

    async def close(self) -> None: ...


class JsonRpc:
    """One connection. After an error on it everything waiting ends, and it is not used again."""

    trouble: str | None = None
    standstill: str | None = None
    notice: str | None = None
    finality_stands = False

    def __init__(self, url: str, wire: Wire) -> None:
        self.url = url
        self._wire = wire
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._early: dict[str, list[Any]] = {}
        self.closed = asyncio.Event()
        self.problem: ChainUnavailableError | None = None
        """Why it ended."""
        self._why: ChainUnavailableError | None = None
        self._reader = asyncio.create_task(self._read(), name="chain-rpc")

    @property
    def title(self) -> str:
        return f"The node {self.url}"

    @property
    def stillness(self) -> str:
        return f"{self.title} has shown no new block"

    @classmethod
    async def open(cls, url: str) -> JsonRpc:
        """Connects; ``ChainUnavailableError`` when that does not work in time."""
        try:
            socket = await connect(
                url,
                open_timeout=CONNECT_S,
                close_timeout=1,
                max_size=MAX_ANSWER,
                ping_interval=15,
                ping_timeout=15,
                proxy=None,
            )
        except (OSError, TimeoutError, ValueError, websockets.WebSocketException) as error:
            raise ChainUnavailableError(f"The node {url} cannot be reached ({why(error)}).") from None
        return cls(url, socket)

    async def request(self, method: str, *params: Any, limit: float | None = None) -> Any:
        """The ``result``; ``RpcError`` when the node answers with an error."""
        try:
            return await self.ask(method, *params, limit=REQUEST_S if limit is None else limit)
        except TimeoutError:
            # Nothing is known of what it still does: not used again, so that another node serves.
            self._reader.cancel()
            raise ChainUnavailableError(f"The node {self.url} does not answer ({method}).") from None

    async def best_header(self) -> Any:
        return await self.request("chain_getHeader")

    async def ask(self, method: str, *params: Any, limit: float) -> Any:
        """As ``request``, but an answer that does not come within ``limit`` seconds is ``TimeoutError`` and
        ends nothing."""
        if self.closed.is_set():
            raise self.problem or ChainUnavailableError(f"The connection to {self.url} is lost.")
        number = next(self._ids)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        body = msgspec.json.encode({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        try:
            async with asyncio.timeout(limit):
                await self._wire.send(body.decode())
                return await answer
        except websockets.ConnectionClosed:
            raise ChainUnavailableError(f"The connection to {self.url} is lost.") from None
        finally:
            self._waiting.pop(number, None)

    @contextlib.asynccontextmanager
    async def subscribe(self, method: str, cancel: str, *params: Any) -> AsyncIterator[Subscription]:
        """A subscription for as long as the context lasts."""
        name = str(await self.request(method, *params))
        subscription = Subscription(name)
        self._subscriptions[name] = subscription
        for value in self._early.pop(name, ()):
            subscription.put(value)
        try:
            yield subscription
        finally:
            self._subscriptions.pop(name, None)
            if not self.closed.is_set():
                with contextlib.suppress(ChainUnavailableError, BadNodeError):
                    await self.request(cancel, name, limit=2)
            self._early.pop(name, None)

    async def close(self, why: ChainUnavailableError | None = None) -> None:
        """``why`` is what everybody who waits is told."""
        self._why = self._why or why
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._wire.close()

    async def _read(self) -> None:
        error = ChainUnavailableError(f"The connection to {self.url} is lost.")
        try:
            async for frame in self._wire:
                self._take(msgspec.json.decode(frame))
                # What was read is taken before more is: a light client begins with two notifications for
                # each block that is not final, and there may be thousands.
                await asyncio.sleep(0)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError):
            error = BadNodeError(f"What answers at {self.url} is not a node of a chain.")
        except ChainUnavailableError as told:
            error = told
        except (websockets.WebSocketException, OSError):
            pass  # told to everyone who waits, below
        finally:
            error = self._why or error
            self.problem = error
            self.closed.set()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(error)
            for subscription in self._subscriptions.values():
                subscription.end(error)
            await self._wire.close()

    def _take(self, message: Any) -> None:
        if not isinstance(message, dict):
            raise TypeError("no JSON-RPC message")
        params = message.get("params")
        if isinstance(params, dict) and "subscription" in params:
            name = str(params["subscription"])
            subscription = self._subscriptions.get(name)
            if subscription is not None:
                subscription.put(params.get("result"))
            elif len(self._early) < 64:  # may come before the answer to the request was taken
                early = self._early.setdefault(name, [])
                if len(early) < 64:
                    early.append(params.get("result"))
            return
        number = message.get("id")
        answer = self._waiting.get(number) if isinstance(number, int) else None
        if answer is None or answer.done():
            return
        error = message.get("error")
        if error is None:
            answer.set_result(message.get("result"))
        else:
            known = error if isinstance(error, dict) else {}
            code = known.get("code")
            answer.set_exception(
                RpcError(
                    code if isinstance(code, int) else 0,
                    str(known.get("message", error))[:500],
                    known.get("data"),
                )
            )
