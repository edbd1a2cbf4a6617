"""Peers that replay what was once true: each block is genuine, and only its time tells."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from stardust.chain import age, follower
from stardust.chain.codec import Codec
from stardust.chain.jsonrpc import Rpc
from stardust.chain.light import outlook, watch
from stardust.chain.port import ChainStatus
from stardust.chain.records import hexed, unhexed
from stardust.chain.rpc import RpcChain
from tests.fakes.smoldot import FakeSmoldot, hash_of, light
from tests.unit.chain.light.test_rpc import until
from tests.vectors.chain import metadata

HOUR = 3600.0
OLD = "newest block is 60 minutes old"


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AGE_S", "AGE_AGAIN_S"):
        monkeypatch.setattr(follower, name, 0.02)
    monkeypatch.setattr(watch, "LOOK_S", 0.02)


class Replayed:
    """A chain whose peers show blocks that were made ``late`` seconds ago, at the ordinary pace."""

    def __init__(self, late: float) -> None:
        self.smoldot = FakeSmoldot()
        described = metadata()
        self.smoldot.calls["Metadata_metadata"] = hexed(
            (len(described) << 2 | 2).to_bytes(4, "little") + described
        )
        self._shown(late)

        async def opened(_: str) -> Rpc:
            return light(self.smoldot)

        self.chain = RpcChain(("net.json",), opener=opened, final=True)

    def advance(self, late: float) -> None:
        """One more block, and one more is final."""
        self.smoldot.advance(self.smoldot.best + 1, self.smoldot.finalized + 1)
        self._shown(late)

    def _shown(self, late: float) -> None:
        self.smoldot.times[hash_of(self.smoldot.finalized)] = time.time() - late

    def status(self) -> ChainStatus:
        return self.chain.status()

    @property
    def problem(self) -> str:
        return str(self.status().problem)


@pytest.fixture
async def replayed(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Replayed]:
    monkeypatch.setattr(Codec, "header_hash", lambda _, header: unhexed(hash_of(int(header["number"], 16))))
    made = Replayed(late=HOUR)
    await made.chain.connect()
    yield made
    await made.chain.close()


async def test_old_blocks_at_the_ordinary_pace_are_told(replayed: Replayed) -> None:
    await until(lambda: OLD in replayed.problem)
    for _ in range(3):
        replayed.advance(late=HOUR)
        await until(lambda: replayed.smoldot.asked[-1][1][-1:] == [hash_of(replayed.smoldot.finalized)])
        assert replayed.status().connected
        assert OLD in replayed.problem
    replayed.advance(late=12.0)
    await until(lambda: replayed.status().problem is None)
    assert 11 < (replayed.status().age or 0) < 30


async def test_blocks_ahead_of_this_clock_are_told(replayed: Replayed) -> None:
    replayed.advance(late=-300.0)
    await until(lambda: "5 minutes ahead of this machine's clock" in replayed.problem)


async def test_who_shows_blocks_and_not_their_time_is_told(
    replayed: Replayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    replayed.advance(late=12.0)
    await until(lambda: 11 < (replayed.status().age or 0) < 30)
    replayed.smoldot.silent.add("state_getStorage")
    monkeypatch.setattr(age, "OLD_S", 12.5)
    await until(lambda: " s old by this machine" in replayed.problem)


async def test_where_finality_stands_only_that_is_told(replayed: Replayed) -> None:
    await until(lambda: OLD in replayed.problem)
    replayed.smoldot.advance(replayed.smoldot.finalized + outlook.FINALITY_LAG)
    await until(lambda: "stopped to finalize" in replayed.problem)
    assert "old" not in replayed.problem


async def test_a_false_claim_does_not_hide_it(replayed: Replayed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlook, "CLAIM_S", 0.0)
    replayed.smoldot.claimed, replayed.smoldot.liars = 5000, 1
    rpc = replayed.chain._keeper.connection
    assert rpc is not None
    await until(lambda: rpc.rpc.notice)
    assert OLD in replayed.problem
