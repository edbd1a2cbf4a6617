"""Two daemons on a real network, signals by its statement store, while parts of the network fail."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from network.genesis import Times
from network.local import RPC, Network
from network.node import Node
from stardust.api.calls import MessagesSend, SystemStatus
from stardust.api.events import MessageReceived, MessageStateChanged
from stardust.api.types import Status
from stardust.chain.codec import ERA_PERIOD
from stardust.chain.errors import CallNotFinalError
from stardust.chain.light.rpc import LightRpc
from stardust.chain.rpc import RpcChain
from stardust.daemon import setup
from stardust.signaling.service import LIFETIME_S
from tests.e2e.daemon import PASSPHRASE, Person, befriend, signals_on_chain, until
from tests.e2e.statements import statement
from tests.e2e.test_network import member, statement_of
from tests.fakes.people import Person as Keys
from tests.fakes.people import join
from tests.fixtures.network import short_blocks

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]


@asynccontextmanager
async def people(*made: Person) -> AsyncIterator[None]:
    """Registered, and each other's contacts."""
    alice, bob = made
    try:
        for person in made:
            await person.up()
            await person.login()
        await befriend(alice, bob)
        yield
    finally:
        for person in made:
            await person.down()


async def device_of(person: Person) -> str:
    return (await person.client.call(SystemStatus())).device


async def status_with(person: Person, holds: Callable[[Status], bool], within: float = 240) -> Status:
    async with asyncio.timeout(within):
        while True:
            status = await person.client.call(SystemStatus())
            if holds(status):
                return status
            await asyncio.sleep(1)


async def delivered(sender: Person, receiver: Person, body: str, meanwhile: Awaitable[object]) -> None:
    """``body`` is stored by the receiver, once."""
    states = await sender.client.subscribe(MessageStateChanged)
    sent = await sender.client.call(MessagesSend(receiver.name, body))
    await meanwhile
    await until(states, MessageStateChanged, id=sent.id, state="delivered", within=180)
    assert [one.body for one in await receiver.messages(sender.name)].count(body) == 1


async def test_finality_stops_and_a_chat_goes_on(network: Network, tmp_path: Path) -> None:
    alice, bob = (Person(name, tmp_path / name) for name in ("Alice", "Bob"))
    for person in (alice, bob):
        nodes = [network[RPC].url]
        setup.create_account(
            person.home, PASSPHRASE, name=person.name, nodes=nodes, network=network.light_spec
        )
    async with people(alice, bob):
        for name in network.validators[:2]:
            network[name].kill()
        arrivals = await bob.client.subscribe(MessageReceived)
        for body in ("nobody", "notices"):
            await alice.client.call(MessagesSend("Bob", body))
            assert (await until(arrivals, MessageReceived)).message.body == body
        told = await status_with(alice, lambda status: "finalize" in str(status.chain.problem))
        assert [link.state for link in told.links] == ["open"]
        for name in network.validators[:2]:
            network.start_node(name)
        await status_with(alice, lambda status: status.chain.problem is None)
        assert [await signals_on_chain(person) for person in (alice, bob)] == [0, 0]


LONG = ERA_PERIOD + 6
"""Blocks without finality: more than a call may be old."""


@pytest.fixture
def quick_network(node_binary: Path, tmp_path: Path) -> Iterator[Network]:
    """With blocks so short that many of them take little time, also when half of the validators are away."""
    chain = short_blocks(tmp_path, times=Times(slot_millis=700))
    network = Network(tmp_path / "quick", chain=chain, binary=node_binary)
    try:
        network.start()
        yield network
    finally:
        network.stop()


async def test_calls_go_in_however_long_finality_has_stood(quick_network: Network) -> None:
    """By the node a call is done when it stands in a block; by the light client it says that this is not
    final, and counts when that is made good."""
    by_node, by_light, network = Keys.fresh(), Keys.fresh(), quick_network
    node = network[RPC]
    for name in network.validators[:2]:
        network[name].kill()
    await asyncio.to_thread(network.wait, lambda: node.best() - node.finalized() >= LONG, "blocks")
    rpc = RpcChain([node.url], signer=by_node.device)
    proven = RpcChain((str(network.light_spec),), signer=by_light.device, opener=LightRpc.open, final=True)
    try:
        await asyncio.gather(rpc.connect(), proven.connect())
        await join(rpc, by_node)
        assert (await rpc.heartbeat()).fee == 0
        with pytest.raises(CallNotFinalError):
            await join(proven, by_light, ahead=100)
        with pytest.raises(CallNotFinalError):
            await proven.heartbeat()
        async with asyncio.timeout(60):  # the node may have that block a moment later
            while not (await rpc.presence(by_light.account.account)).online:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
        assert await proven.owner(by_light.device.device) is None
        for name in network.validators[:2]:
            network.start_node(name)
        async with asyncio.timeout(400):  # votes that were lost are sent again every five minutes
            while await proven.owner(by_light.device.device) is None:  # noqa: ASYNC110 - of a network
                await asyncio.sleep(1)
        assert await proven.owner(by_node.device.device) == by_node.account.account
    finally:
        await asyncio.gather(rpc.close(), proven.close())


async def test_the_node_restarts_in_the_middle_of_a_call_setup(network: Network, tmp_path: Path) -> None:
    """Both know no other node, and signals have no other way than its store: what stands there afterwards,
    at a node that neither of them asks, is what brought them together."""
    alice, bob = (Person.create(name, tmp_path / name, network[RPC].url) for name in ("Alice", "Bob"))
    for person in (alice, bob):
        with (person.home / "config.toml").open("a") as config:
            config.write("\n[signaling]\nfallback = false\n")

    def signal_after(began: float) -> Callable[[int], bool]:
        """Of an offer or an answer that was made after that moment: no ping, which stands longer."""
        return lambda expires: int(began) + LIFETIME_S < expires < began + 2 * LIFETIME_S

    async def restart(offered: Callable[[int], bool]) -> None:
        """When the offer is out and nobody has answered it."""
        await statement_of(network, "alice", await device_of(alice), offered)
        await asyncio.to_thread(network[RPC].kill)
        await bob.up()
        await asyncio.to_thread(network.start_node, RPC)

    async with people(alice, bob):
        answering = await device_of(bob)
        await bob.kill()
        killed = time.time()
        await delivered(alice, bob, "across the restart", restart(signal_after(killed)))
        await statement_of(network, "alice", answering, signal_after(killed))
        assert [await signals_on_chain(person) for person in (alice, bob)] == [0, 0]
        status = await alice.client.call(SystemStatus())
        assert status.chain.connected
        assert [link.state for link in status.links] == ["open"]


@pytest.fixture
def small(network: Network, node_binary: Path, tmp_path: Path) -> Node:
    """Keeps one statement."""
    options = ("--statement-store-max-total-statements", "1")
    return Node("small", node_binary, network.chain, tmp_path / "small", options=options)


async def test_while_the_store_is_full_the_chain_carries_the_signals(
    network: Network, small: Node, tmp_path: Path
) -> None:
    small.start([node.boot_address for node in network.nodes.values()])
    try:
        await asyncio.to_thread(network.wait, lambda: small.finalized() > 0, "the small node")
        async with member(network) as other:
            await asyncio.to_thread(
                network.wait, lambda: small.best() >= network[RPC].best(), "the small node"
            )
            for nth in range(2):
                filling = statement(other.device, secrets.token_bytes(32), b"%d" % nth)
                answer = await asyncio.to_thread(small.ask, "statement_submit", f"0x{filling.hex()}")
            assert answer == {"status": "rejected", "reason": "storeFull"}
        alice, bob = (Person.create(name, tmp_path / name, small.url) for name in ("Alice", "Bob"))
        async with people(alice, bob):
            await delivered(alice, bob, "by the chain", asyncio.sleep(0))
            assert await signals_on_chain(alice) + await signals_on_chain(bob) > 0
            status = await alice.client.call(SystemStatus())
            assert "statement store is full" in " ".join(way.detail for way in status.transports)
    finally:
        small.stop()
