"""The rendezvous on WebSockets: connections, their floods and their silence. What is said is ``exchange``."""

from __future__ import annotations

import asyncio
import errno
import logging
import math
import socket
from collections import Counter
from collections.abc import Iterable
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Final, NamedTuple

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from stardust.errors import DecodeError, LocalError
from stardust.rendezvous.door import Door, source_of
from stardust.rendezvous.exchange import Client, ClientError, Exchange
from stardust.rendezvous.limits import Limits
from stardust.signaling.intake import RateLimit
from stardust.wire.codec import encode
from stardust.wire.rendezvous import MAX_REQUEST, REQUEST, Refused

HELLO_S: Final = 10.0
"""For the handshake, and then for the first form."""
IDLE_S: Final = 60.0
"""How long a connection may listen to nothing and say nothing."""
PING_S: Final = 20.0
"""Between two pings, and until one has to be answered."""
STALLED_S: Final = 20.0
"""How long a client may leave unread what was sent."""
CLOSE_S: Final = 2.0
AFTER_REFUSAL_S: Final = 0.25
"""Nothing more is read for so long, so that refusals are no work."""
SEND_BUFFER: Final = 64 * 1024
"""Bytes in the kernel for one connection; it grows to megabytes otherwise."""
WRITE_BUFFER: Final = 16 * 1024
MOST_UNREAD: Final = 128 * 1024
"""Bytes that wait in this process for one client. Answers to its pings alone get beyond ``WRITE_BUFFER``."""

TOLD_AGAIN_S: Final = 600.0
"""Between two lines of the log on the same: whoever connects could fill it."""
SILENT_PROXY: Final = (
    "Whoever comes from an address of --proxy has to say for whom: X-Forwarded-For is missing or no address."
)

Network = IPv4Network | IPv6Network

log = structlog.get_logger(__name__)


class Address(NamedTuple):
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class AddressTakenError(LocalError):
    """The address to listen on is taken by another program."""

    code = "address_taken"


class AddressUnusableError(LocalError):
    """The address to listen on cannot be used."""

    code = "address_unusable"


class Connection(ServerConnection):
    """Counted from the first moment, before anything was said; ended when it floods."""

    rendezvous: Rendezvous
    """Set on the class of each server."""
    source: bytes | None = None
    """Once it was let in."""
    _came: RateLimit

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        rate = self.rendezvous.limits.bytes_in_a_connection
        self._came = RateLimit(rate.burst, rate.per_second, capacity=1)
        peer = _peer(transport)
        # For whom a proxy speaks is known only when the request was read.
        if not (peer and self.rendezvous.is_proxy(peer)) and not self.enter(source_of(peer)):
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.source is not None:
            self.rendezvous.door.leave(self.source)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._came.allow(b"", self.loop.time(), len(data)):
            self.rendezvous.end(self, "flood")
            return
        super().data_received(data)
        if self.transport.get_write_buffer_size() > MOST_UNREAD:
            self.rendezvous.end(self, "slow")

    def enter(self, source: bytes | None) -> bool:
        """Whether it may stay."""
        if source is None or not self.rendezvous.door.enter(source, self.loop.time()):
            return False
        self.source = source
        return True


class Rendezvous:
    """``start``, then ``close``. ``proxies``: whose ``X-Forwarded-For`` is believed."""

    def __init__(self, limits: Limits | None = None, *, proxies: Iterable[Network] = ()) -> None:
        self.limits = limits or Limits()
        self._proxies = tuple(proxies)
        self.door = Door(self.limits)
        self.exchange = Exchange(self.limits)
        self.ended: Counter[str] = Counter()
        """Why connections were ended from here, and how many."""
        self._tell_again = -math.inf
        """When one more line on silent proxies may be written."""
        self._news: dict[Client, asyncio.Event] = {}
        self._server: Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self, listen: Address) -> Address:
        """Listens; the address with the port in use. ``AddressTakenError``, ``AddressUnusableError``."""
        connection = type("Connection", (Connection,), {"rendezvous": self})
        self._server = await listening(
            listen,
            self._serve,
            create_connection=connection,
            process_request=self._admit,
            open_timeout=HELLO_S,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            max_size=MAX_REQUEST,
            max_queue=4,
            write_limit=WRITE_BUFFER,
        )
        for one in self._server.sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)  # connections inherit it
        self._sweeper = asyncio.create_task(self._sweep(), name="rendezvous-expiry")
        return used(self._server)

    async def close(self) -> None:
        """Says good-bye to everybody: clients come back to another process at once."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def is_proxy(self, peer: str) -> bool:
        return any(ip_address(peer) in network for network in self._proxies)

    def end(self, connection: Connection, why: str) -> None:
        """At once: what it does not read is not worth a closing handshake."""
        if not connection.transport.is_closing():
            self.ended[why] += 1
        connection.transport.abort()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        assert isinstance(connection, Connection)
        if connection.source is not None:
            return None
        forwarded = ",".join(request.headers.get_all("X-Forwarded-For")).rpartition(",")[2]
        source = source_of(forwarded)
        if source is None:
            self._tell_of_silent_proxy()
            return connection.respond(HTTPStatus.BAD_GATEWAY, f"{SILENT_PROXY}\n")
        if not connection.enter(source):
            return connection.respond(HTTPStatus.TOO_MANY_REQUESTS, "Too many connections.\n")
        return None

    def _tell_of_silent_proxy(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._tell_again:
            self._tell_again = now + TOLD_AGAIN_S
            log.warning("somebody is turned away from a --proxy address", why=SILENT_PROXY)

    async def _serve(self, connection: ServerConnection) -> None:
        assert isinstance(connection, Connection)
        assert connection.source is not None
        client = self.exchange.join(connection.source)
        self._news[client] = asyncio.Event()
        writer = asyncio.create_task(self._write(connection, client), name="rendezvous-writer")
        try:
            await self._read(connection, client)
        except ConnectionClosed:
            pass
        except TimeoutError:
            self.end(connection, "slow")
        except Exception:
            log.exception("a connection failed unexpectedly")
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            del self._news[client]
            self.exchange.leave(client)

    async def _read(self, connection: Connection, client: Client) -> None:
        """Until the client leaves, is silent for too long, or does not keep to the protocol."""
        while True:
            patience = HELLO_S if not client.greeted else None if client.topics else IDLE_S
            try:
                async with asyncio.timeout(patience):
                    data = await connection.recv()
            except TimeoutError:
                await self._dismiss(connection, "idle", 1000)
                return
            try:
                if isinstance(data, str):
                    raise ClientError("Text is no form.")
                taken = self.exchange.take(client, REQUEST.decode(data), asyncio.get_running_loop().time())
            except (DecodeError, ClientError):
                await self._dismiss(connection, "malformed", 1008)
                return
            for one in taken.serve:
                self._news[one].set()
            await _send(connection, encode(taken.answer))
            if isinstance(taken.answer, Refused):
                if taken.answer.reason == "version":
                    await self._dismiss(connection, "version", 1008)
                    return
                await asyncio.sleep(AFTER_REFUSAL_S)

    async def _dismiss(self, connection: Connection, why: str, code: int) -> None:
        self.ended[why] += 1
        await connection.close(code, why)

    async def _write(self, connection: Connection, client: Client) -> None:
        """Hands out what there is, as fast as the client reads."""
        news, now = self._news[client], asyncio.get_running_loop().time
        try:
            while True:
                await news.wait()
                news.clear()
                while (frame := self.exchange.next(client, now())) is not None:
                    await _send(connection, frame)
        except TimeoutError:
            self.end(connection, "slow")
        except ConnectionClosed:
            pass  # the reader ends too

    async def _sweep(self) -> None:
        while True:
            self.exchange.store.expire(asyncio.get_running_loop().time())
            await asyncio.sleep(1)


async def listening(address: Address, handler: Any, **options: Any) -> Server:
    """A WebSocket server at ``address``; what prevents it in a sentence."""
    quiet = logging.getLogger("stardust.rendezvous.websockets")
    quiet.setLevel(logging.CRITICAL)  # what clients do wrong is counted, not written down
    try:
        return await serve(
            handler,
            *address,
            close_timeout=CLOSE_S,
            compression=None,  # what is sealed does not get smaller
            server_header=None,
            logger=quiet,
            **options,
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AddressTakenError(
                f"{address} is taken by another program.", hint="choose another HOST:PORT"
            ) from None
        raise AddressUnusableError(f"{address} cannot be listened on: {_reason(error)}.") from None


def used(server: Server) -> Address:
    """Where ``server`` listens."""
    return Address(*next(iter(server.sockets)).getsockname()[:2])


def _reason(error: OSError) -> str:
    # asyncio puts the reason behind a sentence of its own.
    return (error.strerror or str(error)).rpartition(": ")[2]


def _peer(transport: asyncio.BaseTransport) -> str:
    name = transport.get_extra_info("peername")
    return str(name[0]).partition("%")[0] if name else ""  # none when it has gone already


async def _send(connection: Connection, data: bytes) -> None:
    """``TimeoutError`` when the client does not read."""
    async with asyncio.timeout(STALLED_S):
        await connection.send(data)
