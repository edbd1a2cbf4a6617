"""The real server on loopback: what it is for, and what it does with those who abuse it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import replace

import pytest
import websockets
from websockets.asyncio.client import connect

from stardust.rendezvous import server as module
from stardust.rendezvous.limits import Rate
from stardust.rendezvous.server import (
    MOST_UNREAD,
    Address,
    AddressTakenError,
    AddressUnusableError,
    Rendezvous,
)
from stardust.wire.codec import encode
from stardust.wire.rendezvous import MAX_REQUEST, Hello, Ok, Refused, Unsubscribe, Welcome
from stardust.wire.signals import MAX_ENVELOPE
from tests.fakes.rendezvous import ANY_PORT, LOOPBACK, PATIENT, TOPIC, UNHURRIED, Raw, gone, rendezvous
from tests.fixtures.logs import CaptureLogs


def topics(first: int, count: int) -> tuple[bytes, ...]:
    return tuple(number.to_bytes(32, "big") for number in range(first, first + count))


async def until(holds: Callable[[], bool], within: float = 15.0) -> None:
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 - the server has no event for tests
            await asyncio.sleep(0.01)


# what it is for
async def test_what_waits_and_what_comes_reaches_who_listens() -> None:
    async with rendezvous() as (_, url), Raw(url) as alice, Raw(url) as bob:
        assert isinstance(await alice.publish(b"one"), Ok)
        assert isinstance(await bob.subscribe(TOPIC), Ok)
        assert (await bob.arrival()).envelope == b"one"
        await alice.publish(b"two")
        assert (await bob.arrival()).envelope == b"two"
        await alice.publish(b"elsewhere", b"x" * 32)
        await alice.publish(bytes(MAX_ENVELOPE))
        assert (await bob.arrival()).envelope == bytes(MAX_ENVELOPE)


async def test_it_says_hello_and_which_version_it_does_not_speak() -> None:
    async with rendezvous() as (_, url):
        async with Raw(url, greet=False) as client:
            await client.say(Hello(1))
            assert await client.notice() == Welcome(1, 8192)
        async with Raw(url, greet=False) as client:
            await client.say(Hello(2))
            assert await client.notice() == Refused(0, "version")
            assert await gone(client.socket) == 1008


async def test_who_subscribes_again_gets_again_what_waits() -> None:
    async with rendezvous() as (_, url), Raw(url) as alice, Raw(url) as bob:
        await alice.publish(b"one")
        for _ in range(2):
            await bob.subscribe(TOPIC)
            assert (await bob.arrival()).envelope == b"one"


async def test_thousands_of_topics_of_one_client() -> None:
    async with rendezvous() as (server, url), Raw(url) as alice, Raw(url) as bob:
        for first in range(0, 8192, 128):
            assert isinstance(await bob.subscribe(*topics(first, 128)), Ok)
        assert isinstance(await bob.subscribe(TOPIC), Refused)
        for number in (0, 4000, 8191):
            await alice.publish(b"x", number.to_bytes(32, "big"))
            assert int.from_bytes((await bob.arrival()).topic, "big") == number
        assert server.exchange.subscriptions == 8192
        await bob.socket.close()
        await until(lambda: server.exchange.subscriptions == 0)


async def test_an_expired_envelope_is_gone_without_being_asked_for() -> None:
    async with rendezvous() as (server, url), Raw(url) as alice:
        await alice.publish(b"short", lifetime=1)
        assert server.exchange.store.count == 1
        await until(lambda: server.exchange.store.count == 0)
        assert server.exchange.store.bytes == 0


# what does not keep to the protocol
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        "text",
        encode(Hello(1)),
        encode(Ok(1)),
        b"\x92\x02\x01",
        b"\x93\x02\x01\x90",
        b"\xdd\xff\xff\xff\xff" + bytes(100),
    ],
)
async def test_what_is_no_request_ends_the_connection(data: str | bytes) -> None:
    async with rendezvous() as (server, url), Raw(url) as client:
        await client.socket.send(data)
        assert await gone(client.socket) == 1008
        assert server.ended["malformed"] == 1


async def test_a_frame_beyond_the_bound_ends_the_connection_before_it_was_read() -> None:
    async with rendezvous() as (_, url):
        async with Raw(url) as client:
            await client.socket.send(bytes(MAX_REQUEST + 1))
            assert await gone(client.socket) == 1009
        async with Raw(url) as client:  # as many small fragments
            with contextlib.suppress(websockets.ConnectionClosed):
                await client.socket.send(bytes(64) for _ in range(1000))
            assert await gone(client.socket) == 1009


async def test_a_frame_that_claims_to_be_huge_is_refused_at_its_head() -> None:
    async with rendezvous() as (_, url), Raw(url) as client:
        client.socket.transport.write(b"\x82\xff" + (2**62).to_bytes(8, "big") + b"mask")
        assert await gone(client.socket) == 1009


# floods
async def test_a_flood_of_publishes_is_refused_and_others_get_through() -> None:
    limits = replace(PATIENT, publishes_a_connection=Rate(20, 1.0))
    async with rendezvous(limits) as (server, url), Raw(url) as eve, Raw(url) as alice, Raw(url) as bob:
        await bob.subscribe(TOPIC)
        answers = [await eve.publish(b"junk") for _ in range(22)]
        assert [type(one) for one in answers] == [Ok] * 20 + [Refused] * 2
        assert isinstance(await alice.publish(b"honest"), Ok)
        assert b"honest" in [(await bob.arrival()).envelope for _ in range(21)]
        assert server.exchange.figures.refused["busy"] == 2


async def test_many_connections_of_one_address_publish_no_faster() -> None:
    limits = replace(PATIENT, publishes_an_address=Rate(10, 1.0))
    async with rendezvous(limits) as (_, url), Raw(url) as one, Raw(url) as two:
        answers = [await client.publish(b"x") for _ in range(6) for client in (one, two)]
        assert sum(isinstance(answer, Ok) for answer in answers) <= 11
        assert isinstance(answers[-1], Refused)


def masked(opcode: int, payload: bytes) -> bytes:
    """A client's frame, with a mask of zeros."""
    return bytes([0x80 | opcode, 0x80 | len(payload)]) + bytes(4) + payload


PING = masked(9, bytes(125))
HARMLESS = masked(2, encode(Unsubscribe(1, (TOPIC,))))


@pytest.mark.parametrize("frame", [PING, HARMLESS], ids=["pings", "requests"])
async def test_whoever_sends_without_end_is_ended(frame: bytes) -> None:
    limits = replace(PATIENT, bytes_in_a_connection=Rate(100_000, 1_000.0))
    async with rendezvous(limits) as (server, url), Raw(url) as eve:
        for _ in range(5000):
            if eve.socket.transport.is_closing():
                break
            eve.socket.transport.write(frame)
            await asyncio.sleep(0)
        await gone(eve.socket)
        assert server.ended == {"flood": 1}
        await until(lambda: server.door.open == 0)


async def test_pings_whose_answers_are_not_read_fill_no_memory() -> None:
    """The library answers a ping whether or not the answers before were taken."""
    async with rendezvous(UNHURRIED) as (server, url), Raw(url) as eve:
        eve.socket.transport.pause_reading()
        largest = 0

        def watch() -> bool:
            nonlocal largest
            for task in server._server.connections if server._server else ():
                largest = max(largest, task.transport.get_write_buffer_size())
            return server.ended["slow"] == 1

        for _ in range(4000):
            if watch() or eve.socket.transport.is_closing():
                break
            eve.socket.transport.write(PING * 64)
            await asyncio.sleep(0)
        await until(watch)
        assert largest < MOST_UNREAD + 2 * 256 * 1024  # what one read from the socket brings


# slow readers
async def test_a_client_that_does_not_read_is_dropped_and_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "STALLED_S", 0.3)
    async with rendezvous(UNHURRIED) as (server, url), Raw(url) as alice, Raw(url) as bob, Raw(url) as eve:
        await eve.subscribe(TOPIC)
        await bob.subscribe(TOPIC)
        eve.socket.transport.pause_reading()
        received = 0
        for number in range(3000):
            await alice.publish(bytes(MAX_ENVELOPE), channel=(number % 4).to_bytes(32, "big"))
            received += len((await bob.arrival()).envelope)
            if server.ended["slow"]:
                break
        await until(lambda: server.ended["slow"] == 1)
        assert received > 0
        await alice.publish(b"goes on")
        while (await bob.arrival()).envelope != b"goes on":
            pass
        assert server.exchange.store.count <= 5


async def test_a_slow_reader_costs_no_memory_and_gets_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALLED_S", 60.0)
    async with rendezvous(UNHURRIED) as (server, url), Raw(url) as alice, Raw(url) as slow:
        await slow.subscribe(TOPIC)
        slow.socket.transport.pause_reading()
        for number in range(1500):  # 6 MB, far more than sockets and buffers hold
            await alice.publish(number.to_bytes(MAX_ENVELOPE, "big"), channel=bytes(32))
        assert server.exchange.store.count == 1
        client = next(one for one in server._news if one.topics)
        assert len(client.news) <= 1
        slow.socket.transport.resume_reading()
        seen: list[int] = []
        while not seen or seen[-1] != 1499:
            seen.append(int.from_bytes((await slow.arrival()).envelope, "big"))
        assert seen == sorted(set(seen))
        assert len(seen) < 1500


# silence
async def test_who_says_nothing_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HELLO_S", 0.2)
    monkeypatch.setattr(module, "IDLE_S", 0.2)
    async with rendezvous() as (server, url):
        async with Raw(url, greet=False) as silent:
            assert await gone(silent.socket) == 1000
        async with Raw(url) as idle:
            assert await gone(idle.socket) == 1000
        async with Raw(url) as listener:
            await listener.subscribe(TOPIC)
            with pytest.raises(TimeoutError):
                await gone(listener.socket, within=0.8)
        assert server.ended["idle"] == 2


async def test_a_connection_that_never_asks_for_a_websocket_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HELLO_S", 0.2)
    async with rendezvous() as (server, url):
        host, port = url.removeprefix("ws://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        await until(lambda: server.door.open == 1)
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError):
                await reader.read()
        await until(lambda: server.door.open == 0)
        writer.close()


async def test_half_open_connections_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PING_S", 0.2)
    async with rendezvous() as (server, url), Raw(url) as vanished:
        await vanished.subscribe(TOPIC)
        vanished.socket.transport.pause_reading()  # as after a cable is pulled: no pong, no end
        await until(lambda: server.door.open == 0)
        assert server.exchange.subscriptions == 0


# who may connect
async def test_one_address_gets_so_many_connections() -> None:
    async with rendezvous(replace(PATIENT, connections_an_address=3)) as (server, url):
        async with Raw(url), Raw(url), Raw(url) as third:
            with pytest.raises((OSError, websockets.WebSocketException)):
                await connect(url, proxy=None)
            assert server.door.turned_away == 1
            await third.socket.close()
            await until(lambda: server.door.open == 2)
            async with Raw(url) as again:
                assert isinstance(await again.publish(b"x"), Ok)
        await until(lambda: server.door.open == 0)


async def test_connections_in_all_are_bounded_also_those_that_say_nothing() -> None:
    async with rendezvous(replace(PATIENT, connections=5)) as (server, url):
        host, port = url.removeprefix("ws://").split(":")
        mute = [await asyncio.open_connection(host, int(port)) for _ in range(50)]
        await until(lambda: server.door.turned_away == 45)
        assert server.door.open == 5
        for _, writer in mute:
            writer.close()
        await until(lambda: server.door.open == 0)
        async with Raw(url) as client:
            assert isinstance(await client.publish(b"x"), Ok)


async def test_behind_a_proxy_the_forwarded_address_counts() -> None:
    limits = replace(PATIENT, connections_an_address=1)
    async with rendezvous(limits, proxies=LOOPBACK) as (server, url):
        async with Raw(url, forwarded="192.0.2.1"), Raw(url, forwarded="192.0.2.2"):
            with pytest.raises(websockets.InvalidStatus, match="429"):
                await connect(url, proxy=None, additional_headers={"X-Forwarded-For": "192.0.2.9, 192.0.2.1"})
            with pytest.raises(websockets.InvalidStatus, match="502"):
                await connect(url, proxy=None)
        await until(lambda: server.door.open == 0)


@pytest.mark.parametrize(("pause", "lines"), [(module.TOLD_AGAIN_S, 1), (0.0, 3)])
async def test_a_proxy_that_does_not_say_for_whom_is_in_the_log_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capture_logs: CaptureLogs, pause: float, lines: int
) -> None:
    monkeypatch.setattr(module, "TOLD_AGAIN_S", pause)
    async with rendezvous(proxies=LOOPBACK) as (_, url):
        with capture_logs() as logs:
            for forwarded in ("", "nobody.example", ""):
                with pytest.raises(websockets.InvalidStatus, match="502"):
                    await connect(url, proxy=None, additional_headers={"X-Forwarded-For": forwarded})
    told = [one for one in logs if one["log_level"] == "warning"]
    assert [one["event"] for one in told] == ["somebody is turned away from a --proxy address"] * lines
    assert "127.0.0" not in str(logs)
    assert "nobody.example" not in str(logs)


async def test_without_a_proxy_nobody_chooses_an_address() -> None:
    one = replace(PATIENT, connections_an_address=1)
    async with rendezvous(one) as (_, url), Raw(url, forwarded="192.0.2.1"):
        with pytest.raises((OSError, websockets.WebSocketException)):
            await connect(url, proxy=None, additional_headers={"X-Forwarded-For": "192.0.2.2"})


# store full
async def test_a_full_store_still_takes_from_who_holds_little() -> None:
    limits = replace(UNHURRIED, kept_bytes=200_000, kept_bytes_an_address=180_000)
    async with rendezvous(limits, proxies=LOOPBACK) as (server, url):
        flood, honest = Raw(url, forwarded="192.0.2.1"), Raw(url, forwarded="192.0.2.2")
        async with flood, honest, Raw(url, forwarded="192.0.2.3") as bob:
            await honest.publish(b"first")
            for topic in topics(0, 100):
                assert isinstance(await flood.publish(bytes(MAX_ENVELOPE), topic), Ok)
            assert isinstance(await honest.publish(b"second"), Ok)
            assert server.exchange.store.bytes <= limits.kept_bytes
            await bob.subscribe(TOPIC)
            assert [(await bob.arrival()).envelope for _ in range(2)] == [b"first", b"second"]


# starting and stopping
async def test_closing_says_goodbye_to_everybody() -> None:
    server = Rendezvous(PATIENT)
    url = f"ws://{await server.start(ANY_PORT)}"
    async with Raw(url) as client:
        await client.subscribe(TOPIC)
        await asyncio.gather(server.close(), gone(client.socket))
        assert client.socket.close_code == 1001
    with pytest.raises(OSError, match=r"refused|failed"):
        await connect(url, proxy=None)


async def test_closing_does_not_wait_for_who_does_not_read() -> None:
    server = Rendezvous(PATIENT)
    url = f"ws://{await server.start(ANY_PORT)}"
    async with Raw(url) as client:
        client.socket.transport.pause_reading()
        async with asyncio.timeout(10):
            await server.close()


async def test_an_address_that_cannot_be_used_is_told_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressTakenError, match=rf"127\.0\.0\.1:{port} is taken"):
            await Rendezvous(PATIENT).start(Address("127.0.0.1", port))
    with pytest.raises(AddressUnusableError, match=r"192\.0\.2\.1:80 cannot be listened on"):
        await Rendezvous(PATIENT).start(Address("192.0.2.1", 80))
