"""Extrinsics: from the call to what the block says of it.

Nonces: the step from nonce to the node's acceptance is serial for each key, the wait for the block
is not, so several calls of a key can be under way. The dev chain accepts everything and refuses
later; then the calls behind the refused one are too early (``FUTURE``) and are signed again.

A lost connection: the same bytes are looked for in the blocks since, and handed over again if they
are not there. Nonce and era make sure that they count once at most.

Where reads are of the finalized state, a call is done when its block is final: else who made it would
not find its effect. While finality stands, calls get into blocks, and ``CallNotFinalError`` says that.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final

from scalecodec.utils.ss58 import ss58_encode

from stardust.chain.codec import Signer
from stardust.chain.connection import Connection
from stardust.chain.cursor import MAX_GAP
from stardust.chain.errors import (
    BadNodeError,
    CallFailedError,
    CallNotFinalError,
    CallRefusedError,
    CallUnsettledError,
    ChainUnavailableError,
    ChainUpgradingError,
    Refusal,
    UnsuitableChainError,
)
from stardust.chain.jsonrpc import RpcError, Subscription
from stardust.chain.port import CallReceipt
from stardust.chain.records import hexed, unhexed
from stardust.chain.refusals import refusal

INCLUSION_LIMIT: Final = 60.0
"""Seconds from the call to its block; ten blocks of a network."""
UPGRADE_SEEN_S: Final = 20.0
"""Seconds in which this client hears of a new runtime that nodes check calls by already."""
_AGAIN_S: Final = 1.0
_TRIES: Final = 4


@dataclass(slots=True)
class _Key:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    under_way: int = 0
    next: int = 0
    known_on: Connection | None = None
    """Where ``next`` was counted; None when only the chain can say it."""


@dataclass(frozen=True, slots=True)
class _Sent:
    call: str
    data: bytes
    since: int
    """Block before which it cannot stand."""


class Submission:
    """``use`` gives the connection of now, waiting for one for a while. ``final``: a call is done when
    its block is final, not when it stands in one."""

    def __init__(self, use: Callable[[], Awaitable[Connection]], *, final: bool = False) -> None:
        self._use = use
        self._final = final
        self._keys: dict[bytes, _Key] = {}

    async def general(self, call: str, arguments: Mapping[str, Any]) -> CallReceipt:
        """A call that authorises itself."""
        async with self._limited(call), AsyncExitStack() as stack:
            connection = await self._use()
            block, _ = await connection.best()
            data = await connection.run(connection.codec.general, call, arguments)
            sent = _Sent(call, data, block.number)
            watching = await self._hand_over(stack, connection, sent)
            return await self._settle(stack, connection, sent, watching)

    async def signed(self, call: str, arguments: Mapping[str, Any], signer: Signer) -> CallReceipt:
        """A call signed by ``signer``."""
        async with self._limited(call):
            for attempt in range(1, _TRIES + 1):
                runtime = (await self._use()).codec.spec_version
                try:
                    return await self._signed_once(call, arguments, signer)
                except CallRefusedError as error:
                    if attempt == _TRIES or not await self._is_good_again(error.reason, runtime):
                        raise
        raise AssertionError("the last attempt returns or raises")

    async def _is_good_again(self, reason: Refusal, runtime: int) -> bool:
        """Whether the call would be taken if it were signed anew. A signature is for one runtime (its
        ``spec_version``): when an upgrade overtakes the call, it is a bad proof."""
        if reason is not Refusal.BAD_PROOF:
            return reason in (Refusal.FUTURE, Refusal.STALE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(UPGRADE_SEEN_S):
                while (await self._use()).codec.spec_version == runtime:  # noqa: ASYNC110 - of the chain
                    await asyncio.sleep(_AGAIN_S)
                return True
        return False

    async def _signed_once(self, call: str, arguments: Mapping[str, Any], signer: Signer) -> CallReceipt:
        key = self._keys.setdefault(signer.public, _Key())
        async with AsyncExitStack() as stack:
            async with key.lock:
                connection = await self._use()
                nonce = await self._nonce(key, connection, signer)
                anchor = await connection.anchor()
                codec = connection.codec
                data = await connection.run(codec.signed, call, arguments, signer, nonce, anchor)
                sent = _Sent(call, data, anchor.number)
                watching = await self._hand_over(stack, connection, sent)
                key.next, key.known_on = nonce + 1, connection
                key.under_way += 1
            try:
                return await self._settle(stack, connection, sent, watching)
            except CallFailedError:
                raise  # it stands in a block, and its nonce is used up
            except CallRefusedError:
                key.next, key.known_on = 0, None  # what the chain says counts again
                raise
            except BaseException:
                key.known_on = None
                raise
            finally:
                key.under_way -= 1

    async def _nonce(self, key: _Key, connection: Connection, signer: Signer) -> int:
        """Counted here while nothing went wrong: nobody else signs with this key."""
        if key.known_on is connection:
            return key.next
        nonce = await connection.next_nonce(ss58_encode(signer.public, 42))
        return max(nonce, key.next) if key.under_way else nonce

    async def _hand_over(self, stack: AsyncExitStack, connection: Connection, sent: _Sent) -> Subscription:
        watch = connection.rpc.subscribe(
            "author_submitAndWatchExtrinsic", "author_unwatchExtrinsic", hexed(sent.data)
        )
        try:
            return await stack.enter_async_context(watch)
        except RpcError as error:
            raise _refused(sent.call, str(error)) from None

    async def _settle(
        self, stack: AsyncExitStack, connection: Connection, sent: _Sent, watching: Subscription
    ) -> CallReceipt:
        """The receipt, over lost connections."""
        again = False
        while True:
            try:
                return await self._receipt(connection, sent, await self._included(connection, sent, watching))
            except CallRefusedError as error:
                return await self._done_already(connection, sent, error, again=again)
            except (UnsuitableChainError, CallNotFinalError):
                raise
            except CallUnsettledError:
                await asyncio.sleep(_AGAIN_S)
            except ChainUnavailableError:
                await connection.close()
            connection, again = await self._use(), True
            if (found := await self._find(connection, sent)) is not None:
                return await self._receipt(connection, sent, found)
            try:
                watching = await self._hand_over(stack, connection, sent)
            except CallRefusedError as error:
                return await self._done_already(connection, sent, error, again=again)

    async def _included(self, connection: Connection, sent: _Sent, watching: Subscription) -> bytes:
        """The hash of the block, a final one where calls are done then."""
        while True:
            block, final = await _stands_in(sent.call, watching)
            if final or not self._final:
                return block
            if connection.rpc.finality_stands:
                raise CallNotFinalError(sent.call)

    async def _done_already(
        self, connection: Connection, sent: _Sent, error: CallRefusedError, *, again: bool
    ) -> CallReceipt:
        """What is refused may be done, by a block that was not seen or that came this very moment; if it is
        not, ``error``. ``again``: it was taken before, so its block may be one that is not final yet."""
        while error.reason is Refusal.STALE:
            if (found := await self._find(connection, sent)) is not None:
                return await self._receipt(connection, sent, found)
            if not (again and self._final):
                break
            if connection.rpc.finality_stands:
                raise CallNotFinalError(sent.call)
            await asyncio.sleep(_AGAIN_S)
        raise error

    @contextlib.asynccontextmanager
    async def _limited(self, call: str) -> AsyncIterator[None]:
        """``ChainUnavailableError`` when no block takes the call in time; ``ChainUpgradingError`` when that,
        or a refusal, comes from an upgrade: half-migrated storage makes a good call look like a bad one."""
        try:
            async with asyncio.timeout(INCLUSION_LIMIT):
                yield
        except CallRefusedError:
            if await self._upgrading():
                raise ChainUpgradingError() from None
            raise
        except TimeoutError:
            if await self._upgrading():
                raise ChainUpgradingError(
                    f"The chain is being upgraded; {call} may still be done when that is through."
                ) from None
            raise ChainUnavailableError(
                f"{call} stands in no {'final ' if self._final else ''}block after {INCLUSION_LIMIT:.0f} s; "
                "it may still get there."
            ) from None

    async def _upgrading(self) -> bool:
        try:
            return await (await self._use()).upgrading()
        except ChainUnavailableError:
            return False

    async def _find(self, connection: Connection, sent: _Sent) -> bytes | None:
        """The block since ``sent.since`` in which it stands."""
        best, _ = await connection.best()
        if not sent.since < best.number <= sent.since + MAX_GAP:
            return None
        for block in await connection.hashes(sent.since + 1, best.number):
            if block is not None and await connection.place(block, sent.data) is not None:
                return block
        return None

    async def _receipt(self, connection: Connection, sent: _Sent, block: bytes) -> CallReceipt:
        place = await connection.place(block, sent.data)
        if place is None:
            raise BadNodeError("The node names a block for a call that is not in it.")
        number, index = place
        outcome = connection.codec.outcome(await connection.events(block), index)
        if outcome.error is not None:
            raise CallFailedError(sent.call, outcome.error, outcome.doc)
        return CallReceipt(sent.call, number, block, outcome.fee, len(sent.data))


async def _stands_in(call: str, watching: Subscription) -> tuple[bytes, bool]:
    """The hash of the next block that has it, and whether that is final, from the states of a watched
    extrinsic (sc-transaction-pool-api)."""
    while True:
        state = await watching.next()
        if isinstance(state, dict):
            for name in ("finalized", "inBlock"):
                if state.get(name) is not None:
                    return unhexed(state[name]), name == "finalized"
            if state.keys() & {"invalid", "Invalid", "unknown", "usurped", "dropped"}:
                raise _refused(call, state)
            if "unsettled" in state:
                raise CallUnsettledError(f"It is not known what became of {call} ({state['unsettled']}).")
        elif state in ("invalid", "dropped"):
            raise _refused(call, state)


def _refused(call: str, answer: object) -> CallRefusedError:
    reason = refusal(answer)
    return CallRefusedError(call, reason, str(answer)[:200] if reason is Refusal.OTHER else None)
