"""The API over its real sockets, with handlers that need no daemon."""

from __future__ import annotations

import asyncio
import contextlib
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from stardust.api.calls import (
    BackupStatus,
    ChatsOpen,
    ContactsGet,
    MessagesMarkRead,
    MessagesSend,
    PresenceListed,
    SystemShutdown,
)
from stardust.api.client import Client
from stardust.api.errors import ConnectionLostError, NotRunningError
from stardust.api.events import Missed, PresenceChanged, Stopping
from stardust.api.frames import MAX_REQUEST
from stardust.api.locate import socket_path, token_path, ws_path
from stardust.api.types import Empty, Marked
from stardust.daemon.api_listeners import Listeners
from stardust.daemon.api_server import MAX_CALLS, MAX_CLIENTS, ApiConnection, Channel, Handler, Scope
from stardust.daemon.errors import UnknownContactError
from stardust.daemon.hub import KEPT, EventHub
from stardust.errors import StardustError, UsageError


class Service:
    """A server with a few handlers of every kind."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.hub = EventHub()
        self.sent: list[str] = []
        self.ended: list[str] = []
        self.release = asyncio.Event()
        self.all_ended = asyncio.Event()
        self.listeners = Listeners(home, self._serve)

    async def _serve(self, channel: Channel) -> None:
        handlers: dict[str, Handler] = {
            "messages.mark_read": self.mark_read,
            "messages.send": self.send,
            "contacts.get": self.get,
            "backup.status": self.fail,
            "presence.list": self.wait,
            "chats.open": self.open,
        }
        await ApiConnection(channel, handlers, self.hub).run()

    async def mark_read(self, call: MessagesMarkRead, scope: Scope) -> Marked:
        return Marked(len(call.contact))

    async def send(self, call: MessagesSend, scope: Scope) -> Empty:
        await asyncio.sleep(0.001 * (3 - len(self.sent)))
        self.sent.append(call.body)
        return Empty()

    async def get(self, call: ContactsGet, scope: Scope) -> Empty:
        raise UnknownContactError("No contact is called x.", hint="look")

    async def fail(self, call: BackupStatus, scope: Scope) -> Empty:
        raise ZeroDivisionError("secret")

    async def wait(self, call: PresenceListed, scope: Scope) -> Empty:
        await self.release.wait()
        return Empty()

    async def open(self, call: ChatsOpen, scope: Scope) -> Empty:
        scope.at_end(call.contact, lambda: self.end(call.contact), limit=2)
        return Empty()

    def end(self, name: str) -> None:
        self.ended.append(name)
        if len(self.ended) == 2:
            self.all_ended.set()


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    running = Service(tmp_path)
    await running.listeners.open_unix()
    await running.listeners.open_websocket(0)
    yield running
    await running.listeners.close()


async def raw(service: Service, *lines: bytes) -> list[dict[str, Any]]:
    """What the server answers to ``lines`` until it has answered them all and closes."""
    reader, writer = await asyncio.open_unix_connection(str(socket_path(service.home)))
    with contextlib.suppress(ConnectionError):
        writer.writelines(lines)
        await writer.drain()
        writer.write_eof()
    data = await reader.read()
    writer.close()
    return [json.loads(line) for line in data.splitlines()]


@pytest.mark.parametrize("websocket", [False, True])
async def test_a_call_gets_its_result(service: Service, websocket: bool) -> None:
    async with await Client.connect(service.home, websocket=websocket) as client:
        assert await client.call(MessagesMarkRead("bob")) == Marked(3)


async def test_an_error_keeps_code_family_and_hint(service: Service) -> None:
    async with await Client.connect(service.home) as client:
        with pytest.raises(UsageError, match="No contact is called x") as caught:
            await client.call(ContactsGet("x"))
    assert (caught.value.code, caught.value.hint) == ("unknown_contact", "look")


async def test_an_unexpected_failure_says_nothing_of_the_inside(service: Service) -> None:
    async with await Client.connect(service.home) as client:
        with pytest.raises(StardustError, match="did not expect") as caught:
            await client.call(BackupStatus())
        assert "secret" not in str(caught.value)
        assert await client.call(MessagesMarkRead("x")) == Marked(1)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{nonsense\n", -32700),
        (b"[]\n", -32600),
        (b'{"jsonrpc":"1.0","id":1,"method":"x"}\n', -32600),
        (b'{"jsonrpc":"2.0","method":"messages.mark_read","params":{"contact":"x"}}\n', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"nothing"}\n', -32601),
        (b'{"jsonrpc":"2.0","id":1,"method":"messages.mark_read"}\n', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"messages.mark_read","params":["x"]}\n', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"messages.mark_read","params":{"contact":"x","y":1}}\n', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"messages.mark_read","params":{"contact":""}}\n', -32602),
        (b'{"params":' + b"[" * 100_000 + b"\n", -32700),
        (b"\xff\xfe\n", -32700),
    ],
)
async def test_what_is_not_a_request_is_refused(service: Service, line: bytes, code: int) -> None:
    (answer,) = await raw(service, line)
    assert answer["error"]["code"] == code
    assert answer["error"]["message"]


async def test_a_line_that_is_too_long_ends_the_connection(service: Service) -> None:
    answers = await raw(service, b" " * (MAX_REQUEST + 100) + b"\n")
    assert [answer["error"]["code"] for answer in answers] in ([-32600], [])
    async with await Client.connect(service.home) as client:
        assert await client.call(MessagesMarkRead("x")) == Marked(1)


async def test_sends_are_carried_out_in_order_and_answers_come_after_the_end_of_input(
    service: Service,
) -> None:
    lines = [
        b'{"jsonrpc":"2.0","id":%d,"method":"messages.send","params":{"contact":"x","body":"%d"}}\n' % (n, n)
        for n in range(4)
    ]
    answers = await raw(service, *lines)
    assert service.sent == ["0", "1", "2", "3"]
    assert [answer["id"] for answer in answers] == [0, 1, 2, 3]


async def test_too_many_calls_at_once_are_refused(service: Service) -> None:
    async with await Client.connect(service.home) as client:
        waiting = [asyncio.create_task(client.call(PresenceListed())) for _ in range(MAX_CALLS + 1)]
        with pytest.raises(StardustError) as caught:
            await waiting[-1]
        assert caught.value.code == "busy"
        service.release.set()
        with pytest.raises(StardustError):  # the empty answer is no presence list
            await waiting[0]
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_too_many_clients_are_refused_with_a_sentence(service: Service) -> None:
    clients = [await Client.connect(service.home) for _ in range(MAX_CLIENTS)]
    for client in clients:
        await client.call(MessagesMarkRead("x"))
    (answer,) = await raw(service)
    assert answer["error"]["data"]["code"] == "too_many_clients"
    for client in clients:
        await client.close()


async def test_events_come_in_order_and_a_cursor_goes_on(service: Service) -> None:
    async with await Client.connect(service.home) as client:
        events = await client.subscribe(PresenceChanged)
        service.hub.publish(PresenceChanged("a", True, 1))
        service.hub.publish(Stopping())
        service.hub.publish(PresenceChanged("b", False, 2))
        assert await events.next() == PresenceChanged("a", True, 1)
        cursor = events.cursor
    async with await Client.connect(service.home, websocket=True) as client:
        events = await client.subscribe(cursor=cursor)
        assert await events.next() == Stopping()
        assert await events.next() == PresenceChanged("b", False, 2)
        await events.close()
        assert await events.next() is None


async def test_a_reader_that_sleeps_gets_missed(service: Service) -> None:
    async with await Client.connect(service.home) as client:
        events = await client.subscribe()
        for _ in range(KEPT * 3):
            service.hub.publish(Stopping())
        seen = [await events.next() for _ in range(3)]
    assert Missed("slow") in seen


async def test_what_a_connection_holds_ends_with_it_and_is_bounded(service: Service) -> None:
    client = await Client.connect(service.home)
    for name in ("a", "b"):
        with pytest.raises(StardustError):  # the empty answer is no contact
            await client.call(ChatsOpen(name))
    with pytest.raises(StardustError) as caught:
        await client.call(ChatsOpen("c"))
    assert caught.value.code == "busy"
    await client.close()
    await service.all_ended.wait()
    assert sorted(service.ended) == ["a", "b"]


async def test_the_socket_and_the_token_are_private(service: Service) -> None:
    for path in (socket_path(service.home), token_path(service.home), ws_path(service.home)):
        assert stat.S_IMODE(path.stat().st_mode) & 0o177 == 0


async def test_the_websocket_wants_the_token(service: Service) -> None:
    assert service.listeners.websocket is not None
    token = token_path(service.home).read_text()
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {token[:-1]}0x"}):
        with pytest.raises(InvalidStatus, match="401"):
            await connect(service.listeners.websocket, additional_headers=headers, proxy=None)
    protocols = [Subprotocol("stardust.api.v1"), Subprotocol(f"bearer.{token}")]
    async with connect(service.listeners.websocket, subprotocols=protocols, proxy=None) as connection:
        assert connection.subprotocol == "stardust.api.v1"


async def test_a_daemon_that_goes_away_ends_calls_and_subscriptions(service: Service) -> None:
    async with await Client.connect(service.home) as client:
        events = await client.subscribe()
        call = asyncio.create_task(client.call(SystemShutdown()))
        waiting = asyncio.create_task(client.call(PresenceListed()))
        await asyncio.gather(call, return_exceptions=True)
        await service.listeners.close()
        with pytest.raises(ConnectionLostError):
            await waiting
        assert await events.next() is None
        with pytest.raises(ConnectionLostError):
            await client.call(PresenceListed())
    with pytest.raises(NotRunningError):
        await Client.connect(service.home)
    with pytest.raises(NotRunningError):
        await Client.connect(service.home, websocket=True)


@pytest.mark.parametrize("foreign", [False, True])
async def test_the_short_folder_of_a_long_home_ends_with_the_daemon(tmp_path: Path, foreign: bool) -> None:
    home = tmp_path / ("h" * 120)
    home.mkdir()
    service = Service(home)
    await service.listeners.open_unix()
    folder = socket_path(home).parent
    assert folder.parent != home
    if foreign:
        (folder / "of somebody else").touch()
    await service.listeners.close()
    left = [one.name for one in folder.iterdir()] if folder.exists() else None
    if foreign:
        (folder / "of somebody else").unlink()
        folder.rmdir()
    assert left == (["of somebody else"] if foreign else None)
    assert home.is_dir()
