"""One connection to one rendezvous: requests with their answers, and what arrives meanwhile."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Collection
from functools import partial
from typing import Final

import websockets
from websockets.asyncio.client import ClientConnection, connect

from stardust.errors import DecodeError, UnavailableError, why
from stardust.printable import printable
from stardust.wire.codec import encode
from stardust.wire.rendezvous import (
    MAX_NOTICE,
    NOTICE,
    TOPICS_AT_ONCE,
    VERSION,
    Arrived,
    Hello,
    Notice,
    Ok,
    Publish,
    Refused,
    Request,
    Subscribe,
    Unsubscribe,
    Welcome,
)

CONNECT_S: Final = 10.0
ANSWER_S: Final = 10.0
PING_S: Final = 15.0
CLOSE_S: Final = 1.0

_REFUSALS: Final = {
    "version": "speaks another version of the protocol",
    "busy": "takes nothing more from here for a moment",
    "full": "holds as much for this receiver as it may",
    "topics": "listens to no more topics for this device",
}


MOST_TOLD: Final = 200
"""Characters of what a server says to whom it does not let in."""


class RendezvousRefusedError(UnavailableError):
    """The rendezvous does not do this now."""

    code = "rendezvous_refused"


class RendezvousConnection:
    """Opened by ``open``. After an error on it everything waiting ends, and it is not used again."""

    def __init__(self, url: str, socket: ClientConnection, arrived: Callable[[Arrived], None]) -> None:
        self.url = url
        self._socket = socket
        self._arrived = arrived
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Ok | Refused]] = {}
        self._reader: asyncio.Task[None] | None = None
        self.most_topics = 0
        self.problem = f"The connection to {url} is lost."
        """Why it ended."""
        self.closed = asyncio.Event()

    @classmethod
    async def open(cls, url: str, arrived: Callable[[Arrived], None]) -> RendezvousConnection:
        """Connects and says hello; ``UnavailableError`` when that does not work in time.

        ``arrived`` is called for each envelope. ``wss:`` by the trust store of the system.
        """
        try:
            socket = await connect(
                url,
                open_timeout=CONNECT_S,
                close_timeout=CLOSE_S,
                max_size=MAX_NOTICE,
                ping_interval=PING_S,
                ping_timeout=PING_S,
                compression=None,
                user_agent_header=None,
                proxy=None,
            )
        except websockets.InvalidStatus as refusal:
            raise UnavailableError(f"The rendezvous {url} cannot be reached ({told(refusal)}).") from None
        except (OSError, TimeoutError, ValueError, websockets.WebSocketException) as error:
            raise UnavailableError(f"The rendezvous {url} cannot be reached ({why(error)}).") from None
        connection = cls(url, socket, arrived)
        try:
            await connection._greet()
        except BaseException:
            await connection.close()
            raise
        return connection

    async def publish(self, topic: bytes, channel: bytes, lifetime: int, envelope: bytes) -> None:
        """``lifetime``: seconds. ``RendezvousRefusedError``, ``UnavailableError``."""
        await self._request(lambda number: Publish(number, topic, channel, lifetime, envelope))

    async def subscribe(self, topics: Collection[bytes]) -> None:
        """What waits under ``topics`` arrives, again if it did before, and then what comes."""
        await self._in_parts(topics, Subscribe)

    async def unsubscribe(self, topics: Collection[bytes]) -> None:
        await self._in_parts(topics, Unsubscribe)

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        await self._socket.close()

    async def _greet(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._socket.send(encode(Hello(VERSION)))
                answer = self._decoded(await self._socket.recv())
        except TimeoutError:
            raise UnavailableError(f"The rendezvous {self.url} does not answer.") from None
        except (DecodeError, websockets.ConnectionClosed):
            raise self._no_rendezvous() from None
        match answer:
            case Welcome(version=version) if version == VERSION:
                self.most_topics = answer.topics
            case Refused():
                raise self._refused(answer)
            case _:
                raise self._no_rendezvous()
        self._reader = asyncio.create_task(self._read(), name="rendezvous-reader")

    async def _in_parts(self, topics: Collection[bytes], make: type[Subscribe | Unsubscribe]) -> None:
        ordered = tuple(topics)
        parts = [ordered[at : at + TOPICS_AT_ONCE] for at in range(0, len(ordered), TOPICS_AT_ONCE)]
        for part in parts:
            await self._request(partial(make, topics=part))

    async def _request(self, make: Callable[[int], Request]) -> None:
        if self.closed.is_set():
            raise UnavailableError(self.problem)
        number = next(self._numbers) % 2**32
        answer: asyncio.Future[Ok | Refused] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._socket.send(encode(make(number)))
                told = await answer
        except TimeoutError:
            # Nothing is known of what it still does: not used again, so that another one serves.
            self._end(f"The rendezvous {self.url} does not answer.")
            raise UnavailableError(self.problem) from None
        except websockets.ConnectionClosed:
            raise UnavailableError(self.problem) from None
        finally:
            self._waiting.pop(number, None)
        if isinstance(told, Refused):
            raise self._refused(told)

    async def _read(self) -> None:
        try:
            async for data in self._socket:
                self._take(self._decoded(data))
        except DecodeError:
            self.problem = str(self._no_rendezvous())
        except (websockets.WebSocketException, OSError):
            pass  # told to everyone who waits, below
        finally:
            self._end(self.problem)
            await self._socket.close()

    def _take(self, notice: Notice) -> None:
        match notice:
            case Arrived():
                self._arrived(notice)
            case Ok() | Refused():
                answer = self._waiting.get(notice.request)
                if answer is not None and not answer.done():
                    answer.set_result(notice)
            case Welcome():
                raise DecodeError("a second welcome")

    def _end(self, problem: str) -> None:
        self.problem = problem
        self.closed.set()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(UnavailableError(problem))

    def _decoded(self, data: str | bytes) -> Notice:
        if isinstance(data, str):
            raise DecodeError("text is no form")
        return NOTICE.decode(data)

    def _refused(self, refused: Refused) -> RendezvousRefusedError:
        return RendezvousRefusedError(f"The rendezvous {self.url} {_REFUSALS[refused.reason]}.")

    def _no_rendezvous(self) -> UnavailableError:
        return UnavailableError(f"What answers at {self.url} is not a rendezvous.")


def told(refusal: websockets.InvalidStatus) -> str:
    """The HTTP status that was no WebSocket, and the first line of plain text that came with it."""
    response = refusal.response
    status = f"HTTP {response.status_code}"
    if response.headers.get("Content-Type", "").partition(";")[0].strip() != "text/plain":
        return status
    lines = bytes(response.body or b"")[: 4 * MOST_TOLD].decode(errors="replace").splitlines()
    said = printable((lines or [""])[0])[:MOST_TOLD]
    return f'{status}, "{said}"' if said else status
