"""An account whose daemon otherwise makes no call stays on the chain."""

from __future__ import annotations

import asyncio
from pathlib import Path

from stardust.daemon.chain_news import RENEW_AFTER
from tests.fakes.daemons import World, person


async def test_a_daemon_gives_a_sign_of_life_before_the_chain_misses_one(tmp_path: Path) -> None:
    world, called = World(), asyncio.Event()
    async with person(world, tmp_path / "alice", "Alice") as (alice, _):
        (account,) = world.ledger.accounts
        alice.chain.go_away()
        world.ledger.number += RENEW_AFTER
        before = len(alice.chain.calls())
        world.ledger.on_block.append(called.set)
        async with asyncio.timeout(20):
            await asyncio.sleep(1.1)  # longer than between two looks at the chain
            alice.chain.come_back()
            await called.wait()
        calls = [receipt.call for receipt in alice.chain.calls()]
        assert calls[before] == "renew"
        assert "renew" not in calls[:before]
        active = world.ledger.active(account)
        assert active is not None
        assert active >= RENEW_AFTER
