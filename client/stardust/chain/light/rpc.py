"""Makes the light client look like a node whose newest block is the finalized one (``jsonrpc.Rpc``).

So everything above it is the same for both, and everything that it says is proven and final. What
smoldot cannot prove, or what would cost it its peers, is not asked.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Final

from scalecodec.utils.ss58 import ss58_decode
from substrateinterface.utils.hasher import two_x64_concat, xxh128

from stardust.chain.errors import BadNodeError, ChainSpecError, ChainUnavailableError
from stardust.chain.jsonrpc import JsonRpc, RpcError, Subscription
from stardust.chain.light.blocks import Runtime
from stardust.chain.light.runtime import ANSWER_S, NO_SUCH_FUNCTION, RuntimeCalls
from stardust.chain.light.spec import ChainSpec, read_spec
from stardust.chain.light.watch import Watch, number_of
from stardust.chain.light.wire import LightWire
from stardust.chain.records import hexed, unhexed

MAX_AGE: Final = 224
"""Blocks: of older ones nobody is asked the state, because nodes keep that of 256 finalized ones."""
_BLOCK_HASH: Final = xxh128(b"System") + xxh128(b"BlockHash")

_OLD_STATE: Final = frozenset({"state_getStorage", "state_getRuntimeVersion", "state_getMetadata"})
_BY_HASH: Final = frozenset({"chain_getHeader", "chain_getBlock"})


class LightRpc:
    """Made by ``open``; not used again after it has ended."""

    def __init__(self, spec: ChainSpec, inner: JsonRpc) -> None:
        self._spec = spec
        self._inner = inner
        self._runtime = RuntimeCalls(inner, self._on_runtime)
        self._watch = Watch(inner, spec)
        self._versions: set[Subscription] = set()
        self._tasks = [
            asyncio.create_task(self._guarded(job), name="light-client")
            for job in (self._runtime.run(), self._watch.run())
        ]
        self._proof = asyncio.create_task(self._first_proof(), name="light-client-start")

    @classmethod
    async def open(cls, path: str) -> LightRpc:
        """Begins to follow the chain of the spec at ``path``; ``ChainUnavailableError`` when it cannot.
        What is asked then is answered once the newest finalized block is proven."""
        try:
            spec = await asyncio.to_thread(read_spec, Path(path))
        except ChainSpecError as error:
            raise ChainUnavailableError(str(error)) from None
        wire = await LightWire.start(spec)
        return cls(spec, JsonRpc(f"the light client of {spec.name}", wire))

    @property
    def url(self) -> str:
        return self._inner.url

    @property
    def title(self) -> str:
        return f"The chain spec {self._spec.path}"

    @property
    def stillness(self) -> str:
        return "The network has finalized no block"

    @property
    def closed(self) -> asyncio.Event:
        return self._inner.closed

    @property
    def problem(self) -> ChainUnavailableError | None:
        return self._inner.problem

    @property
    def trouble(self) -> str | None:
        return self._watch.trouble

    @property
    def standstill(self) -> str | None:
        return self._watch.standstill

    @property
    def notice(self) -> str | None:
        return self._watch.notice

    @property
    def finality_stands(self) -> bool:
        return self._watch.outlook.stalled

    async def best_header(self) -> Any:
        await asyncio.shield(self._proof)
        return await self.request("chain_getHeader", self._runtime.best_block or await self._final())

    async def close(self) -> None:
        # The process first: smoldot does not like to be stopped in the middle of an answer.
        await self._inner.close()
        tasks = (*self._tasks, self._proof)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # questions
    async def request(self, method: str, *params: Any, limit: float | None = None) -> Any:
        """As of a node, for the questions that this client asks; ``RpcError`` for any other."""
        self._check_usable()
        if (method, *params) == ("chain_getBlockHash", 0):  # stands in the spec
            return await self._runtime.ask(method, 0)
        if method == "system_chainType":
            return self._spec.kind
        await asyncio.shield(self._proof)
        try:
            async with asyncio.timeout(ANSWER_S if limit is None else limit):
                return await self._answer(method, *params)
        except TimeoutError:
            raise self._late() from None

    def _late(self) -> ChainUnavailableError:
        return ChainUnavailableError(self.trouble or "The network does not prove what is asked for in time.")

    async def _answer(self, method: str, *params: Any) -> Any:
        runtime = self._runtime
        match (method, *params):
            case ("chain_getHeader",):
                return self._watch.head
            case ("chain_getBlockHash", list(numbers)):
                return await self._hashes(numbers)
            case ("state_getRuntimeVersion",):
                return (await runtime.runtime()).version
            case ("state_getMetadata",):
                return _unwrapped(await runtime.finalized("Metadata_metadata", "0x"))
            case ("state_call", str(function), str(parameters)):
                return await runtime.finalized(function, parameters)
            case ("state_getStorage", str(key)):
                return await runtime.ask(method, key, await runtime.known_final())
            case (_, *key, str(block)) if method in _OLD_STATE and len(key) == (method == "state_getStorage"):
                await self._check_age(block)
                return await runtime.ask(method, *key, block)
            case (_, str(block)) if method in _BY_HASH:
                return await runtime.ask(method, block)
            case ("system_accountNextIndex", str(address)):
                nonce = await runtime.best("AccountNonceApi_account_nonce", f"0x{ss58_decode(address)}")
                return int.from_bytes(unhexed(nonce)[:4], "little")
        raise RpcError(NO_SUCH_FUNCTION, f"a light client does not ask {method} in this way", None)

    async def _hashes(self, numbers: list[int]) -> list[str | None]:
        """By ``System.BlockHash`` of the finalized state; a light client has no list of blocks."""
        at = await self._runtime.known_final()
        newest = number_of(await self._runtime.ask("chain_getHeader", at))
        keys = {number: _block_hash_key(number) for number in numbers if 0 <= number < newest}
        known: dict[str, Any] = {}
        if keys:
            for change in await self._runtime.ask("state_queryStorageAt", list(keys.values()), at):
                known.update(change["changes"])
        return [at if number == newest else known.get(keys.get(number, "")) for number in numbers]

    async def _check_age(self, block: str) -> None:
        number = number_of(await self._runtime.ask("chain_getHeader", block))
        if number + MAX_AGE < self._watch.outlook.finalized:
            raise RpcError(-32000, f"the state of block {number} is too old for the network to prove", None)

    # subscriptions
    def subscribe(self, method: str, cancel: str, *params: Any) -> AbstractAsyncContextManager[Subscription]:
        del cancel  # that of smoldot's method is known here
        match (method, *params):
            case ("chain_subscribeNewHeads",):
                return self._subscribe_heads()
            case ("state_subscribeRuntimeVersion",):
                return self._subscribe_versions()
            case ("author_submitAndWatchExtrinsic", str(extrinsic)):
                return self._submit(extrinsic)
        raise RpcError(NO_SUCH_FUNCTION, f"a light client has no {method}", None)

    @contextlib.asynccontextmanager
    async def _subscribe_heads(self) -> AsyncIterator[Subscription]:
        heads = self._watch.finalized_heads()
        async with heads as headers, _piped(headers, self._watch.newest) as newest:
            yield newest

    @contextlib.asynccontextmanager
    async def _subscribe_versions(self) -> AsyncIterator[Subscription]:
        subscription = Subscription()
        try:
            subscription.put((await self._runtime.runtime()).version)
        except TimeoutError:
            raise self._late() from None
        self._versions.add(subscription)
        try:
            yield subscription
        finally:
            self._versions.discard(subscription)

    @contextlib.asynccontextmanager
    async def _submit(self, extrinsic: str) -> AsyncIterator[Subscription]:
        """The states of ``author_submitAndWatchExtrinsic``, from ``transactionWatch_v1``, which tells why
        an extrinsic is refused."""
        self._check_usable()
        watch = self._inner.subscribe(
            "transactionWatch_v1_submitAndWatch", "transactionWatch_v1_unwatch", extrinsic
        )
        async with watch as events, _piped(events, _state) as states:
            yield states

    async def _final(self) -> str:
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._runtime.known_final()
        except TimeoutError:
            raise self._late() from None

    # its life
    async def _first_proof(self) -> None:
        await self._watch.first_head(self._runtime)

    def _check_usable(self) -> None:
        if self.closed.is_set():
            raise self.problem or ChainUnavailableError("The light client has ended.")
        if self.trouble is not None:
            raise ChainUnavailableError(self.trouble)

    def _on_runtime(self, runtime: Runtime) -> None:
        for subscription in self._versions:
            subscription.put(runtime.version)

    async def _guarded(self, job: Coroutine[Any, Any, None]) -> None:
        """What ends one part ends the whole, and is told."""
        try:
            await job
        except ChainUnavailableError as error:
            why = error
        except Exception as error:
            why = BadNodeError(f"The light client misbehaves ({error!r}).")
        if not self.closed.is_set():
            await self._inner.close(why)
        for subscription in self._versions:
            subscription.end(self.problem or why)


@contextlib.asynccontextmanager
async def _piped(source: Subscription, change: Callable[[Any], Any]) -> AsyncIterator[Subscription]:
    """What ``change`` makes of each notification of ``source``; None is left out."""
    changed = Subscription(source.name)

    async def pump() -> None:
        try:
            while True:
                if (value := change(await source.next())) is not None:
                    changed.put(value)
        except ChainUnavailableError as error:
            changed.end(error)

    task = asyncio.create_task(pump(), name="light-client-watch")
    try:
        yield changed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _state(event: Any) -> Any:
    """A ``transactionWatch_v1`` event as the state of a watched extrinsic."""
    match event:
        case {"event": "bestChainBlockIncluded", "block": {"hash": block}}:
            return {"inBlock": block}
        case {"event": "finalized", "block": {"hash": block}}:
            return {"finalized": block}
        case {"event": "invalid", "error": error}:
            return {"invalid": error}
        case {"event": "error" | "dropped", "error": error}:
            return {"unsettled": error}
    return None


def _block_hash_key(number: int) -> str:
    """Of ``System.BlockHash`` for this block."""
    return hexed(_BLOCK_HASH + two_x64_concat(number.to_bytes(4, "little")))


def _unwrapped(metadata: str) -> str:
    """``Metadata_metadata`` answers ``OpaqueMetadata``: a length (compact, four bytes) and metadata."""
    data = unhexed(metadata)
    if data[:1] and data[0] & 3 == 2 and int.from_bytes(data[:4], "little") >> 2 == len(data) - 4:
        return hexed(data[4:])
    raise BadNodeError("The light client does not describe the chain's runtime.")
