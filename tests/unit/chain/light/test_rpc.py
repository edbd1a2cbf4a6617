"""The light client's face, on a smoldot that proves nothing but answers as the real one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from stardust.chain.errors import ChainUnavailableError
from stardust.chain.jsonrpc import RpcError
from stardust.chain.light import rpc as rpc_module
from stardust.chain.light import runtime, watch
from stardust.chain.light.rpc import LightRpc, _block_hash_key
from stardust.chain.light.runtime import api_id
from tests.fakes.smoldot import APIS, VIEW, FakeSmoldot, hash_of, header, light

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"


@pytest.fixture
async def smoldot() -> FakeSmoldot:
    return FakeSmoldot(apis={**APIS, api_id(VIEW): 1})


@pytest.fixture
async def rpc(smoldot: FakeSmoldot) -> AsyncIterator[LightRpc]:
    made = light(smoldot)
    try:
        await made.request("chain_getHeader")
        yield made
    finally:
        await made.close()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - of what the light client knows
            await asyncio.sleep(0.005)


async def test_its_newest_block_is_the_finalized_one(rpc: LightRpc, smoldot: FakeSmoldot) -> None:
    assert await rpc.request("chain_getHeader") == header(10)
    async with rpc.subscribe("chain_subscribeNewHeads", "chain_unsubscribeNewHeads") as heads:
        assert await heads.next() == header(10)
        smoldot.advance(best=14, finalized=11)
        assert await heads.next() == header(11)
    assert await rpc.request("chain_getHeader") == header(11)


async def test_reads_are_of_the_finalized_state(rpc: LightRpc, smoldot: FakeSmoldot) -> None:
    smoldot.storage["0xaa"] = "0x07"
    smoldot.calls[VIEW] = "0x0042"
    assert await rpc.request("state_getStorage", "0xaa") == "0x07"
    assert await rpc.request("state_call", VIEW, "0x99") == "0x0042"
    assert ("state_getStorage", ["0xaa", hash_of(10)]) in smoldot.asked
    (call,) = [params for method, params in smoldot.asked if method == "chainHead_v1_call"]
    assert call[1:] == [hash_of(10), VIEW, "0x99"]


async def test_a_young_chain_is_read_before_its_runtime_is_at_hand(smoldot: FakeSmoldot) -> None:
    smoldot.young = True
    smoldot.calls = {VIEW: "0x01", "AccountNonceApi_account_nonce": "0x05000000"}
    rpc = light(smoldot)
    assert await rpc.request("chain_getHeader") == header(10)
    assert await rpc.request("state_call", VIEW, "0x99") == "0x01"
    assert ("state_call", [VIEW, "0x99", hash_of(10)]) in smoldot.asked
    assert (await rpc.request("state_getRuntimeVersion"))["specVersion"] == 7
    assert await rpc.request("system_accountNextIndex", ALICE) == 5
    with pytest.raises(RpcError):
        await rpc.request("state_call", "Nonsense_call", "0x")
    async with rpc.subscribe("chain_subscribeNewHeads", "chain_unsubscribeNewHeads") as heads:
        smoldot.grow_up()
        assert await heads.next() == header(10)  # and none of those before
    await until(lambda: rpc._runtime.ready)
    assert await rpc.request("state_call", VIEW, "0x99") == "0x01"
    assert smoldot.count("state_call") == 2
    assert smoldot.count("chainHead_v1_call") == 1
    await rpc.close()


async def test_the_chains_type_is_that_of_the_spec(rpc: LightRpc, smoldot: FakeSmoldot) -> None:
    assert await rpc.request("system_chainType") == "Live"
    assert "system_chainType" not in [method for method, _ in smoldot.asked]


async def test_a_nonce_is_that_of_the_best_block(rpc: LightRpc, smoldot: FakeSmoldot) -> None:
    smoldot.calls["AccountNonceApi_account_nonce"] = "0x05000000"
    assert await rpc.request("system_accountNextIndex", ALICE) == 5
    (call,) = [params for method, params in smoldot.asked if method == "chainHead_v1_call"]
    assert call[1] == hash_of(12)
    assert len(call[3]) == 2 + 64


async def test_hashes_of_blocks_come_from_the_state(rpc: LightRpc, smoldot: FakeSmoldot) -> None:
    for number in (8, 9):
        smoldot.storage[_block_hash_key(number)] = hash_of(number)
    numbers = [7, 8, 9, 10, 11]
    assert await rpc.request("chain_getBlockHash", numbers) == [
        None,
        hash_of(8),
        hash_of(9),
        hash_of(10),
        None,
    ]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("state_subscribeStorage", [["0x00"]]),
        ("author_submitExtrinsic", ["0x00"]),
        ("state_getKeysPaged", ["0x", 10]),
        ("state_getPairs", ["0x"]),
        ("state_call", ["Nonsense_call", "0x"]),
        ("state_getStorage", []),
    ],
)
async def test_what_would_cost_it_its_peers_is_not_asked(
    rpc: LightRpc, smoldot: FakeSmoldot, method: str, params: list[object]
) -> None:
    before = len(smoldot.asked)
    with pytest.raises(RpcError):
        await rpc.request(method, *params)
    assert len(smoldot.asked) == before


async def test_state_that_nodes_have_forgotten_is_not_asked(smoldot: FakeSmoldot) -> None:
    smoldot.finalized, smoldot.best = 1000, 1002
    rpc = light(smoldot)
    await rpc.request("chain_getHeader")
    smoldot.storage["0xaa"] = "0x07"
    assert await rpc.request("state_getStorage", "0xaa", hash_of(1000 - rpc_module.MAX_AGE)) == "0x07"
    with pytest.raises(RpcError, match="too old"):
        await rpc.request("state_getStorage", "0xaa", hash_of(999 - rpc_module.MAX_AGE))
    await rpc.close()


async def test_an_upgrade_is_told_when_it_is_final(rpc: LightRpc, smoldot: FakeSmoldot) -> None:
    subscription = rpc.subscribe("state_subscribeRuntimeVersion", "state_unsubscribeRuntimeVersion")
    async with subscription as versions:
        assert (await versions.next())["specVersion"] == 7
        smoldot.upgrade(8)
        assert (await versions.next())["specVersion"] == 8
    assert (await rpc.request("state_getRuntimeVersion"))["specVersion"] == 8


async def test_blocks_that_are_behind_are_unpinned(rpc: LightRpc, smoldot: FakeSmoldot) -> None:
    smoldot.advance(best=20, finalized=19)
    await until(lambda: smoldot.count("chainHead_v1_unpin"))
    (unpinned,) = [params[1] for method, params in smoldot.asked if method == "chainHead_v1_unpin"]
    assert sorted(unpinned) == [hash_of(number) for number in range(10, 19)]


async def test_a_call_is_watched_with_its_reason(rpc: LightRpc, smoldot: FakeSmoldot) -> None:
    submit = ("author_submitAndWatchExtrinsic", "author_unwatchExtrinsic", "0xdead")
    block = {"hash": hash_of(13), "index": 1}
    async with rpc.subscribe(*submit) as states:
        assert ("transactionWatch_v1_submitAndWatch", ["0xdead"]) in smoldot.asked
        for event in (
            {"event": "validated"},
            {"event": "broadcasted", "numPeers": 2},
            {"event": "bestChainBlockIncluded", "block": block},
            {"event": "bestChainBlockIncluded", "block": None},
            {"event": "finalized", "block": block},
            {"event": "invalid", "error": "Invalid transaction: Transaction is outdated"},
            {"event": "dropped", "broadcasted": False, "error": "gap in chain of blocks"},
            {"event": "error", "error": "transactions service has crashed"},
        ):
            smoldot.tell("transactionWatch_v1_submitAndWatch", event)
        assert [await states.next() for _ in range(5)] == [
            {"inBlock": hash_of(13)},
            {"finalized": hash_of(13)},
            {"invalid": "Invalid transaction: Transaction is outdated"},
            {"unsettled": "gap in chain of blocks"},
            {"unsettled": "transactions service has crashed"},
        ]


async def test_a_proof_that_nobody_gives_is_told_and_ends_nothing(
    rpc: LightRpc, smoldot: FakeSmoldot
) -> None:
    smoldot.calls[VIEW] = None
    with pytest.raises(ChainUnavailableError, match="proves"):
        await rpc.request("state_call", VIEW, "0x")
    smoldot.calls[VIEW] = "0x01"
    assert await rpc.request("state_call", VIEW, "0x") == "0x01"


async def test_an_answer_that_does_not_come_is_not_waited_for(rpc: LightRpc, smoldot: FakeSmoldot) -> None:
    with pytest.raises(ChainUnavailableError, match="in time"):
        await rpc.request("state_call", VIEW, "0x", limit=0.01)
    assert not rpc.closed.is_set()


async def test_a_call_that_cannot_start_yet_is_started_later(
    rpc: LightRpc, smoldot: FakeSmoldot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "BUSY_S", 0.01)
    smoldot.calls[VIEW] = "0x01"
    smoldot.busy = 3
    assert await rpc.request("state_call", VIEW, "0x") == "0x01"
    smoldot.busy = 10_000
    with pytest.raises(ChainUnavailableError, match="in time"):
        await rpc.request("state_call", VIEW, "0x", limit=0.1)
    assert not rpc.closed.is_set()


async def test_a_version_that_nobody_proves_in_time_is_told(
    smoldot: FakeSmoldot, monkeypatch: pytest.MonkeyPatch
) -> None:
    smoldot.young = True
    rpc = light(smoldot)
    await rpc.request("chain_getHeader")
    smoldot.silent.add("state_getRuntimeVersion")
    monkeypatch.setattr(runtime, "ANSWER_S", 0.05)
    with pytest.raises(ChainUnavailableError, match="in time"):
        async with rpc.subscribe("state_subscribeRuntimeVersion", "state_unsubscribeRuntimeVersion"):
            pass
    await rpc.close()


async def test_calls_on_a_subscription_that_ends_end_and_the_next_ones_work(
    rpc: LightRpc, smoldot: FakeSmoldot
) -> None:
    call = asyncio.create_task(rpc.request("state_call", VIEW, "0x"))
    await until(lambda: smoldot.count("chainHead_v1_call"))
    smoldot.stop()
    with pytest.raises(ChainUnavailableError, match="lost its place"):
        await call
    smoldot.calls[VIEW] = "0x01"
    assert await rpc.request("state_call", VIEW, "0x") == "0x01"
    await until(lambda: rpc._runtime.ready)
    assert sum(asked == ("chainHead_v1_follow", [True]) for asked in smoldot.asked) == 2


async def test_without_peers_it_says_so_and_asks_nothing_until_they_are_back(
    smoldot: FakeSmoldot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOOK_S", 0.01)
    monkeypatch.setattr("stardust.chain.light.outlook.ALONE_S", 0.05)
    rpc = light(smoldot)
    await rpc.request("chain_getHeader")
    smoldot.peers = 0
    await until(lambda: rpc.trouble)
    assert rpc.trouble == "No boot node of Fake Net can be reached (127.0.0.1:1)."
    with pytest.raises(ChainUnavailableError, match="No boot node"):
        await rpc.request("state_getStorage", "0xaa")
    assert not smoldot.count("state_getStorage")
    smoldot.peers = 1
    await until(lambda: rpc.trouble is None)
    assert await rpc.request("state_getStorage", "0xaa") is None
    await rpc.close()


async def test_peers_that_prove_nothing_are_named(
    smoldot: FakeSmoldot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "READY_S", 0.1)
    smoldot.young, smoldot.claimed = True, 5000
    rpc = light(smoldot)
    with pytest.raises(ChainUnavailableError, match=r"claim block 5000 .* cannot prove it"):
        await rpc.request("chain_getHeader")
    await rpc.close()


async def test_stalled_finality_is_told_and_reads_go_on(rpc: LightRpc, smoldot: FakeSmoldot) -> None:
    assert rpc.standstill is None
    smoldot.advance(best=40)
    await until(lambda: rpc.standstill)
    assert "stopped to finalize" in str(rpc.standstill)
    assert rpc.trouble is None
    assert await rpc.request("chain_getHeader") == header(10)
    assert rpc.finality_stands
    smoldot.advance(best=61, finalized=60)
    await until(lambda: rpc.standstill is None)
    assert not rpc.finality_stands


async def test_a_fault_ends_it_with_its_reason(rpc: LightRpc, smoldot: FakeSmoldot) -> None:
    smoldot.fault(ChainUnavailableError("It had a fault."))
    await rpc.closed.wait()
    assert str(rpc.problem) == "It had a fault."
    with pytest.raises(ChainUnavailableError, match="It had a fault"):
        await rpc.request("chain_getHeader")


async def test_what_makes_no_sense_ends_it(rpc: LightRpc, smoldot: FakeSmoldot) -> None:
    smoldot.tell("chainHead_v1_follow", {"event": "finalized", "finalizedBlockHashes": ["0x77"]})
    await rpc.closed.wait()
    assert "names a block that it has not told of" in str(rpc.problem)


async def test_after_a_sleep_it_begins_anew(smoldot: FakeSmoldot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_S", 0.01)
    monkeypatch.setattr(watch, "asleep", lambda *_: 72.0)
    rpc = light(smoldot)
    await rpc.closed.wait()
    assert "slept for about 72 s" in str(rpc.problem)
    await rpc.close()
