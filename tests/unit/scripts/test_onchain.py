"""What ``scripts/validator`` and ``scripts/upgrade`` send while finality stands, and say of a refusal."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from children import PartFailedError
from network import onchain
from network.onchain import ERA_PERIOD, OnChain
from stardust.chain.records import hexed
from stardust.identity.accounts import AccountKey
from tests.unit.chain.garbage import Refused, node
from tests.unit.identity.helpers import GENESIS
from tests.vectors.chain import metadata, runtime

FINAL, BEST = 10, 200
ROOT = AccountKey.from_uri("//Alice", dev=True)


def hash_of(number: int) -> str:
    return "0x" + number.to_bytes(32, "big").hex() if number else hexed(GENESIS)


class Standing:
    """A node of a chain whose finality stands. Its pool takes nothing, for the reason ``why``."""

    def __init__(self, why: str) -> None:
        self.why = why
        self.extrinsics: list[bytes] = []

    def __call__(self, method: str, params: list[Any]) -> Any:
        match method, *params:
            case "author_submitAndWatchExtrinsic", extrinsic:
                self.extrinsics.append(bytes.fromhex(extrinsic[2:]))
                return Refused(self.why)
            case "chain_getBlockHash", *number:
                return hash_of(number[0] if number and number[0] is not None else BEST)
            case "chain_getFinalizedHead", *_:
                return hash_of(FINAL)
            case "chain_getHeader", *hash_:
                at = int(hash_[0], 16) if hash_ and hash_[0] else BEST
                return {"number": hex(at), "parentHash": hash_of(at - 1)}
            case "state_getRuntimeVersion" | "chain_getRuntimeVersion", *_:
                return runtime()["version"]
            case "state_getMetadata", *_:
                return hexed(metadata())
            case "system_accountNextIndex", _:
                return 0
        return {"rpc_methods": {"methods": []}, "system_chain": "Stardust", "system_properties": {}}.get(
            method
        )


async def heartbeat(why: str) -> tuple[str, bytes]:
    """What the script says of a call that is refused, and the call."""
    standing = Standing(why)

    def work(url: str) -> str:
        with OnChain(url) as chain, pytest.raises(PartFailedError) as refused:
            chain.send(ROOT, chain.call("P2pSignaling", "heartbeat", {}))
        return str(refused.value)

    async with node(standing) as url:
        said = await asyncio.to_thread(work, url)
    (extrinsic,) = standing.extrinsics
    return said, extrinsic


async def test_a_call_is_good_for_the_next_blocks_however_old_the_final_one_is() -> None:
    _, extrinsic = await heartbeat("Transaction has a bad signature")
    # Length (2), version, MultiAddress::Id and key, kind of signature and signature, then the era.
    encoded = int.from_bytes(extrinsic[2 + 1 + 33 + 65 :][:2], "little")
    assert 2 << (encoded % 16) == ERA_PERIOD
    phase = encoded >> 4
    birth = BEST - (BEST - phase) % ERA_PERIOD
    assert BEST - 10 < birth < BEST


@pytest.mark.parametrize(
    ("why", "likely"),
    [
        ("Transaction has a bad signature", "behind the others or on a branch of its own"),
        ("Transaction is outdated", "done already"),
        ("Inability to pay some fees (e.g. account balance too low)", "send it something first"),
    ],
)
async def test_a_refusal_says_what_is_likely(why: str, likely: str) -> None:
    said, _ = await heartbeat(why)
    assert why in said
    assert likely in said


class Blocks:
    """The questions about blocks that ``OnChain`` asks; block 150 is of another branch when ``replaced``."""

    def __init__(self, final: int, *, replaced: bool = False) -> None:
        self.final, self.replaced = final, replaced

    def get_block_number(self, hash_: str) -> int:
        return int(hash_, 16) % 1000

    def get_chain_finalised_head(self) -> str:
        return hash_of(self.final)

    def get_block_hash(self, number: int) -> str:
        return hash_of(number + 1000 * self.replaced)

    def rpc_request(self, method: str, params: list[object]) -> dict[str, str]:
        assert (method, params) == ("chain_getBlockHash", [])
        return {"result": hash_of(BEST)}


def waiting(blocks: Blocks) -> None:
    """For block 150 to be final."""
    chain = OnChain.__new__(OnChain)
    chain.chain = blocks
    chain._wait_for_finality(hash_of(150))


def test_what_does_not_become_final_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting(Blocks(150))
    assert not capsys.readouterr().err
    monkeypatch.setattr(onchain, "USUAL_S", -1.0)
    monkeypatch.setattr(onchain, "FINAL_S", -1.0)
    waiting(Blocks(FINAL))
    said = capsys.readouterr().err
    assert said.startswith("It stands in block 150; waiting until that is final")
    assert "stands in block 150, which is not final: block 10 is the last that is, and 200 the newest" in said
    assert "do not repeat it" in said


def test_a_block_that_was_replaced_is_said() -> None:
    with pytest.raises(PartFailedError, match="block 150, in which it stood, was replaced"):
        waiting(Blocks(160, replaced=True))
