"""Asks the runtime of a proven block (``chainHead_v1_call``): smoldot runs it here, on storage that peers
prove."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final

from stardust.chain.errors import BadNodeError, ChainUnavailableError
from stardust.chain.jsonrpc import JsonRpc, RpcError
from stardust.chain.light.blocks import Blocks, Runtime

AT_ONCE: Final = 16
"""Calls under way; smoldot takes 32."""
AGAIN_S: Final = 0.2
"""Seconds before a subscription that smoldot ended is renewed."""
NO_SUCH_FUNCTION: Final = -32601


class RuntimeCalls:
    """``run`` keeps the subscription to the blocks. ``on_runtime`` hears of the finalized block's
    runtime whenever it is another than before."""

    def __init__(self, rpc: JsonRpc, on_runtime: Callable[[Runtime], None]) -> None:
        self.blocks = Blocks()
        self._rpc = rpc
        self._on_runtime = on_runtime
        self._told: Runtime | None = None
        self._follow = ""
        self._ready = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._operations: dict[str, asyncio.Future[Any]] = {}

    async def run(self) -> None:
        """Until the connection ends, which raises."""
        while True:
            subscription = self._rpc.subscribe("chainHead_v1_follow", "chainHead_v1_unfollow", True)
            async with subscription as events:
                self._follow = events.name
                while (event := await events.next()).get("event") != "stop":
                    await self._take(event)
            self._ready.clear()
            self._end(ChainUnavailableError("The light client lost its place in the chain."))
            await asyncio.sleep(AGAIN_S)

    async def ready(self) -> Runtime:
        """The finalized block's runtime, once there is one."""
        await self._ready.wait()
        runtime = self.blocks.runtime
        if runtime is None:
            raise BadNodeError("The light client cannot run the chain's runtime.")
        return runtime

    async def finalized(self, function: str, parameters: str) -> str:
        """What ``function`` answers on the finalized block; both in hex."""
        runtime = await self.ready()
        return await self._call(self.blocks.finalized, runtime, function, parameters)

    async def best(self, function: str, parameters: str) -> str:
        """On the best block, which may yet be replaced."""
        runtime = await self.ready()
        return await self._call(self.blocks.best, runtime, function, parameters)

    async def _call(self, block: str | None, runtime: Runtime, function: str, parameters: str) -> str:
        if api_id(function) not in runtime.apis:
            # Nobody could prove the answer, and smoldot would leave each peer that does not.
            raise RpcError(NO_SUCH_FUNCTION, f"the runtime has no {function}", None)
        async with self._slots:
            started = await self._rpc.request("chainHead_v1_call", self._follow, block, function, parameters)
            if not isinstance(started, dict) or started.get("result") != "started":
                raise ChainUnavailableError("The light client is busy.")
            name = str(started["operationId"])
            done = self._operations.setdefault(name, asyncio.get_running_loop().create_future())
            try:
                return _output(await done, function)
            finally:
                # Not stopped: smoldot can take a stop that meets the answer for a fault of its own.
                self._operations.pop(name, None)

    async def _take(self, event: Any) -> None:
        if (name := event.get("operationId")) is not None:
            # May come before the answer to the call was taken.
            if len(self._operations) < 2 * AT_ONCE:
                done = self._operations.setdefault(name, asyncio.get_running_loop().create_future())
                if not done.done():
                    done.set_result(event)
            return
        unpin = self.blocks.take(event)
        if unpin:
            await self._rpc.request("chainHead_v1_unpin", self._follow, unpin)
        runtime = self.blocks.runtime
        if self.blocks.finalized is not None:
            self._ready.set()
        if runtime is not None and runtime is not self._told:
            self._told = runtime
            self._on_runtime(runtime)

    def _end(self, error: ChainUnavailableError) -> None:
        for done in self._operations.values():
            if not done.done():
                done.set_exception(error)


def api_id(function: str) -> str:
    """The id of the API to which a runtime function belongs (``sp_api``: blake2-64 of its name)."""
    return "0x" + blake2b(function.partition("_")[0].encode(), digest_size=8).hexdigest()


def _output(event: Any, function: str) -> str:
    match event.get("event"):
        case "operationCallDone":
            return str(event["output"])
        case "operationError":
            raise RpcError(-32000, f"{function} failed", str(event.get("error"))[:300])
    raise ChainUnavailableError("No node of the network proves what is asked for now.")
