"""Accounts such as //Alice, whose keys everybody has: only on a chain for tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from stardust.api.calls import IdentityLogin, SystemStatus
from stardust.daemon import setup
from stardust.errors import StardustError
from tests.fakes.daemons import PASSPHRASE, Person, World, until


@pytest.mark.parametrize("uri", ["//Alice", "//Mine//laptop"])
async def test_a_known_account_does_not_come_on_a_live_chain(tmp_path: Path, uri: str) -> None:
    world = World()
    world.ledger.live = True
    setup.import_account(tmp_path, uri, PASSPHRASE, dev=True)
    one = Person(world, tmp_path, "")
    client = await one.start()
    with pytest.raises(StardustError, match="only work on a development chain") as refused:
        await client.call(IdentityLogin(PASSPHRASE))
    assert refused.value.code == "dev_account"
    assert not world.ledger.accounts
    assert one.chain.calls() == ()
    world.ledger.live = False
    assert (await client.call(IdentityLogin(PASSPHRASE))).call == "register"
    await client.close()
    await one.stop()


async def test_a_daemon_of_a_known_account_says_so_on_a_live_chain(tmp_path: Path) -> None:
    world = World()
    world.ledger.live = True
    setup.import_account(tmp_path, "//Bob", PASSPHRASE, dev=True)
    one = Person(world, tmp_path, "")
    client = await one.start()

    async def told() -> bool:
        return "dev_account" in {problem.code for problem in (await client.call(SystemStatus())).problems}

    await until(told)
    await client.close()
    await one.stop()
