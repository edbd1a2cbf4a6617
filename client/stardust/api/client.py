"""A client of the daemon for asyncio programs: typed calls, and events as an async iterator."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import msgspec

from stardust.api.calls import Call, EventsSubscribe, EventsUnsubscribe
from stardust.api.errors import ConnectionLostError, ProtocolMismatchError
from stardust.api.events import AnyEvent, Event, EventNotice
from stardust.api.frames import Incoming, from_error_object
from stardust.api.locate import default_home
from stardust.api.streams import Stream, open_unix, open_websocket
from stardust.errors import UsageError

R = TypeVar("R")

_INCOMING: Final = msgspec.json.Decoder(Incoming)
_NOTICE: Final = msgspec.json.Decoder(EventNotice)
_END: Final = None

MALFORMED: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are no JSON of the wanted type."""


class Subscription:
    """Events of one subscription, in order: ``async for event in subscription``.

    Ends when the connection does. ``cursor`` is where to go on after the last event taken.
    """

    def __init__(self, client: Client, number: int, cursor: str) -> None:
        self._client = client
        self._queue: asyncio.Queue[EventNotice | None] = asyncio.Queue()
        self.number = number
        self.cursor = cursor

    def __aiter__(self) -> AsyncIterator[AnyEvent]:
        return self._events()

    async def _events(self) -> AsyncIterator[AnyEvent]:
        while (event := await self.next()) is not None:
            yield event

    async def next(self) -> AnyEvent | None:
        """The next event; None when there will be no more."""
        notice = await self._queue.get()
        if notice is None:
            self._queue.put_nowait(_END)
            return None
        self.cursor = notice.cursor
        return notice.event

    async def close(self) -> None:
        await self._client.call(EventsUnsubscribe(self.number))
        self._client.forget(self)

    def put(self, notice: EventNotice | None) -> None:
        self._queue.put_nowait(notice)


def _request(number: int, call: Call[Any]) -> bytes:
    """As it goes over the wire. ``UsageError`` for what is no text."""
    try:
        return msgspec.json.encode({"jsonrpc": "2.0", "id": number, "method": call.method, "params": call})
    except UnicodeEncodeError:  # how Python carries bytes of a command line that are not UTF-8
        raise UsageError("What was given is not UTF-8 text.") from None


class Client:
    """One connection to the daemon; calls may overlap.

    Errors are of the classes of ``stardust.errors``, with the daemon's ``code`` and ``hint``.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Incoming]] = {}
        self._subscriptions: dict[int, Subscription] = {}
        self._early: dict[int, list[EventNotice]] = {}
        self._closed = False
        self._reader = asyncio.create_task(self._read(), name="stardust-api-client")

    @classmethod
    async def connect(cls, home: Path | None = None, *, websocket: bool = False) -> Client:
        """To the daemon of ``home``; ``NotRunningError`` when there is none."""
        where = home or default_home()
        return cls(await (open_websocket(where) if websocket else open_unix(where)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def call(self, call: Call[R]) -> R:
        """The result of ``call``, or the daemon's error."""
        if self._closed:
            raise ConnectionLostError
        number = next(self._ids)
        frame = _request(number, call)
        answer: asyncio.Future[Incoming] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await self._stream.write(frame)
            response = await answer
        finally:
            self._waiting.pop(number, None)
        if response.error is not None:
            raise from_error_object(response.error)
        try:
            result: R = msgspec.json.decode(response.result, type=call.result)
        except MALFORMED as error:
            raise ProtocolMismatchError(f"The answer to {call.method} is not as expected: {error}.") from None
        return result

    async def subscribe(self, *events: type[Event], cursor: str | None = None) -> Subscription:
        """Events of these types (all when none is named), from now on or from ``cursor`` on."""
        names = tuple(str(event.__struct_config__.tag) for event in events)
        result = await self.call(EventsSubscribe(types=names, cursor=cursor))
        subscription = Subscription(self, result.subscription, result.cursor)
        self._subscriptions[result.subscription] = subscription
        for notice in self._early.pop(result.subscription, ()):
            subscription.put(notice)
        if self._closed:
            subscription.put(_END)
        return subscription

    def forget(self, subscription: Subscription) -> None:
        self._subscriptions.pop(subscription.number, None)
        subscription.put(_END)

    async def close(self) -> None:
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._stream.close()

    async def _read(self) -> None:
        try:
            while (frame := await self._stream.read()) is not None:
                self._take(_INCOMING.decode(frame))
        except (ConnectionLostError, *MALFORMED):
            pass  # the same end as a closed connection, told to whoever waits
        finally:
            self._closed = True
            self._end(self._waiting.values())

    def _take(self, incoming: Incoming) -> None:
        if incoming.method == "event":
            notice = _NOTICE.decode(incoming.params)
            subscription = self._subscriptions.get(notice.subscription)
            if subscription is not None:
                subscription.put(notice)
            else:  # it may come before the answer to ``events.subscribe`` was taken
                self._early.setdefault(notice.subscription, []).append(notice)
            return
        answer = self._waiting.get(incoming.id) if isinstance(incoming.id, int) else None
        if answer is not None and not answer.done():
            answer.set_result(incoming)
        elif incoming.id is None and incoming.error is not None:
            error = from_error_object(incoming.error)
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(error)

    def _end(self, waiting: Iterable[asyncio.Future[Incoming]]) -> None:
        for answer in waiting:
            if not answer.done():
                answer.set_exception(ConnectionLostError())
        for subscription in self._subscriptions.values():
            subscription.put(_END)
