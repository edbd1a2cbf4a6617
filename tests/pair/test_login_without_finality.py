"""A device comes on chain although the final block, which a light client reads, is an old one."""

from __future__ import annotations

from pathlib import Path

from stardust.api.calls import IdentityLogin
from stardust.daemon import setup
from tests.fakes.daemons import PASSPHRASE, Person, World
from tests.fakes.ledger import PROOF_LIFETIME


async def test_a_proof_lives_from_the_newest_block_on(tmp_path: Path) -> None:
    world = World()
    world.ledger.number = 2 * PROOF_LIFETIME
    setup.create_account(tmp_path, PASSPHRASE, name="Alice")
    alice = Person(world, tmp_path, "")
    client = await alice.start()
    alice.chain.final_lag = PROOF_LIFETIME
    assert (await client.call(IdentityLogin(PASSPHRASE))).call == "register"
    await client.close()
    await alice.stop()
