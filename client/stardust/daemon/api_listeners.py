"""How clients reach the API: the Unix socket, and the WebSocket on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
import secrets
import stat
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from stardust.api.errors import InvalidRequestError, TooManyClientsError
from stardust.api.frames import MAX_REQUEST, WS_PROTOCOL, Failure, to_error_object
from stardust.api.locate import socket_path, token_path, ws_path
from stardust.daemon.api_server import MAX_CLIENTS, Channel
from stardust.daemon.errors import HomeUnusableError
from stardust.daemon.home import PRIVATE_DIR, PRIVATE_FILE, write_private

if TYPE_CHECKING:
    from websockets.asyncio.server import Server, ServerConnection
    from websockets.http11 import Request, Response
    from websockets.typing import Subprotocol

log = structlog.get_logger(__name__)

Serve = Callable[[Channel], Awaitable[None]]

_TOO_LONG: Final = f"A request may have {MAX_REQUEST} bytes."
_BEARER: Final = "bearer."


class _LineChannel:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self) -> bytes | None:
        try:
            return await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            return None
        except asyncio.LimitOverrunError:
            raise InvalidRequestError(_TOO_LONG) from None

    async def write(self, frame: bytes) -> None:
        self._writer.write(frame + b"\n")
        await self._writer.drain()


class _WebSocketChannel:
    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    async def read(self) -> bytes | None:
        from websockets.exceptions import ConnectionClosed

        try:
            return await self._connection.recv(decode=False)
        except ConnectionClosed:
            return None

    async def write(self, frame: bytes) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            await self._connection.send(frame, text=True)
        except ConnectionClosed as error:
            raise ConnectionError from error


class Listeners:
    """Accepts clients and runs ``serve`` for each, at most ``MAX_CLIENTS`` at a time."""

    def __init__(self, home: Path, serve: Serve) -> None:
        self._home = home
        self._serve = serve
        self._clients: set[asyncio.Task[None]] = set()
        self._unix: asyncio.Server | None = None
        self._web: Server | None = None
        self._token = ""
        self.websocket: str | None = None

    async def open_unix(self) -> None:
        """Only the daemon that holds the home's lock may call this: an old socket is replaced."""
        path = socket_path(self._home)
        try:
            if path.parent != self._home:
                _own_folder(path.parent)
            path.unlink(missing_ok=True)
            mask = os.umask(0o177)  # the socket is never open to others, not for a moment
            try:
                self._unix = await asyncio.start_unix_server(self._on_unix, str(path), limit=MAX_REQUEST)
            finally:
                os.umask(mask)
            path.chmod(PRIVATE_FILE)
        except OSError as error:
            raise HomeUnusableError(f"The socket {path} cannot be made: {error.strerror}.") from None

    async def open_websocket(self, port: int) -> None:
        from websockets.asyncio.server import serve

        self._token = secrets.token_hex(32)
        write_private(token_path(self._home), self._token.encode())
        try:
            self._web = await serve(
                self._on_websocket,
                "127.0.0.1",
                port,
                process_request=self._authorize,
                select_subprotocol=_select,
                max_size=MAX_REQUEST,
                max_queue=4,
                compression=None,
            )
        except OSError as error:
            raise HomeUnusableError(
                f"Port {port} for the WebSocket cannot be used: {error.strerror}.",
                hint="see [api] in config.toml",
            ) from None
        used = next(iter(self._web.sockets)).getsockname()[1]
        self.websocket = f"ws://127.0.0.1:{used}"
        write_private(ws_path(self._home), self.websocket.encode())

    async def close(self) -> None:
        for server in (self._unix, self._web):
            if server is not None:
                server.close()
        for client in tuple(self._clients):
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        for path in (socket_path(self._home), token_path(self._home), ws_path(self._home)):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        _leave_folder(socket_path(self._home).parent, self._home.absolute())

    async def _on_unix(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if len(self._clients) >= MAX_CLIENTS:
                writer.write(_refusal() + b"\n")
            else:
                await self._run(_LineChannel(reader, writer))
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _on_websocket(self, connection: ServerConnection) -> None:
        if len(self._clients) >= MAX_CLIENTS:
            await connection.send(_refusal(), text=True)
            return
        await self._run(_WebSocketChannel(connection))

    async def _run(self, channel: Channel) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            await self._serve(channel)
        except asyncio.CancelledError:
            return  # only ``close`` cancels: the client is let go without noise
        except Exception:
            log.exception("a connection failed unexpectedly")
        finally:
            self._clients.discard(task)

    def _authorize(self, connection: ServerConnection, request: Request) -> Response | None:
        offered = [request.headers.get("Authorization", "").removeprefix("Bearer ")]
        for header in request.headers.get_all("Sec-WebSocket-Protocol"):
            names = (name.strip() for name in header.split(","))
            offered += [name.removeprefix(_BEARER) for name in names if name.startswith(_BEARER)]
        if any(hmac.compare_digest(one.encode(), self._token.encode()) for one in offered):
            return None
        return connection.respond(HTTPStatus.UNAUTHORIZED, "The token of api.token is needed.\n")


def _select(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return next((name for name in offered if name == WS_PROTOCOL), None)


def _refusal() -> bytes:
    return msgspec.json.encode(Failure(None, to_error_object(TooManyClientsError())))


def _own_folder(folder: Path) -> None:
    """A folder in the temporary one, which others can write to: it must be ours and private."""
    folder.mkdir(mode=PRIVATE_DIR, exist_ok=True)
    if not _is_own(folder):
        raise HomeUnusableError(f"{folder} does not belong to this user alone.", hint="remove it")


def _leave_folder(folder: Path, home: Path) -> None:
    """Removes what ``_own_folder`` has made, unless there is something in it."""
    with contextlib.suppress(OSError):
        if folder != home and _is_own(folder):
            folder.rmdir()


def _is_own(folder: Path) -> bool:
    state = folder.lstat()
    return stat.S_ISDIR(state.st_mode) and state.st_uid == os.getuid() and not state.st_mode & 0o077
