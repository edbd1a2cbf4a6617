"""Peers that speak of blocks which nobody proves: on a branch of other authorities, or just so."""

from __future__ import annotations

import time

import pytest

from stardust.chain.errors import ChainUnavailableError
from stardust.chain.light import outlook, watch
from tests.fakes.smoldot import FakeSmoldot, hash_of, header, light
from tests.unit.chain.light.test_rpc import until

FAR = 5000


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "READY_S", 0.5)
    monkeypatch.setattr(watch, "_AGE_S", 0.05)
    monkeypatch.setattr(watch, "LOOK_S", 0.02)
    monkeypatch.setattr(outlook, "CLAIM_S", 0.05)


def lied_to(finalized: int = 10, best: int = 12) -> FakeSmoldot:
    """One of its three peers speaks of a block far away."""
    smoldot = FakeSmoldot(finalized, best)
    smoldot.claimed, smoldot.liars = FAR, 1
    return smoldot


@pytest.mark.parametrize("young", [False, True])
async def test_a_false_claim_does_not_keep_it_from_starting(young: bool) -> None:
    smoldot = lied_to()
    smoldot.young = young
    smoldot.times[hash_of(10)] = time.time() - 18
    rpc = light(smoldot)
    assert await rpc.request("chain_getHeader") == header(10)
    await until(lambda: rpc.notice)
    assert f"speak of block {FAR}, and cannot prove it" in str(rpc.notice)
    assert "Not followed: 12D3KooWFake0." in str(rpc.notice)
    assert rpc.trouble is None
    smoldot.claimed = None
    await until(lambda: rpc.notice is None)
    await rpc.close()


async def test_nor_does_it_while_finality_stands() -> None:
    smoldot = lied_to(finalized=10, best=90)
    smoldot.times = {hash_of(10): time.time() - 500, hash_of(90): time.time() - 6}
    rpc = light(smoldot)
    assert await rpc.request("chain_getHeader") == header(10)
    await until(lambda: "stopped to finalize" in str(rpc.standstill))
    await rpc.close()


@pytest.mark.parametrize(("age", "said"), [(3600, "behind"), (-3600, "ahead of")])
async def test_an_old_block_is_no_proof_that_a_claim_is_false(age: float, said: str) -> None:
    """All but one may be behind; or this clock is wrong."""
    smoldot = lied_to()
    smoldot.times = {hash_of(number): time.time() - age for number in (10, 12)}
    rpc = light(smoldot)
    with pytest.raises(ChainUnavailableError, match=rf"claim block {FAR} .* 60 minutes {said} this machine"):
        await rpc.request("chain_getHeader")
    await rpc.close()
