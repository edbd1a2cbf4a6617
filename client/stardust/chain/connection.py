"""One node that proved to serve our chain: its transport, its runtime, and typed questions to it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final

from stardust.chain.codec import Anchor, Codec, EventRecord
from stardust.chain.codecs import Codecs
from stardust.chain.cursor import Block
from stardust.chain.errors import BadNodeError, WrongChainError
from stardust.chain.jsonrpc import JsonRpc, Rpc, RpcError
from stardust.chain.records import hexed, unhexed

EVENTS_KEY: Final = "0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7"
TIMESTAMP_KEY: Final = "0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb"
MIGRATION_KEY: Final = "0x053629776a18418a03a77199a00f76e487b188618944a73221aaabb35521b0a1"
"""twox128(pallet) ++ twox128(item) of ``System.Events``, ``Timestamp.Now`` and ``Migrations.Cursor``."""
VIEW_CALL: Final = "RuntimeViewFunction_execute_view_function"
_KEPT_EVENTS: Final = 16
ON_DEMAND: Final = "Development"
"""Type of chains that make a block when there is a call for it, and none otherwise."""


async def check_genesis(rpc: Rpc, genesis: bytes | None) -> bytes:
    """The node's genesis hash (32 bytes); ``WrongChainError`` when it is not ``genesis``."""
    found = unhexed(await rpc.request("chain_getBlockHash", 0))
    if len(found) != 32:
        raise BadNodeError("The node's genesis hash has another length than 32 bytes.")
    if genesis is not None and found != genesis:
        raise WrongChainError(
            f"{rpc.title} serves another chain (genesis {found.hex()[:16]}…, not {genesis.hex()[:16]}…)."
        )
    return found


async def _type_of_chain(rpc: Rpc) -> str:
    """As its spec says; empty when the node does not."""
    try:
        return str(await rpc.request("system_chainType"))
    except RpcError:
        return ""


Opener = Callable[[str], Awaitable[Rpc]]
"""Opens what is behind an address; ``ChainUnavailableError``."""


class Connection:
    """Opened by ``open``."""

    def __init__(self, rpc: Rpc, codecs: Codecs, genesis: bytes) -> None:
        self.rpc = rpc
        self.genesis = genesis
        self.spec_name = ""
        self.kind = ""
        """The chain's type, as the node says; empty when it does not."""
        self.codec: Codec
        self.run = codecs.run
        self._codecs = codecs
        self._events: OrderedDict[bytes, tuple[EventRecord, ...]] = OrderedDict()

    @classmethod
    async def open(
        cls, url: str, codecs: Codecs, genesis: bytes | None, opener: Opener = JsonRpc.open
    ) -> Connection:
        """``WrongChainError`` when the node's genesis hash is not ``genesis``."""
        rpc = await opener(url)
        try:
            connection = cls(rpc, codecs, await check_genesis(rpc, genesis))
            await connection.load()
            connection.kind = await _type_of_chain(rpc)
        except BaseException:
            await rpc.close()
            raise
        return connection

    @property
    def on_demand(self) -> bool:
        """Blocks are made when there is something to put into them."""
        return self.kind == ON_DEMAND

    async def load(self, at: bytes | None = None) -> Codec:
        """The codec of the runtime that stands in the state of block ``at`` (default: the head's, which
        is used from then on)."""
        where = [] if at is None else [hexed(at)]
        version = await self.rpc.request("state_getRuntimeVersion", *where)
        metadata = await self.rpc.request("state_getMetadata", *where)
        if not isinstance(version, dict) or not isinstance(metadata, str):
            raise BadNodeError("The node does not describe its runtime.")
        codec = await self._codecs.of(version, metadata, self.genesis)
        if at is None:
            self.codec, self.spec_name = codec, str(version.get("specName"))[:64]
        return codec

    async def close(self) -> None:
        await self.rpc.close()

    # questions
    async def view(self, name: str, *arguments: bytes) -> Any:
        """What the view function ``name`` says at the best block."""
        request = await self.run(self.codec.view_request, name, *arguments)
        answer = await self.rpc.request("state_call", VIEW_CALL, request)
        return await self.run(self.codec.view_result, name, unhexed(answer))

    async def view_at(self, block: bytes, name: str, *arguments: bytes) -> bytes:
        """The same, undecoded, at the block with this hash."""
        request = await self.run(self.codec.view_request, name, *arguments)
        return unhexed(await self.rpc.request("state_call", VIEW_CALL, request, hexed(block)))

    async def best(self) -> tuple[Block, bytes]:
        """The best block and its parent's hash."""
        return self.block_of(await self.rpc.request("chain_getHeader"))

    async def finalized(self) -> Block:
        """The newest final block."""
        hash_ = await self.rpc.request("chain_getFinalizedHead")
        block, _ = self.block_of(await self.rpc.request("chain_getHeader", hash_))
        if block.hash != unhexed(hash_):
            raise BadNodeError("The node shows another block than it names.")
        return block

    def block_of(self, header: Any) -> tuple[Block, bytes]:
        """A header (JSON) as block and parent's hash."""
        hash_ = self.codec.header_hash(header)
        return Block(int(header["number"], 16), hash_), unhexed(header["parentHash"])

    async def anchor(self) -> Anchor:
        """Where a signed call's life begins: the parent of the best block, so that another block in its
        place does no harm. Not the final one: a call would be too old before it is signed while finality
        stands."""
        block, parent = self.block_of(await self.rpc.best_header())
        return Anchor(block.number - 1, parent) if block.number else Anchor(0, block.hash)

    async def hashes(self, first: int, last: int) -> list[bytes | None]:
        answer = await self.rpc.request("chain_getBlockHash", list(range(first, last + 1)))
        if not isinstance(answer, list) or len(answer) != last - first + 1:
            raise BadNodeError("The node does not tell the hashes of its blocks.")
        return [None if one is None else unhexed(one) for one in answer]

    async def events(self, block: bytes) -> tuple[EventRecord, ...]:
        """All events of the block with this hash."""
        if block in self._events:
            return self._events[block]
        value = await self.rpc.request("state_getStorage", EVENTS_KEY, hexed(block))
        data = b"" if value is None else unhexed(value)
        records = await self._decoded_events(block, data)
        self._events[block] = records
        while len(self._events) > _KEPT_EVENTS:
            self._events.popitem(last=False)
        return records

    async def _decoded_events(self, block: bytes, data: bytes) -> tuple[EventRecord, ...]:
        codec = self.codec
        try:
            return await self.run(codec.events, data)
        except BadNodeError:
            # Events are written by the runtime of the block before.
            header = await self.rpc.request("chain_getHeader", hexed(block))
            _, parent = self.block_of(header)
            older = await self.load(parent)
            if older is codec:
                raise
            return await self.run(older.events, data)

    async def place(self, block: bytes, extrinsic: bytes) -> tuple[int, int] | None:
        """Number of the block, and index of ``extrinsic`` in it; None when it is not there."""
        answer = await self.rpc.request("chain_getBlock", hexed(block))
        try:
            number = int(answer["block"]["header"]["number"], 16)
            return number, answer["block"]["extrinsics"].index(hexed(extrinsic))
        except (KeyError, TypeError, AttributeError):
            raise BadNodeError("The node does not show one of its blocks.") from None
        except ValueError:
            return None

    async def next_nonce(self, address: str) -> int:
        nonce = await self.rpc.request("system_accountNextIndex", address)
        if not isinstance(nonce, int):
            raise BadNodeError("The node does not tell a nonce.")
        return nonce

    async def upgrading(self) -> bool:
        """Whether the chain is between two runtimes: storage is migrated, and no call gets into a block."""
        return await self.rpc.request("state_getStorage", MIGRATION_KEY) is not None

    async def timestamp(self) -> float | None:
        """Unix seconds that the best block carries; None in a chain's first block."""
        value = await self.rpc.request("state_getStorage", TIMESTAMP_KEY)
        return None if value is None else int.from_bytes(unhexed(value)[:8], "little") / 1000
