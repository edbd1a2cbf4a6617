"""The doctor right after the start of a daemon: it waits for the chain's first word, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from stardust.api.calls import SystemDoctor
from stardust.api.client import Client
from stardust.api.types import Finding
from stardust.chain.errors import ChainUnavailableError
from stardust.daemon import doctor
from stardust.daemon.config import ChainConfig, Config
from tests.fakes.chain import FakeChain
from tests.fakes.daemons import World, person

Connect = Callable[[FakeChain], Awaitable[None]]

NOWHERE = Config(chain=ChainConfig(nodes=("ws://127.0.0.1:1",)))
CONNECT = FakeChain.connect


async def slowly(chain: FakeChain) -> None:
    await asyncio.sleep(0.5)
    await CONNECT(chain)


async def never(_: FakeChain) -> None:
    await asyncio.Event().wait()


async def refused(_: FakeChain) -> None:
    raise ChainUnavailableError("The node ws://127.0.0.1:1 cannot be reached (connection refused).")


async def found(client: Client) -> dict[str, Finding]:
    return {one.name: one for one in (await client.call(SystemDoctor())).findings}


async def test_a_chain_that_comes_in_a_moment_is_no_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with person(World(), tmp_path / "alice", "Alice", config=NOWHERE) as (hers, first):
        await first.close()
        await hers.stop()
        monkeypatch.setattr(FakeChain, "connect", slowly)
        async with await hers.start() as client:
            findings = await found(client)
        assert (findings["chain"].severity, findings["registration"].severity) == ("ok", "ok")


async def test_a_chain_that_is_back_is_looked_for_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def comes_back(chain: FakeChain) -> None:
        chain.come_back()

    async with person(World(), tmp_path / "alice", "Alice", config=NOWHERE) as (hers, alice):
        hers.chain.go_away()
        assert (await found(alice))["chain"].severity == "problem"
        monkeypatch.setattr(FakeChain, "retry", comes_back)
        findings = await found(alice)
        assert (findings["chain"].severity, findings["registration"].severity) == ("ok", "ok")


@pytest.mark.parametrize(
    ("connect", "says"),
    [(never, "no node answers (ws://127.0.0.1:1)"), (refused, "connection refused")],
    ids=["silent", "refused"],
)
async def test_a_chain_that_does_not_come_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, connect: Connect, says: str
) -> None:
    async with person(World(), tmp_path / "alice", "Alice", config=NOWHERE) as (hers, first):
        await first.close()
        await hers.stop()
        monkeypatch.setattr(FakeChain, "connect", connect)
        monkeypatch.setattr(doctor, "FIRST_WORD", 0.5)
        async with await hers.start() as client:
            findings = await found(client)
        assert findings["chain"].severity == "problem"
        assert says in findings["chain"].finding
