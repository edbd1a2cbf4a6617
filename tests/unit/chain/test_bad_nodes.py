"""Nodes that lie, talk garbage or say nothing: a clear error, and the client lives on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from children import free_port
from stardust.chain import jsonrpc, nodes
from stardust.chain.errors import BadNodeError, ChainUnavailableError, WrongChainError
from stardust.chain.examine import Level, examine_nodes
from stardust.chain.rpc import RpcChain
from stardust.wire.ids import AccountId
from tests.unit.chain.garbage import SILENCE, Raw, node

GENESIS = b"\x11" * 32
OTHER = "0x" + "22" * 32


async def failure(url: str, genesis: bytes | None = GENESIS) -> ChainUnavailableError:
    chain = RpcChain([url], genesis=genesis)
    try:
        with pytest.raises(ChainUnavailableError) as raised:
            await chain.connect()
        status = chain.status()
        assert not status.connected
        assert status.problem == str(raised.value)
        return raised.value
    finally:
        await chain.close()


async def test_nobody_listens() -> None:
    error = await failure(f"ws://127.0.0.1:{free_port()}")
    assert "cannot be reached" in str(error)


async def test_the_address_makes_no_sense() -> None:
    assert "cannot be reached" in str(await failure("nonsense"))


async def test_no_node_is_configured() -> None:
    chain = RpcChain([])
    with pytest.raises(ChainUnavailableError):
        await chain.connect()
    await chain.close()


async def test_another_chain_is_refused_by_its_genesis() -> None:
    async with node(lambda method, params: OTHER) as url:
        error = await failure(url)
    assert isinstance(error, WrongChainError)
    assert "another chain" in str(error)


async def test_another_chain_in_a_nodes_place_is_told_when_it_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nodes, "FIRST_WAIT", nodes.LONGEST_WAIT)
    port = free_port()
    chain = RpcChain([f"ws://127.0.0.1:{port}"], genesis=GENESIS)
    with pytest.raises(ChainUnavailableError, match="cannot be reached"):
        await chain.connect()
    async with node(lambda method, params: OTHER, port), asyncio.timeout(nodes.LONGEST_WAIT / 3):
        with pytest.raises(WrongChainError, match="another chain"):
            await chain.retry()
        assert "another chain" in (chain.status().problem or "")
    await chain.close()


@pytest.mark.parametrize(
    "text", ["<html>", "[]", "7", "null", '"x"', b"\xff\xfe", "[" * 100_000, '{"id": {"a": 1}}' * 2]
)
async def test_what_is_no_json_rpc_is_a_bad_node(text: str | bytes) -> None:
    async with node(lambda method, params: Raw(text)) as url:
        error = await failure(url)
    assert isinstance(error, BadNodeError)


@pytest.mark.parametrize("result", [None, 7, [], {}, "0x", "0x12", "zz", "0x" + "11" * 31])
async def test_a_genesis_of_the_wrong_form_is_a_bad_node(result: Any) -> None:
    async with node(lambda method, params: result) as url:
        assert isinstance(await failure(url), ChainUnavailableError)


@pytest.mark.parametrize(
    "metadata", [None, 5, "0x", "0x6d657461", "0x6d6574610e" + "ff" * 40, "0x6d6574610e00", "nohex"]
)
async def test_a_description_of_the_runtime_that_cannot_be_read_is_a_bad_node(metadata: Any) -> None:
    def answer(method: str, params: list[Any]) -> Any:
        return {
            "chain_getBlockHash": "0x" + GENESIS.hex(),
            "state_getRuntimeVersion": {"specName": "x", "specVersion": 1, "transactionVersion": 1},
            "state_getMetadata": metadata,
        }[method]

    async with node(answer) as url:
        assert isinstance(await failure(url), BadNodeError)


async def test_an_answer_larger_than_the_bound_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonrpc, "MAX_ANSWER", 10_000)
    async with node(lambda method, params: "0x" + "00" * 10_000) as url:
        assert "lost" in str(await failure(url))


async def test_an_answer_that_never_comes_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonrpc, "REQUEST_S", 0.2)
    async with node(lambda method, params: SILENCE) as url:
        assert "does not answer" in str(await failure(url))


async def test_a_question_before_connecting_is_answered_with_an_error() -> None:
    chain = RpcChain(["ws://127.0.0.1:1"])
    with pytest.raises(ChainUnavailableError):
        await chain.account(AccountId(bytes(32)))
    await chain.close()


async def test_the_doctor_names_what_is_wrong_with_each_node() -> None:
    async with node(lambda method, params: OTHER) as other:
        dead = f"ws://127.0.0.1:{free_port()}"
        findings = await examine_nodes([other, dead], GENESIS)
    assert [finding.level for finding in findings] == [Level.PROBLEM, Level.PROBLEM]
    assert "another chain" in findings[0].message
    assert "cannot be reached" in findings[1].message
