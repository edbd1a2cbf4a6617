"""A node that answers as a test tells it to."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

Answer = Callable[[str, list[Any]], Any]
SILENCE = object()


@contextlib.asynccontextmanager
async def node(answer: Answer, port: int = 0) -> AsyncIterator[str]:
    """Its address, at a free port unless one is named. ``answer`` gives the result of a request,
    ``SILENCE``, ``Raw`` or ``Refused``."""

    async def handle(socket: ServerConnection) -> None:
        async for frame in socket:
            request = json.loads(frame)
            result = answer(request["method"], request["params"])
            if result is SILENCE:
                continue
            raw = isinstance(result, Raw)
            refused = isinstance(result, Refused)
            reply = {"jsonrpc": "2.0", "id": request["id"]}
            reply |= {"error": result.error} if refused else {"result": result}
            await socket.send(result.text if raw else json.dumps(reply))

    async with serve(handle, "127.0.0.1", port) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}"


class Refused:
    """An error, as a transaction pool answers."""

    def __init__(self, message: str) -> None:
        self.error = {"code": 1010, "message": "Invalid Transaction", "data": message}


class Raw:
    """Sent as it is."""

    def __init__(self, text: str | bytes) -> None:
        self.text = text
