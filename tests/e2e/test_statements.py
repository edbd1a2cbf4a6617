"""Two daemons, each a process, whose signals go by the statement store of a node: nothing on chain."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stardust.api.calls import MessagesSend, SystemStatus
from stardust.api.events import MessageReceived
from stardust.chain.jsonrpc import JsonRpc
from stardust.chain.records import unhexed
from stardust.signaling import statement
from tests.e2e.daemon import Person, befriend, signals_on_chain, until
from tests.e2e.devchain import DevChain
from tests.fakes.statement_node import StatementNode, statement_nodes

pytestmark = [pytest.mark.chain, pytest.mark.timeout(180)]


@pytest.fixture
async def node(devchain: DevChain) -> AsyncIterator[StatementNode]:
    """The dev chain has no statement store; this one serves the same chain."""
    rpc = await JsonRpc.open(devchain.url)
    genesis = unhexed(await rpc.request("chain_getBlockHash", 0))
    await rpc.close()
    async with statement_nodes(genesis) as (only,):
        yield only


@pytest.fixture
async def people(
    devchain: DevChain, node: StatementNode, tmp_path: Path
) -> AsyncIterator[tuple[Person, Person]]:
    """Registered, and strangers to each other."""
    alice = Person.create("Alice", tmp_path / "alice", devchain.url)
    bob = Person.create("Bob", tmp_path / "bob", devchain.url)
    try:
        for person in (alice, bob):
            with (person.home / "config.toml").open("a") as config:
                config.write(f'\n[signaling]\nnodes = ["{node.url}"]\n')
            await person.up()
            await person.login()
        yield alice, bob
    finally:
        await alice.down()
        await bob.down()


async def test_people_meet_and_talk_and_no_signal_stands_on_chain(
    people: tuple[Person, Person], node: StatementNode
) -> None:
    alice, bob = people
    await befriend(alice, bob)
    arrivals = await alice.client.subscribe(MessageReceived)
    await bob.client.call(MessagesSend("Alice", "hello"))
    assert (await until(arrivals, MessageReceived)).message.body == "hello"
    assert [await signals_on_chain(person) for person in people] == [0, 0]
    (way, other) = (await alice.client.call(SystemStatus())).transports
    assert (way.name, way.usable, other.name) == ("statements", True, "pallet")
    assert node.url in way.detail


async def test_after_a_restart_they_find_each_other_by_what_the_store_holds(
    people: tuple[Person, Person], node: StatementNode
) -> None:
    alice, bob = people
    await befriend(alice, bob)
    first_contact = statement.decode(node.submitted[0]).topics[0]
    await bob.kill()
    await alice.kill()
    before = len(node.submitted)
    await alice.up()
    await bob.up()
    arrivals = await alice.client.subscribe(MessageReceived)
    await bob.client.call(MessagesSend("Alice", "here again"))
    assert (await until(arrivals, MessageReceived)).message.body == "here again"
    # They know that they have heard from each other, and so do not meet as strangers again.
    later = [statement.decode(one).topics[0] for one in node.submitted[before:]]
    assert later
    assert first_contact not in later
