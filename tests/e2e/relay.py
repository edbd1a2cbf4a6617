"""A TCP relay in front of a node, so that the way to it can be cut."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType

from children import free_port


class Relay:
    """Forwards ``url`` to ``port`` on loopback while it is whole."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._port = free_port()
        self.url = f"ws://127.0.0.1:{self._port}"
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._left: int | None = None
        self._cutting: asyncio.Task[None] | None = None

    def lead_to(self, port: int) -> None:
        """From the next connection on."""
        self._target = port

    def cut_after(self, size: int) -> None:
        """Cuts in the moment when ``size`` more bytes have gone to the node."""
        self._left = size

    def _passed(self, size: int) -> None:
        if self._left is not None:
            self._left -= size
            if self._left < 0:
                self._left = None
                self._cutting = asyncio.create_task(self.cut())

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)

    async def cut(self) -> None:
        """Ends all connections; new ones are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            try:
                await asyncio.gather(_pump(reader, back, self._passed), _pump(there, writer))
            finally:
                back.close()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def __aenter__(self) -> Relay:
        await self.mend()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cut()


async def _pump(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, passed: Callable[[int], None] = lambda _: None
) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65536):
            passed(len(data))
            sink.write(data)
            await sink.drain()
    sink.close()
