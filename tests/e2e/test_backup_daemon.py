"""A daemon's backups on a real kubo that forgets, goes away, or is another one than before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stardust.api.calls import BackupCreate, BackupVerify, IdentityLogin
from stardust.api.client import Client
from stardust.backup.blocks import parse_cid
from stardust.backup.ipfs import IpfsNode
from stardust.daemon import setup
from stardust.daemon.config import Config, IpfsConfig
from stardust.errors import StardustError
from tests.e2e.relay import Relay
from tests.fakes.daemons import PASSPHRASE, Person, World
from tests.fixtures.kubo import Kubo
from tests.unit.history.helpers import bob, message_id, outgoing

pytestmark = [pytest.mark.kubo, pytest.mark.timeout(300)]

FILE = 1_000_000
FILES = 12


async def started(folder: Path, api: str) -> tuple[Person, Client]:
    """Somebody with a history of some megabytes that do not compress."""
    made = setup.create_account(folder, PASSPHRASE, name="Ann")
    ann = Person(World(), folder, made.phrase or "", Config(ipfs=IpfsConfig(api)))
    with ann.history() as store:
        store.contacts.save(bob())
        store.messages.add(outgoing(0))
        for number in range(FILES):
            store.attachments.add(message_id(0), f"{number}", "image/png", os.urandom(FILE))
    client = await ann.start()
    await client.call(IdentityLogin(PASSPHRASE))
    return ann, client


async def test_a_node_that_lost_everything_gets_everything_by_the_next_backup(
    tmp_path: Path, kubo: Kubo
) -> None:
    ann, client = await started(tmp_path / "ann", kubo.api)
    try:
        first = await client.call(BackupCreate("ipfs"))
        with IpfsNode(kubo.api) as node:
            node.unpin(parse_cid(first.cid))
        kubo.collect_garbage()
        second = await client.call(BackupCreate("ipfs"))
        assert second.new_blocks == second.blocks
        assert (await client.call(BackupVerify(cid=second.cid))).blocks == second.blocks
        third = await client.call(BackupCreate("ipfs"))
        assert third.new_bytes < FILE
    finally:
        await client.close()
        await ann.stop()


async def test_another_node_is_not_taken_for_the_one_that_has_the_blocks(
    tmp_path: Path, kubo: Kubo, kubo_binary: Path
) -> None:
    other = Kubo(kubo_binary, tmp_path / "other")
    other.start()
    ann, client = await started(tmp_path / "ann", kubo.api)
    try:
        await client.call(BackupCreate("ipfs"))
        for api in (other.api, kubo.api):
            await client.close()
            await ann.stop()
            ann.config = Config(ipfs=IpfsConfig(api))
            client = await ann.start()
            made = await client.call(BackupCreate("ipfs"))
            assert (await client.call(BackupVerify(cid=made.cid))).blocks == made.blocks
    finally:
        await client.close()
        await ann.stop()
        other.stop()


async def test_a_node_that_goes_away_in_the_middle_keeps_what_it_has_for_the_next_try(
    tmp_path: Path, kubo: Kubo
) -> None:
    async with Relay(int(kubo.api.rsplit(":", 1)[1])) as relay:
        ann, client = await started(tmp_path / "ann", relay.url.replace("ws:", "http:"))
        try:
            relay.cut_after(FILES * FILE // 2)
            with pytest.raises(StardustError) as away:
                await client.call(BackupCreate("ipfs"))
            assert away.value.code == "ipfs"
            await relay.mend()
            made = await client.call(BackupCreate("ipfs"))
            assert made.new_bytes < made.bytes - 2 * FILE
            assert (await client.call(BackupVerify(cid=made.cid))).bytes == made.bytes
        finally:
            await client.close()
            await ann.stop()
