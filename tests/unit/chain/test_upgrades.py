"""What the client says and does while the chain gets another runtime."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from stardust.chain.connection import MIGRATION_KEY
from stardust.chain.errors import CallRefusedError, ChainUpgradingError, OutdatedClientError, Refusal
from stardust.chain.records import hexed
from stardust.chain.rpc import RpcChain
from stardust.identity.devices import DeviceKeys
from tests.unit.chain.garbage import Refused, node
from tests.unit.identity.helpers import GENESIS
from tests.vectors.chain import metadata, runtime

HEADER = {
    **dict.fromkeys(("parentHash", "stateRoot", "extrinsicsRoot"), "0x" + "00" * 32),
    "number": "0x7",
    "digest": {"logs": []},
}


class Upgraded:
    """A node of a chain that was just upgraded. Its pool takes nothing, for the reason ``why``."""

    def __init__(self, why: str, *, migrates: bool = False) -> None:
        self.why = why
        self.migrates = migrates
        self.version = dict(runtime()["version"])
        self.described = hexed(metadata())
        self.calls: list[str] = []

    def __call__(self, method: str, params: list[Any]) -> Any:
        match method, *params:
            case "author_submitAndWatchExtrinsic", call:
                self.calls.append(call)
                return Refused(self.why)
            case "chain_getBlockHash", 0:
                return hexed(GENESIS)
            case "state_getStorage", key, *_:
                return "0x00" if self.migrates and key == MIGRATION_KEY else None
        return {
            "state_getRuntimeVersion": self.version,
            "state_getMetadata": self.described,
            "chain_getHeader": HEADER,
            "system_accountNextIndex": 0,
        }.get(method, method)


@asynccontextmanager
async def client(of: Upgraded) -> AsyncIterator[RpcChain]:
    async with node(of) as url:
        chain = RpcChain([url], genesis=GENESIS, signer=DeviceKeys.create())
        try:
            yield chain
        finally:
            await chain.close()


@pytest.mark.parametrize("why", ["Inability to pay some fees", "Transaction has a bad signature"])
async def test_a_refusal_while_storage_is_migrated_is_put_down_to_that(
    why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stardust.chain.submission.UPGRADE_SEEN_S", 0.1)
    async with client(Upgraded(why, migrates=True)) as chain:
        await chain.connect()
        with pytest.raises(ChainUpgradingError, match="is being upgraded, and takes no calls"):
            await chain.heartbeat()


async def test_a_call_that_waits_for_the_migration_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pool has taken it; no block will for a while."""
    monkeypatch.setattr("stardust.chain.submission.INCLUSION_LIMIT", 0.5)
    upgraded = Upgraded("", migrates=True)
    answer = upgraded.__call__
    taken = lambda method, params: "w" if method.startswith("author_") else answer(method, params)  # noqa: E731
    async with node(taken) as url:
        chain = RpcChain([url], genesis=GENESIS, signer=DeviceKeys.create())
        try:
            await chain.connect()
            with pytest.raises(ChainUpgradingError, match="heartbeat may still be done when that is through"):
                await chain.heartbeat()
        finally:
            await chain.close()


async def test_a_refusal_without_a_migration_is_the_calls_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stardust.chain.submission.UPGRADE_SEEN_S", 0.1)
    async with client(Upgraded("Transaction has a bad signature")) as chain:
        await chain.connect()
        with pytest.raises(CallRefusedError) as refused:
            await chain.heartbeat()
    assert refused.value.reason is Refusal.BAD_PROOF


async def test_a_call_that_an_upgrade_overtook_is_signed_for_the_new_runtime(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The signature covers ``spec_version``: for nodes of the new runtime it is a bad one."""
    for limit in ("UPGRADE_SEEN_S", "INCLUSION_LIMIT"):  # a busy machine reads the new metadata slowly
        monkeypatch.setattr(f"stardust.chain.submission.{limit}", 100.0)
    upgraded = Upgraded("Transaction has a bad signature")
    async with client(upgraded) as chain:
        await chain.connect()
        calling = asyncio.create_task(chain.heartbeat())
        while not upgraded.calls:  # noqa: ASYNC110 - of another task
            await asyncio.sleep(0.01)
        upgraded.version["specVersion"] += 1
        upgraded.why = "Inability to pay some fees"
        connection = await chain._keeper.use()
        await connection.load()  # as when the node tells of the new version
        while len(upgraded.calls) < 2 and not calling.done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
    before, after = upgraded.calls
    assert before != after


async def test_a_client_that_is_too_old_says_so_before_it_reads_the_metadata() -> None:
    upgraded = Upgraded("")
    upgraded.version |= {"specVersion": 9, "transactionVersion": 2}
    upgraded.described = "0x"
    async with client(upgraded) as chain:
        with pytest.raises(OutdatedClientError, match="runtime 9 is too new for this client; install"):
            await chain.connect()
        assert "runtime 9 is too new" in str(chain.status().problem)
