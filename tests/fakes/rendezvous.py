"""A real rendezvous on loopback, and a client that says exactly what a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from types import TracebackType
from typing import Self

from websockets.asyncio.client import ClientConnection, connect

from stardust.rendezvous.limits import Limits, Rate
from stardust.rendezvous.server import Address, Rendezvous
from stardust.wire.codec import encode
from stardust.wire.rendezvous import (
    NOTICE,
    Arrived,
    Hello,
    Notice,
    Ok,
    Publish,
    Refused,
    Request,
    Subscribe,
    Unsubscribe,
)

ANY_PORT = Address("127.0.0.1", 0)
PATIENT = replace(Limits(), arrivals_an_address=Rate(10_000, 1_000.0))
"""Tests come from one address, again and again."""
UNHURRIED = replace(
    PATIENT,
    publishes_a_connection=Rate(10_000, 1.0),
    publishes_an_address=Rate(10_000, 1.0),
    bytes_in_a_connection=Rate(2**30, 1.0),
)
"""Rates are not what the test is about."""
LOOPBACK: tuple[IPv4Network | IPv6Network, ...] = (ip_network("127.0.0.0/8"),)
TOPIC = b"t" * 32
WITHIN_S = 10.0


@contextlib.asynccontextmanager
async def rendezvous(
    limits: Limits = PATIENT, *, at: Address = ANY_PORT, proxies: Iterable[IPv4Network | IPv6Network] = ()
) -> AsyncIterator[tuple[Rendezvous, str]]:
    """The server and its URL."""
    server = Rendezvous(limits, proxies=proxies)
    address = await server.start(at)
    try:
        yield server, f"ws://{address}"
    finally:
        await server.close()


class Raw:
    """``async with Raw(url) as client``: connected, and greeted unless ``greet`` is False."""

    def __init__(self, url: str, *, greet: bool = True, forwarded: str | None = None) -> None:
        self._url = url
        self._greet = greet
        self._headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        self._numbers = iter(range(1, 10**6))
        self.socket: ClientConnection
        self.arrived: list[Arrived] = []

    async def __aenter__(self) -> Self:
        self.socket = await connect(
            self._url,
            compression=None,
            additional_headers=self._headers,
            close_timeout=0.5,
            ping_interval=None,
            proxy=None,
        )
        if self._greet:
            await self.say(Hello(1))
            await self.notice()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.socket.close()

    async def say(self, request: Request) -> None:
        await self.socket.send(encode(request))

    async def notice(self, within: float = WITHIN_S) -> Notice:
        async with asyncio.timeout(within):
            data = await self.socket.recv()
        assert isinstance(data, bytes)
        return NOTICE.decode(data)

    async def answer(self) -> Ok | Refused:
        """The next answer; what arrives before it is put aside."""
        while True:
            notice = await self.notice()
            if isinstance(notice, Ok | Refused):
                return notice
            assert isinstance(notice, Arrived)
            self.arrived.append(notice)

    async def arrival(self, within: float = WITHIN_S) -> Arrived:
        if self.arrived:
            return self.arrived.pop(0)
        notice = await self.notice(within)
        assert isinstance(notice, Arrived)
        return notice

    async def subscribe(self, *topics: bytes) -> Ok | Refused:
        await self.say(Subscribe(next(self._numbers), topics))
        return await self.answer()

    async def unsubscribe(self, *topics: bytes) -> Ok | Refused:
        await self.say(Unsubscribe(next(self._numbers), topics))
        return await self.answer()

    async def publish(
        self, envelope: bytes, topic: bytes = TOPIC, *, channel: bytes | None = None, lifetime: int = 60
    ) -> Ok | Refused:
        place = channel or os.urandom(32)
        await self.say(Publish(next(self._numbers), topic, place, lifetime, envelope))
        return await self.answer()


async def gone(socket: ClientConnection, within: float = WITHIN_S) -> int | None:
    """Waits until the server has ended the connection; its close code, None without a word."""
    async with asyncio.timeout(within):
        await socket.wait_closed()
    return socket.close_code if socket.close_code != 1006 else None
