"""The two ways to the daemon as one: frames of JSON in, frames of JSON out."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from stardust.api.errors import ConnectionLostError, NotRunningError
from stardust.api.frames import MAX_RESPONSE, WS_PROTOCOL
from stardust.api.locate import socket_path, token_path, ws_path

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection


class Stream(Protocol):
    async def read(self) -> bytes | None:
        """One frame; None at the end. ``ConnectionLostError`` when it broke."""
        ...

    async def write(self, frame: bytes) -> None: ...

    async def close(self) -> None: ...


class UnixStream:
    """Newline-delimited JSON over the Unix socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self) -> bytes | None:
        try:
            return await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            return None
        except (asyncio.LimitOverrunError, OSError) as error:
            raise ConnectionLostError from error

    async def write(self, frame: bytes) -> None:
        try:
            self._writer.write(frame + b"\n")
            await self._writer.drain()
        except OSError as error:
            raise ConnectionLostError from error

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


class WebSocketStream:
    """One text message for each frame."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def read(self) -> bytes | None:
        from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

        try:
            return await self._connection.recv(decode=False)
        except ConnectionClosedOK:
            return None
        except ConnectionClosed as error:
            raise ConnectionLostError from error

    async def write(self, frame: bytes) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            await self._connection.send(frame, text=True)
        except ConnectionClosed as error:
            raise ConnectionLostError from error

    async def close(self) -> None:
        await self._connection.close()


async def open_unix(home: Path) -> Stream:
    """The socket of the daemon of ``home``; ``NotRunningError`` when nobody listens there."""
    path = socket_path(home)
    try:
        reader, writer = await asyncio.open_unix_connection(str(path), limit=MAX_RESPONSE)
    except (FileNotFoundError, ConnectionRefusedError):
        raise NotRunningError(hint="start it with: stardust up") from None
    except OSError as error:
        raise NotRunningError(f"Cannot use the daemon's socket: {error.strerror}.", hint=str(path)) from None
    return UnixStream(reader, writer)


async def open_websocket(home: Path) -> Stream:
    """The loopback WebSocket of the daemon of ``home``, with the token that lies there."""
    try:
        address = ws_path(home).read_text(encoding="ascii").strip()
        token = token_path(home).read_text(encoding="ascii").strip()
    except OSError:
        raise NotRunningError(
            "The daemon is not running, or does not offer the WebSocket.",
            hint="set websocket = true under [api] in config.toml",
        ) from None
    from websockets.asyncio.client import connect
    from websockets.exceptions import WebSocketException
    from websockets.typing import Subprotocol

    try:
        connection = await connect(
            address,
            subprotocols=[Subprotocol(WS_PROTOCOL)],
            additional_headers={"Authorization": f"Bearer {token}"},
            max_size=MAX_RESPONSE,
            proxy=None,
        )
    except (OSError, WebSocketException) as error:
        raise NotRunningError(f"The daemon's WebSocket cannot be used: {error}.") from None
    return WebSocketStream(connection)
