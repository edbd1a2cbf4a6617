"""Asks the runtime of a proven block: smoldot runs it here, on storage that peers prove.

By ``chainHead_v1_call`` on a block that is followed with its runtime. In the first ten seconds on a
chain that is short enough to need no warp sync there is none: smoldot looks for the runtime before it
has peers, and again only then. So at first the older ``state_call`` is used, which fetches the runtime
for itself, on the block that a subscription without runtimes says is final.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final

from stardust.chain.errors import BadNodeError, ChainUnavailableError
from stardust.chain.jsonrpc import JsonRpc, RpcError, Subscription
from stardust.chain.light.blocks import Blocks, Runtime, runtime_of

ANSWER_S: Final = 20.0
"""Seconds for an answer that peers have to prove."""
BUSY_S: Final = 0.2
"""Seconds until smoldot is asked again for a call that it could not start."""
NO_SUCH_FUNCTION: Final = -32601
_AT_ONCE: Final = 16
"""Calls under way; smoldot takes 32."""
_AGAIN_S: Final = 0.2
"""Seconds before a subscription that smoldot ended is renewed."""
_UNPROVEN: Final = frozenset({-32800, -32000})
"""Codes of smoldot for: nobody gave an answer that holds."""


class RuntimeCalls:
    """``run`` follows the chain. ``on_runtime`` hears of the finalized block's runtime whenever it is
    another than before."""

    def __init__(self, rpc: JsonRpc, on_runtime: Callable[[Runtime], None]) -> None:
        self._rpc = rpc
        self._on_runtime = on_runtime
        self._blocks = Blocks()
        self._early = Blocks()
        self._early_runtime: tuple[str, Runtime] | None = None
        self._told: Runtime | None = None
        self._follow = ""
        """Name of the subscription with runtimes while there is one."""
        self._ready = False
        self._known = asyncio.Event()
        """Some block is known to be final."""
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._operations: dict[str, asyncio.Future[Any]] = {}

    @property
    def ready(self) -> bool:
        """Whether the newest final block's runtime is at hand."""
        return self._ready

    @property
    def final(self) -> str | None:
        """Hash of the newest block that is known to be final. Until ``ready``, or until a peer's word of
        where the chain is was compared, it may be old, with a state that nobody can prove any more."""
        return self._blocks.finalized or self._early.finalized

    @property
    def best_block(self) -> str | None:
        """Hash of the best block: one that our authorities made on ``final``, and that may be replaced."""
        return self._blocks.best or self._early.best

    async def known_final(self) -> str:
        """``final``, once there is one."""
        while (final := self.final) is None:
            await self._known.wait()
        return final

    async def run(self) -> None:
        """Until the connection ends, which raises."""
        early = asyncio.create_task(self._follow_early(), name="light-client-early")
        try:
            while True:
                subscription = self._rpc.subscribe("chainHead_v1_follow", "chainHead_v1_unfollow", True)
                async with subscription as events:
                    await self._take_all(events)
                self._lost()
                await asyncio.sleep(_AGAIN_S)
        finally:
            self._lost()
            early.cancel()
            await asyncio.gather(early, return_exceptions=True)

    async def runtime(self) -> Runtime:
        """Of the finalized block."""
        final = await self.known_final()
        if self._ready:
            if self._blocks.runtime is None:
                raise BadNodeError("The light client cannot run the chain's runtime.")
            return self._blocks.runtime
        if self._early_runtime is None or self._early_runtime[0] != final:
            version = await self.ask("state_getRuntimeVersion", final)
            self._early_runtime = (final, runtime_of(version))
        return self._early_runtime[1]

    async def finalized(self, function: str, parameters: str) -> str:
        """What ``function`` answers on the finalized block; both in hex."""
        return await self._call(function, parameters, best=False)

    async def best(self, function: str, parameters: str) -> str:
        """On the best block, which may yet be replaced."""
        return await self._call(function, parameters, best=True)

    async def ask(self, method: str, *params: Any) -> Any:
        """What peers have to answer with a proof."""
        try:
            return await self._rpc.ask(method, *params, limit=ANSWER_S)
        except RpcError as error:
            if error.rpc_code in _UNPROVEN:
                raise ChainUnavailableError(f"No node of the network answers ({error}).") from None
            raise

    async def _call(self, function: str, parameters: str, *, best: bool) -> str:
        runtime = await self.runtime()
        if api_id(function) not in runtime.apis:
            # Nobody could prove the answer, and smoldot would leave each peer that does not.
            raise RpcError(NO_SUCH_FUNCTION, f"the runtime has no {function}", None)
        async with self._slots:
            while self._ready:
                block = self._blocks.best if best else self._blocks.finalized
                call = ("chainHead_v1_call", self._follow, block, function, parameters)
                started = await self._rpc.request(*call)
                if isinstance(started, dict) and started.get("result") == "started":
                    return await self._output(str(started["operationId"]), function)
                # Busy, or about to follow anew; how long is waited is the matter of who asks.
                await asyncio.sleep(BUSY_S)
            return str(await self.ask("state_call", function, parameters, await self.known_final()))

    async def _output(self, operation: str, function: str) -> str:
        done = self._operations.setdefault(operation, asyncio.get_running_loop().create_future())
        try:
            event = await done
        finally:
            # Not stopped: smoldot can take a stop that meets the answer for a fault of its own.
            self._operations.pop(operation, None)
        match event.get("event"):
            case "operationCallDone":
                return str(event["output"])
            case "operationError":
                raise RpcError(-32000, f"{function} failed", str(event.get("error"))[:300])
        raise ChainUnavailableError("No node of the network proves what is asked for now.")

    async def _take_all(self, events: Subscription) -> None:
        """Until smoldot ends the subscription."""
        self._follow = events.name
        while (event := await events.next()).get("event") != "stop":
            if (operation := event.get("operationId")) is not None:
                self._finish(operation, event)
            elif unpin := self._blocks.take(event):
                await self._rpc.request("chainHead_v1_unpin", self._follow, unpin)
            self._tell()

    def _finish(self, operation: str, event: Any) -> None:
        # May come before the answer to the call was taken.
        if len(self._operations) < 2 * _AT_ONCE:
            done = self._operations.setdefault(operation, asyncio.get_running_loop().create_future())
            if not done.done():
                done.set_result(event)

    def _tell(self) -> None:
        if self._blocks.finalized is not None:
            self._ready, self._early = True, Blocks()
            self._known.set()
        runtime = self._blocks.runtime
        if runtime is not None and runtime is not self._told:
            self._told = runtime
            self._on_runtime(runtime)

    def _lost(self) -> None:
        # What was final then may be old when smoldot has found its place again.
        self._ready, self._blocks = False, Blocks()
        self._known.clear()
        for done in self._operations.values():
            if not done.done():
                done.set_exception(ChainUnavailableError("The light client lost its place in the chain."))

    async def _follow_early(self) -> None:
        """Which block is final, until there are runtimes."""
        while not self._ready:
            subscription = self._rpc.subscribe("chainHead_v1_follow", "chainHead_v1_unfollow", False)
            async with subscription as events:
                while not self._ready and (event := await events.next()).get("event") != "stop":
                    if unpin := self._early.take(event):
                        await self._rpc.request("chainHead_v1_unpin", events.name, unpin)
                    self._known.set()
            self._early = Blocks()
            await asyncio.sleep(_AGAIN_S)


def api_id(function: str) -> str:
    """The id of the API to which a runtime function belongs (``sp_api``: blake2-64 of its name)."""
    return "0x" + blake2b(function.partition("_")[0].encode(), digest_size=8).hexdigest()
