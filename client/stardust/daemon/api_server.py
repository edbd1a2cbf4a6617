"""The server's side of the local API, whatever carries it: requests in, answers and events out."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

import msgspec
import structlog

from stardust.api.calls import METHODS, Call, EventsSubscribe, EventsUnsubscribe
from stardust.api.errors import InvalidParamsError, InvalidRequestError, UnknownMethodError
from stardust.api.events import EVENTS, EventNotice
from stardust.api.frames import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    Failure,
    Request,
    Success,
    to_error_object,
)
from stardust.api.types import Empty, Subscribed
from stardust.daemon.errors import while_running
from stardust.daemon.hub import EventHub, Subscriber
from stardust.errors import StardustError, UnavailableError
from stardust.wire.explain import Refused, explain

MAX_CLIENTS: Final = 32
MAX_CALLS: Final = 64
MAX_SUBSCRIPTIONS: Final = 16
WRITE_TIMEOUT: Final = 30.0
"""Seconds that a client may leave its answers unread."""

log = structlog.get_logger(__name__)

_REQUEST: Final = msgspec.json.Decoder(Request)
_PARAMS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    name: msgspec.json.Decoder(call) for name, call in METHODS.items()
}
_EVENT_TYPES: Final = frozenset(str(event.__struct_config__.tag) for event in EVENTS)


class BusyError(UnavailableError):
    """Too many calls of this connection are under way."""

    code = "busy"


class Channel(Protocol):
    """A connected client: frames without their line ends."""

    async def read(self) -> bytes | None:
        """The next frame; None at the end. ``InvalidRequestError`` when it is too long."""
        ...

    async def write(self, frame: bytes) -> None:
        """Waits until the client takes it. ``OSError`` when it is gone."""
        ...


class Scope:
    """What a connection holds, and what is to be done when it ends."""

    def __init__(self) -> None:
        self._endings: dict[str, Callable[[], None]] = {}

    def at_end(self, key: str, ending: Callable[[], None], *, limit: int) -> None:
        """Calls ``ending`` once, when the connection ends. ``BusyError`` beyond ``limit`` things."""
        if key not in self._endings and len(self._endings) >= limit:
            raise BusyError(f"This connection holds {limit} things already.")
        self._endings[key] = ending

    def end(self, key: str) -> None:
        ending = self._endings.pop(key, None)
        if ending is not None:
            ending()

    def close(self) -> None:
        while self._endings:
            self._endings.popitem()[1]()


Handler = Callable[[Any, Scope], Awaitable[Any]]


class ApiConnection:
    """One client: reads requests, runs handlers at the same time, writes answers before events.

    Handlers begin in the order of their requests, so what a handler does before it first waits
    happens in that order: messages of one client keep theirs.
    """

    def __init__(self, channel: Channel, handlers: Mapping[str, Handler], hub: EventHub) -> None:
        self._channel = channel
        self._handlers = handlers
        self._hub = hub
        self._scope = Scope()
        self._answers: deque[bytes] = deque()
        self._subscribers: dict[int, Subscriber] = {}
        self._numbers = itertools.count(1)
        self._calls: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Until the client leaves, stops reading, or this is cancelled."""
        writer = asyncio.create_task(self._write(), name="api-writer")
        reader = asyncio.create_task(self._read(), name="api-reader")
        try:
            await asyncio.wait((writer, reader), return_when=asyncio.FIRST_COMPLETED)
            if reader.done() and not writer.done():
                await self._finish(writer)
        finally:
            for task in (writer, reader, *self._calls):
                task.cancel()
            await asyncio.gather(writer, reader, *self._calls, return_exceptions=True)
            for subscriber in self._subscribers.values():
                self._hub.remove(subscriber)
            self._scope.close()

    async def _finish(self, writer: asyncio.Task[None]) -> None:
        """The client closed its side: answers to what it asked still go out."""
        if self._calls:
            await asyncio.wait(self._calls, timeout=WRITE_TIMEOUT)
        while self._answers and not writer.done():
            self._wake.set()
            await asyncio.sleep(0)

    async def _read(self) -> None:
        while True:
            try:
                frame = await self._channel.read()
            except InvalidRequestError as error:
                self._fail(None, error, INVALID_REQUEST)
                return
            except OSError:
                return
            if frame is None:
                return
            if frame.strip():
                self._take(frame)

    def _take(self, frame: bytes) -> None:
        try:
            request = _REQUEST.decode(frame)
        except msgspec.ValidationError as error:
            self._fail(None, InvalidRequestError(f"Not a JSON-RPC 2.0 request: {error}."), INVALID_REQUEST)
            return
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._fail(None, InvalidRequestError("This is not JSON."), PARSE_ERROR)
            return
        if len(self._calls) >= MAX_CALLS:
            self._fail(request.id, BusyError())
            return
        task = asyncio.create_task(self._answer(request), name=f"api {request.method[:64]}")
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _answer(self, request: Request) -> None:
        decoder = _PARAMS.get(request.method)
        if decoder is None:
            error = UnknownMethodError(f"There is no method {request.method[:64]!r}.", hint="see docs/api.md")
            self._fail(request.id, error, METHOD_NOT_FOUND)
            return
        try:
            call = decoder.decode(request.params)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as wrong:
            self._fail(request.id, _invalid(wrong, METHODS[request.method]), INVALID_PARAMS)
            return
        try:
            result = await self._run(call)
        except StardustError as error:
            self._fail(request.id, while_running(error))
        except Exception:
            log.exception("a call failed unexpectedly", method=request.method)
            unexpected = StardustError("The daemon failed in a way it did not expect.", hint="see its log")
            self._fail(request.id, unexpected, INTERNAL_ERROR)
        else:
            self._put(msgspec.json.encode(Success(request.id, result)))

    async def _run(self, call: Call[Any]) -> Any:
        match call:
            case EventsSubscribe():
                return self._subscribe(call)
            case EventsUnsubscribe():
                return self._unsubscribe(call)
        return await self._handlers[call.method](call, self._scope)

    def _subscribe(self, call: EventsSubscribe) -> Subscribed:
        if len(self._subscribers) >= MAX_SUBSCRIPTIONS:
            raise BusyError(f"This connection has {MAX_SUBSCRIPTIONS} subscriptions already.")
        unknown = frozenset(call.types) - _EVENT_TYPES
        if unknown:
            raise InvalidParamsError(f"There is no event {sorted(unknown)[0]!r}.", hint="see docs/api.md")
        subscriber = Subscriber(next(self._numbers), frozenset(call.types), self._wake.set)
        cursor = call.cursor or self._hub.cursor
        self._hub.add(subscriber, call.cursor)
        self._subscribers[subscriber.number] = subscriber
        return Subscribed(subscriber.number, cursor)

    def _unsubscribe(self, call: EventsUnsubscribe) -> Empty:
        subscriber = self._subscribers.pop(call.subscription, None)
        if subscriber is not None:
            self._hub.remove(subscriber)
        return Empty()

    def _fail(self, number: int | str | None, error: StardustError, code: int | None = None) -> None:
        detail = to_error_object(error) if code is None else to_error_object(error, code=code)
        self._put(msgspec.json.encode(Failure(number, detail)))

    def _put(self, frame: bytes) -> None:
        self._answers.append(frame)
        self._wake.set()

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while (frame := self._next()) is not None:
                with contextlib.suppress(OSError):
                    async with asyncio.timeout(WRITE_TIMEOUT):
                        await self._channel.write(frame)
                    continue
                return  # gone, or it reads nothing (TimeoutError is an OSError)

    def _next(self) -> bytes | None:
        if self._answers:
            return self._answers.popleft()
        for subscriber in self._subscribers.values():
            notice = subscriber.take()
            if notice is not None:
                return _event_frame(notice)
        return None


def _invalid(wrong: Refused, call: type[Call[Any]]) -> InvalidParamsError:
    words = explain(wrong, call)
    return InvalidParamsError(f"{words[0].upper()}{words[1:]}.")


def _event_frame(notice: EventNotice) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "method": "event", "params": notice})
