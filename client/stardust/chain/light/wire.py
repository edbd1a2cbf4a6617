"""Starts the light client's process, and carries JSON to it and from it (``jsonrpc.Wire``)."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

import structlog

from stardust.chain.errors import BadNodeError, ChainUnavailableError
from stardust.chain.jsonrpc import MAX_ANSWER
from stardust.chain.light.process import BAD_SPEC
from stardust.chain.light.spec import ChainSpec

PANIC: Final = b"panicked at"
"""What Rust prints of a fault. smoldot goes on without the task that had it."""
END_S: Final = 5.0

log = structlog.get_logger(__name__)


class LightWire:
    """One process. It ends with ``close``, with this process, and when smoldot has a fault."""

    def __init__(self, process: Process, spec: ChainSpec) -> None:
        self._process = process
        self._spec = spec
        self._said: deque[str] = deque(maxlen=8)
        self._listener = asyncio.create_task(self._listen(), name="light-client-errors")

    @classmethod
    async def start(cls, spec: ChainSpec) -> LightWire:
        """Starts it with the chain of ``spec``. ``ChainUnavailableError``."""
        # -P: nothing is imported from the folder that somebody happens to be in.
        command = (sys.executable, "-P", "-m", "stardust.chain.light.process")
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=MAX_ANSWER, start_new_session=True
            )
        except OSError as error:
            raise ChainUnavailableError(f"The light client cannot be started: {error.strerror}.") from None
        wire = cls(process, spec)
        try:
            await wire.send(spec.text)
        except BaseException:
            await wire.close()
            raise
        return wire

    @property
    def pid(self) -> int:
        return self._process.pid

    async def send(self, message: str) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(message.encode() + b"\n")
            await pipe.drain()
        except (OSError, RuntimeError):  # the latter: the pipe is closed here already
            raise ChainUnavailableError("The light client has ended.") from None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pipe = self._process.stdout
        assert pipe is not None
        try:
            while line := await pipe.readline():
                yield line
        except ValueError:
            raise BadNodeError("An answer of the light client is too long.") from None
        raise await self._reason()

    async def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await asyncio.gather(self._listener, return_exceptions=True)
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def _reason(self) -> ChainUnavailableError:
        """Why it ended although nobody told it to."""
        async with asyncio.timeout(END_S):
            code = await self._process.wait()
            await self._listener
        said = " ".join(self._said)[:300]
        if code == BAD_SPEC:
            return ChainUnavailableError(
                f"The light client does not take the chain spec {self._spec.path}: {said}"
            )
        log.warning("the light client ended", exit_code=code, said=said)
        return ChainUnavailableError(
            f"The light client had a fault and is started anew ({said or f'exit code {code}'})."
        )

    async def _listen(self) -> None:
        """What it prints is a fault; one in a task would go unnoticed otherwise."""
        pipe = self._process.stderr
        assert pipe is not None
        while line := await pipe.read(4096):
            self._said.append(line.decode(errors="replace").strip())
            if PANIC in line:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
