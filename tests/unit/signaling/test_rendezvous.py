"""The transport over real rendezvous on loopback: restarts, several servers, bad servers, TLS."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from stardust.errors import UnavailableError
from stardust.identity.devices import DeviceKeys
from stardust.rendezvous.limits import Limits, Rate
from stardust.rendezvous.server import Address, Rendezvous
from stardust.signaling import rendezvous as module
from stardust.signaling import rendezvous_client
from stardust.signaling.lanes import CAPACITY
from stardust.signaling.listening import Listened
from stardust.signaling.port import Arrival
from stardust.signaling.rendezvous import RendezvousTransport
from stardust.signaling.topics import EPOCH_S
from stardust.wire.codec import encode
from stardust.wire.rendezvous import Arrived, Ok, Welcome
from stardust.wire.signals import SignalKind
from tests.fakes.certificates import Authority
from tests.fakes.rendezvous import LOOPBACK, PATIENT, UNHURRIED, Raw, rendezvous
from tests.unit.identity.helpers import GENESIS

NOON = 20_000.5 * EPOCH_S
"""Around midnight there are twice as many topics."""


@dataclass
class Person:
    """A device with its transport; ``now`` is its clock."""

    urls: tuple[str, ...]
    keys: DeviceKeys = field(default_factory=DeviceKeys.create)
    now: float = NOON
    listened: Listened = field(default_factory=Listened)

    def __post_init__(self) -> None:
        self.transport = RendezvousTransport(
            lambda: GENESIS, self.keys, self.urls, self.listened, wall_clock=lambda: self.now
        )
        self.arrivals = self.transport.subscribe(self.keys.device)

    async def write(self, to: Person, envelope: bytes, *, known: bool = False, lifetime: int = 60) -> None:
        await self.transport.publish(
            to.keys.device, SignalKind.OFFER, envelope, known=known, expires=int(self.now) + lifetime
        )

    async def next(self, within: float = 10.0) -> Arrival:
        async with asyncio.timeout(within):
            return await anext(self.arrivals)

    async def hears(self, envelope: bytes) -> Arrival:
        """The next arrival of ``envelope``; of two servers each brings what there is."""
        while (arrival := await self.next()).envelope != envelope:
            pass
        return arrival

    def knows(self, *others: Person) -> None:
        self.listened.replace(other.keys.device for other in others)


@contextlib.asynccontextmanager
async def people(*urls: str) -> AsyncIterator[tuple[Person, Person]]:
    alice, bob = Person(urls), Person(urls)
    try:
        yield alice, bob
    finally:
        await asyncio.gather(alice.transport.close(), bob.transport.close())


async def until(holds: Callable[[], Awaitable[bool]], within: float = 15.0) -> None:
    async with asyncio.timeout(within):
        while not await holds():  # noqa: ASYNC110 - there is no event for tests
            await asyncio.sleep(0.02)


async def usable(person: Person) -> bool:
    return (await person.transport.health()).usable


# topics
async def test_strangers_come_without_a_hint_and_people_one_knows_with_it() -> None:
    async with rendezvous() as (_, url), people(url) as (alice, bob):
        bob.knows(alice)
        await alice.write(bob, b"who are you")
        assert await bob.next() == Arrival(b"who are you", None)
        await alice.write(bob, b"it is me", known=True)
        assert await bob.next() == Arrival(b"it is me", alice.keys.device)


async def test_somebody_who_becomes_known_is_listened_to_at_once() -> None:
    async with rendezvous() as (_, url), people(url) as (alice, bob):
        await alice.write(bob, b"stranger")
        assert (await bob.next()).envelope == b"stranger"
        await alice.write(bob, b"waits", known=True)
        bob.knows(alice)
        assert await bob.next() == Arrival(b"waits", alice.keys.device)
        bob.knows()
        bob.knows(alice)
        await alice.write(bob, b"again", known=True)
        assert (await bob.next()).envelope == b"again"


async def test_who_brings_anothers_envelope_first_does_not_hide_it() -> None:
    async with rendezvous() as (_, url), people(url) as (alice, bob), people(url) as (eve, _):
        bob.knows(eve)
        await eve.write(bob, b"alice's", known=True)
        assert await bob.next() == Arrival(b"alice's", eve.keys.device)
        for _ in range(2):
            await alice.write(bob, b"alice's")
        assert await bob.next() == Arrival(b"alice's", None)
        await alice.write(bob, b"last")
        assert (await bob.next()).envelope == b"last"


async def test_a_fifth_envelope_to_one_device_takes_the_place_of_the_first() -> None:
    async with rendezvous() as (server, url), people(url) as (alice, bob):
        for number in range(5):
            await alice.write(bob, bytes([number]))
        assert server.exchange.store.count == 4
        assert [(await bob.next()).envelope[0] for _ in range(4)] == [1, 2, 3, 4]


async def test_around_midnight_both_days_are_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECHECK_S", 0.05)
    midnight = NOON + EPOCH_S / 2
    async with rendezvous() as (server, url), people(url) as (alice, bob):
        bob.knows(alice)
        alice.now = bob.now = midnight - 3600
        await alice.write(bob, b"the day before", known=True)
        assert (await bob.next()).envelope == b"the day before"
        assert server.exchange.subscriptions == 2 + 1  # bob's, and alice listens for strangers too
        alice.now = bob.now = midnight - 60
        alice.now += 180  # her clock is three minutes ahead
        await alice.write(bob, b"the day after", known=True)
        assert (await bob.next()).envelope == b"the day after"
        alice.now = bob.now = midnight + 7200
        await alice.write(bob, b"later", known=True)
        assert (await bob.next()).envelope == b"later"

        async def settled() -> bool:
            return server.exchange.subscriptions == 3

        await until(settled)


async def test_strangers_beyond_number_do_not_keep_out_people_one_knows() -> None:
    async with rendezvous(UNHURRIED) as (_, url), people(url) as (alice, bob), Raw(url) as strangers:
        bob.knows(alice)
        await alice.write(bob, b"0", known=True)
        assert (await bob.next()).envelope == b"0"
        (topic,) = bob.transport._places().listen((), bob.now).first
        bob.transport._places().listen((alice.keys.device,), bob.now)
        for number in range(CAPACITY + 40):
            await strangers.publish(number.to_bytes(4, "big"), topic)
        await alice.write(bob, b"1", known=True)
        await asyncio.sleep(0.2)
        assert await bob.next() == Arrival(b"1", alice.keys.device)


# servers
async def test_each_server_brings_it_once_and_one_that_loses_does_no_harm() -> None:
    async with (
        rendezvous() as (one, first),
        rendezvous() as (two, second),
        people(first, second) as (alice, bob),
    ):

        async def both() -> bool:
            return one.exchange.subscriptions + two.exchange.subscriptions == 4

        await alice.write(bob, b"first")
        await bob.hears(b"first")
        await until(both)
        await alice.write(bob, b"twice")
        assert {(await bob.hears(b"twice")).source for _ in range(2)} == {first, second}
        await one.close()
        await alice.write(bob, b"once")
        assert (await bob.hears(b"once")).source == second
        assert second in (await bob.transport.health()).detail
        with pytest.raises(TimeoutError):
            await bob.next(within=0.3)


async def test_the_first_two_that_answer_are_used_and_another_takes_over() -> None:
    async with (
        rendezvous() as (one, first),
        rendezvous() as (two, second),
        rendezvous() as (three, third),
        people("ws://127.0.0.1:9", first, second, third) as (alice, bob),
    ):
        await alice.write(bob, b"x")
        await bob.hears(b"x")

        async def two_each() -> bool:
            return one.door.open == two.door.open == 2

        await until(two_each)
        assert three.door.open == 0
        await one.close()

        async def taken_over() -> bool:
            return three.door.open == 2

        await until(taken_over)
        await two.close()
        await alice.write(bob, b"y")
        await bob.hears(b"y")


async def test_a_restarted_server_is_told_again_what_is_still_of_use() -> None:
    async with contextlib.AsyncExitStack() as stack:
        server = Rendezvous(PATIENT)
        at = await server.start(Address("127.0.0.1", 0))
        alice, bob = await stack.enter_async_context(people(f"ws://{at}"))
        await alice.write(bob, b"short-lived", lifetime=1)
        await alice.write(bob, b"kept")
        await asyncio.sleep(1.0)
        await server.close()
        _, url = await stack.enter_async_context(rendezvous(at=at))
        assert (await bob.next()).envelope == b"kept"
        await alice.write(bob, b"after")
        assert (await bob.next()).envelope == b"after"
        async with Raw(url) as third:
            (topic,) = bob.transport._wanted
            await third.subscribe(topic)
            assert [(await third.arrival()).envelope for _ in range(2)] == [b"kept", b"after"]


async def test_without_a_server_it_says_so_and_goes_on_when_one_is_there() -> None:
    async with rendezvous() as (server, url):
        await server.close()
        async with people(url) as (alice, bob):
            with pytest.raises(UnavailableError, match="cannot be reached"):
                await alice.write(bob, b"x")
            assert "cannot be reached" in (await alice.transport.health()).detail
            host, port = url.removeprefix("ws://").split(":")
            async with rendezvous(at=Address(host, int(port))):
                await until(lambda: usable(alice))
                await alice.write(bob, b"y")
                assert (await bob.next()).envelope == b"y"


async def test_who_should_have_come_by_the_proxy_is_told_so() -> None:
    async with rendezvous(proxies=LOOPBACK) as (_, url), people(url) as (alice, bob):
        with pytest.raises(UnavailableError, match=r"HTTP 502, .*address of --proxy has to say for whom"):
            await alice.write(bob, b"x")


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        (
            "text/plain; charset=utf-8",
            b"\x1b]0;title\x07Come\x9b tomorrow.\nOr not.",
            'HTTP 503, "]0;titleCome� tomorrow."',
        ),
        ("text/plain", b"x" * 100_000, f'HTTP 503, "{"x" * 200}"'),
        ("text/plain", b"", "HTTP 503"),
        ("text/plain", b"\n\n", "HTTP 503"),
        ("text/html", b"<html>503 Service Temporarily Unavailable", "HTTP 503"),
    ],
)
async def test_what_comes_with_a_refusal_is_shown_as_far_as_it_is_a_line_of_text(
    kind: str, body: bytes, told: str
) -> None:
    def refuse(connection: ServerConnection, _: Request) -> Response:
        response = connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "")
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body)))):
            del response.headers[name]
            response.headers[name] = value
        response.body = body
        return response

    async with serve(saying(), "127.0.0.1", 0, process_request=refuse) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        async with people(url) as (alice, bob):
            with pytest.raises(UnavailableError) as refused:
                await alice.write(bob, b"x")
            assert str(refused.value) == f"The rendezvous {url} cannot be reached ({told})."


async def test_what_it_refuses_is_said_and_another_way_may_work() -> None:
    limits = replace(PATIENT, publishes_a_connection=Rate(1, 0.001))
    async with rendezvous(limits) as (_, url), people(url) as (alice, bob):
        await alice.write(bob, b"x")
        with pytest.raises(UnavailableError, match="takes nothing more from here for a moment"):
            await alice.write(bob, b"x")
        assert await usable(alice)


async def test_a_server_of_few_topics_still_brings_strangers() -> None:
    limits: Limits = replace(PATIENT, topics_a_connection=2)
    async with rendezvous(limits) as (_, url), people(url) as (alice, bob):
        bob.knows(*(Person((url,)) for _ in range(5)))
        await alice.write(bob, b"hello")
        assert (await bob.next()).envelope == b"hello"


async def test_before_the_chain_is_known_nothing_is_sent_and_nothing_breaks() -> None:
    def unknown() -> bytes:
        raise UnavailableError("The chain was never seen.")

    async with rendezvous() as (_, url):
        keys = DeviceKeys.create()
        transport = RendezvousTransport(unknown, keys, [url], Listened())
        with pytest.raises(UnavailableError, match="never seen"):
            await transport.publish(keys.device, SignalKind.OFFER, b"x", known=False, expires=0)
        await transport.close()


# bad servers
Handler = Callable[[ServerConnection], Awaitable[None]]


@contextlib.asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[str]:
    async with serve(handler, "127.0.0.1", 0, close_timeout=0.5) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


def saying(*messages: bytes | str) -> Handler:
    """Answers the first message with all of these."""

    async def handler(connection: ServerConnection) -> None:
        await connection.recv()
        for message in messages:
            await connection.send(message)
        await connection.wait_closed()

    return handler


@pytest.mark.parametrize(
    "messages",
    [
        (b"",),
        ("text",),
        (b'{"jsonrpc":"2.0"}',),
        (encode(Ok(0)),),
        (encode(Welcome(2, 100)),),
        (encode(Welcome(1, 100)), b"garbage"),
        (encode(Welcome(1, 100)), encode(Welcome(1, 100))),
        (encode(Welcome(1, 100)), bytes(5000)),
    ],
)
async def test_what_is_no_rendezvous_is_not_used(messages: tuple[bytes | str, ...]) -> None:
    async with answering(saying(*messages)) as url, people(url) as (alice, bob):
        with pytest.raises(UnavailableError):
            await alice.write(bob, b"x")
        await until(lambda: _told(alice, "is not a rendezvous", "is lost"))


async def _told(person: Person, *wanted: str) -> bool:
    detail = (await person.transport.health()).detail
    return any(words in detail for words in wanted)


@pytest.mark.parametrize("messages", [(), (encode(Welcome(1, 100)),)], ids=["at all", "after the welcome"])
async def test_a_server_that_does_not_answer_is_given_up(
    messages: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendezvous_client, "ANSWER_S", 0.1)
    async with answering(saying(*messages)) as url, people(url) as (alice, bob):
        with pytest.raises(UnavailableError, match="does not answer"):
            await alice.write(bob, b"x")


async def test_arrivals_under_topics_of_others_are_dropped() -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(encode(Welcome(1, 100)))
        while True:
            await connection.recv()
            for number in range(100):
                await connection.send(encode(Arrived(number.to_bytes(32, "big"), b"junk")))

    async with answering(handler) as url, people(url) as (_, bob):
        with pytest.raises(TimeoutError):
            await bob.next(within=0.5)


# TLS
async def test_wss_is_believed_by_the_trust_store_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority.create()
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(authority.pem)
    async with rendezvous() as (_, url), tls_proxy(authority.server(tmp_path, "localhost"), url) as secure:
        async with people(secure) as (alice, bob):
            with pytest.raises(UnavailableError, match="certificate verify failed"):
                await alice.write(bob, b"x")
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        async with people(secure) as (alice, bob):
            await alice.write(bob, b"x")
            assert (await bob.next()).envelope == b"x"
        async with people(secure.replace("localhost", "127.0.0.1")) as (alice, bob):
            with pytest.raises(UnavailableError, match="IP address mismatch"):
                await alice.write(bob, b"x")


@contextlib.asynccontextmanager
async def tls_proxy(context: ssl.SSLContext, url: str) -> AsyncIterator[str]:
    """In front of ``url``, as an operator has it; its URL."""
    host, port = url.removeprefix("ws://").split(":")

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer))

    server = await asyncio.start_server(relay, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"wss://localhost:{server.sockets[0].getsockname()[1]}"
