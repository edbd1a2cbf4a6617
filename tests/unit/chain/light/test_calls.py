"""Calls through the light client while the network makes blocks and finalizes none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from stardust.chain.codec import Anchor, Signer
from stardust.chain.errors import CallNotFinalError
from stardust.chain.jsonrpc import Rpc
from stardust.chain.records import hexed
from stardust.chain.rpc import RpcChain
from stardust.identity.devices import DeviceKeys
from tests.fakes.smoldot import FakeSmoldot, hash_of, light
from tests.unit.chain.light.test_rpc import until
from tests.vectors.chain import metadata

KEYS = DeviceKeys.create()
NONCE = 5
SUBMIT = "transactionWatch_v1_submitAndWatch"
IN_BLOCK = {"event": "bestChainBlockIncluded", "block": {"hash": hash_of(111), "index": 1}}


@pytest.fixture
async def smoldot() -> FakeSmoldot:
    """Of a network whose finality stands for a hundred blocks."""
    made = FakeSmoldot(finalized=10, best=110)
    described = metadata()
    made.calls = {
        "Metadata_metadata": hexed((len(described) << 2 | 2).to_bytes(4, "little") + described),
        "AccountNonceApi_account_nonce": hexed(NONCE.to_bytes(4, "little")),
    }
    return made


@pytest.fixture
async def chain(smoldot: FakeSmoldot) -> AsyncIterator[RpcChain]:
    async def opened(_: str) -> Rpc:
        return rpc

    rpc = light(smoldot)
    made = RpcChain(("net.json",), signer=KEYS, opener=opened, final=True)
    try:
        await made.connect()
        await until(lambda: rpc._runtime.best_block == hash_of(110))
        yield made
    finally:
        await made.close()


def submitted(smoldot: FakeSmoldot) -> list[str]:
    return [params[0] for method, params in smoldot.asked if method == SUBMIT]


async def test_it_starts_however_long_finality_has_stood() -> None:
    rpc = light(FakeSmoldot(finalized=10, best=3000))
    try:
        await rpc.request("chain_getHeader")
        await until(lambda: rpc._runtime.best_block == hash_of(3000))
        assert not rpc.closed.is_set()
    finally:
        await rpc.close()


async def test_a_call_goes_in_and_says_that_it_is_not_final(chain: RpcChain, smoldot: FakeSmoldot) -> None:
    call = asyncio.create_task(chain.heartbeat())
    await until(lambda: submitted(smoldot))
    smoldot.tell(SUBMIT, IN_BLOCK)
    assert await chain.newest() == 110
    with pytest.raises(CallNotFinalError, match="heartbeat stands in a block, but the network has stopped"):
        await call
    connection = await chain._keeper.use()
    signer = Signer(KEYS.device, "ed25519", KEYS.sign)
    newest = Anchor(109, bytes.fromhex(hash_of(109)[2:]))
    expected = await connection.run(connection.codec.signed, "heartbeat", {}, signer, NONCE, newest)
    assert submitted(smoldot) == [hexed(expected)]


async def test_a_call_that_stands_in_a_block_is_not_made_twice(chain: RpcChain, smoldot: FakeSmoldot) -> None:
    """Its watch was lost, and the block cannot be found, because it is not final."""
    call = asyncio.create_task(chain.heartbeat())
    await until(lambda: submitted(smoldot))
    smoldot.tell(SUBMIT, {"event": "dropped", "broadcasted": True, "error": "gap in chain of blocks"})
    await until(lambda: len(submitted(smoldot)) == 2)
    smoldot.tell(SUBMIT, {"event": "invalid", "error": "Invalid transaction: Transaction is outdated"})
    with pytest.raises(CallNotFinalError):
        await call
    assert len(set(submitted(smoldot))) == 1
