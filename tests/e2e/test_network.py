"""Real nodes: validators fail and return, statements travel, bad chain specs are refused."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import zstandard
from substrateinterface import SubstrateInterface

from children import ROOT, PartFailedError
from demo.chains import spec_code
from network import spec
from network.local import RPC, Network
from network.node import Node, wait
from stardust.api.calls import (
    ChainCallsMade,
    ContactsAdd,
    ContactsGet,
    InvitesCreate,
    MessagesSend,
    SystemStatus,
)
from stardust.api.events import ContactChanged, PresenceChanged
from stardust.chain.jsonrpc import JsonRpc
from stardust.chain.rpc import RpcChain
from stardust.errors import DecodeError, UnavailableError
from stardust.signaling import statement as codec
from stardust.signaling.listening import Listened
from stardust.signaling.service import LIFETIME_S
from stardust.signaling.statements import StatementTransport
from stardust.wire.signals import SignalKind
from tests.e2e import daemon
from tests.e2e.statements import statement
from tests.fakes.grounds import publish
from tests.fakes.people import Person, Resident, join, settle
from tests.fixtures.network import short_blocks

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]
SOME_BLOCKS = 3


def goes_on(network: Network, name: str = RPC) -> None:
    """Blocks that nobody has made yet become final."""
    node = network[name]
    goal = node.best() + SOME_BLOCKS
    network.wait(lambda: node.finalized() >= goal, f"block {goal} to be final")


def finality_stands(network: Network, name: str = RPC) -> int:
    """Blocks are made and none becomes final; the last final one."""
    node = network[name]
    # Votes that were on their way may still count.
    goal = node.best() + 2
    network.wait(lambda: node.best() >= goal, f"block {goal}")
    final = node.finalized()
    network.wait(lambda: node.best() >= goal + SOME_BLOCKS, f"block {goal + SOME_BLOCKS}")
    assert node.finalized() == final
    return final


def test_blocks_become_final_and_all_nodes_agree(network: Network) -> None:
    goes_on(network)
    final = min(node.finalized() for node in network.nodes.values())
    assert len({node.ask("chain_getBlockHash", final) for node in network.nodes.values()}) == 1


def test_one_of_four_validators_killed_blocks_and_finality_go_on_and_it_catches_up(network: Network) -> None:
    network["bob"].kill()
    goes_on(network)
    ahead = network[RPC].finalized()
    network.start_node("bob")
    network.wait(lambda: network["bob"].finalized() >= ahead, "bob to catch up")
    goes_on(network, "bob")


def test_two_of_four_validators_killed_finality_stops_until_one_returns(network: Network) -> None:
    network["bob"].kill()
    network["charlie"].kill()
    stood = finality_stands(network)
    network.start_node("charlie")
    network.wait(lambda: network[RPC].finalized() > stood, "finality to go on")


def test_a_paused_validator_is_one_that_failed(network: Network) -> None:
    network["alice"].pause()
    goes_on(network)
    network["alice"].resume()
    goes_on(network, "alice")


def test_of_three_validators_none_may_fail(node_binary: Path, tmp_path: Path) -> None:
    """More than two thirds of three are three."""
    three = short_blocks(tmp_path, spec.with_validators(spec.load(spec.LOCAL), 3))
    network = Network(tmp_path / "network", chain=three, binary=node_binary)
    assert network.validators == ("alice", "bob", "charlie")
    try:
        network.start()
        network["charlie"].kill()
        stood = finality_stands(network)
        network.start_node("charlie")
        network.wait(lambda: network[RPC].finalized() > stood, "finality to go on")
    finally:
        network.stop()


def test_a_node_that_nobody_could_reach_does_not_start(node_binary: Path, tmp_path: Path) -> None:
    node = Node("lonely", node_binary, spec.LOCAL, tmp_path / "lonely")
    with socket.socket() as other:
        other.bind(("127.0.0.1", node.p2p_port))
        other.listen()
        node.start([])
        try:
            with pytest.raises(PartFailedError, match=f"cannot listen on /ip4/127.0.0.1/tcp/{node.p2p_port}"):
                wait([node], lambda: False, "an end")
        finally:
            node.stop()


@asynccontextmanager
async def member(network: Network) -> AsyncIterator[Person]:
    """Somebody whose device the chain knows, on all nodes: it may store statements."""
    person = Person.fresh()
    chain = RpcChain([network[RPC].url], signer=person.device)
    await chain.connect()
    try:
        receipt = await join(chain, person)
        known = lambda node: node.best() >= receipt.block  # noqa: E731
        await asyncio.to_thread(network.wait_each, known, "the registration to be known")
        yield person
    finally:
        await chain.close()


async def submit(network: Network, name: str, encoded: bytes) -> Any:
    return await asyncio.to_thread(network[name].ask, "statement_submit", f"0x{encoded.hex()}")


@asynccontextmanager
async def inbox(network: Network, name: str, topic: bytes) -> AsyncIterator[asyncio.Queue[bytes]]:
    """What the node tells a subscriber to the topic."""
    rpc = await JsonRpc.open(network[name].url)
    found: asyncio.Queue[bytes] = asyncio.Queue()
    try:
        async with rpc.subscribe(
            "statement_subscribeStatement",
            "statement_unsubscribeStatement",
            {"matchAll": [f"0x{topic.hex()}"]},
        ) as events:

            async def read() -> None:
                while True:
                    for encoded in (await events.next())["data"]["statements"]:
                        found.put_nowait(bytes.fromhex(encoded[2:]))

            reading = asyncio.create_task(read())
            yield found
            reading.cancel()
    finally:
        await rpc.close()


async def test_a_statement_given_to_one_node_reaches_a_subscriber_on_another(network: Network) -> None:
    topic = secrets.token_bytes(32)
    async with member(network) as person, inbox(network, RPC, topic) as live:
        encoded = statement(person.device, topic, b"sealed")
        assert await submit(network, "alice", encoded) == {"status": "new"}
        async with asyncio.timeout(120):
            assert await live.get() == encoded
        async with inbox(network, "bob", topic) as late, asyncio.timeout(120):
            assert await late.get() == encoded
        assert await submit(network, RPC, encoded) == {"status": "known"}


async def test_strangers_have_no_allowance_for_statements(network: Network) -> None:
    answer = await submit(network, RPC, statement(Person.fresh().device, secrets.token_bytes(32), b"x"))
    assert (answer["status"], answer["reason"]) == ("rejected", "noAllowance")


@asynccontextmanager
async def resident(network: Network) -> AsyncIterator[Resident]:
    """Somebody whose device is certified in the final state of all nodes: it may store statements."""
    person = Person.fresh()
    chain = RpcChain([network[RPC].url], signer=person.device)
    await chain.connect()
    try:
        made = await settle(chain, person)
        await final_everywhere(network, chain)
        yield made
    finally:
        await chain.close()


async def final_everywhere(network: Network, chain: RpcChain) -> None:
    """What the last call of ``chain`` did is in the final state of all nodes."""
    block = chain.calls()[-1].block
    await asyncio.to_thread(network.wait_each, lambda node: node.finalized() >= block, f"block {block}")


@asynccontextmanager
async def store(
    network: Network, name: str, who: Resident, *expected: Resident, clock_off: float = 0.0
) -> AsyncIterator[StatementTransport]:
    """``who``'s transport by the node ``name``, on a clock that is off by so many seconds."""
    listened = Listened([one.keys.device for one in expected])
    url = network[name].url
    made = StatementTransport(
        who.chain, who.keys, [url], listened, wall_clock=lambda: time.time() + clock_off
    )
    try:
        yield made
    finally:
        await made.close()


async def test_the_store_takes_no_statement_of_a_device_that_was_revoked(network: Network) -> None:
    topic = secrets.token_bytes(32)
    async with resident(network) as alice, resident(network) as bob:
        async with store(network, RPC, alice, bob) as sender:
            await publish(sender, bob, b"before" * 200)
            device = alice.keys.device
            assert isinstance(alice.chain, RpcChain)
            await alice.chain.revoke_device(device)
            await final_everywhere(network, alice.chain)
            with pytest.raises(UnavailableError, match="no allowance"):
                await publish(sender, bob, b"after" * 200)
        for nth, name in enumerate(network.nodes):
            made = statement(alice.keys, topic, b"of the revoked device", sequence=nth)
            answer = await submit(network, name, made)
            assert (name, answer["status"], answer.get("reason")) == (name, "rejected", "noAllowance")
            answer = await submit(network, name, statement(bob.keys, topic, b"of another", sequence=nth))
            assert (name, answer["status"]) == (name, "new")


@pytest.mark.parametrize("off", [-600.0, 600.0], ids=["slow", "fast"])
@pytest.mark.parametrize("whose", ["sender", "receiver"])
async def test_with_a_clock_that_is_ten_minutes_off_signals_arrive(
    network: Network, off: float, whose: str
) -> None:
    """By a real store, which goes by the clock of its node."""
    wrong = {whose: off}
    async with (
        resident(network) as alice,
        resident(network) as bob,
        store(network, RPC, alice, bob, clock_off=wrong.get("sender", 0.0)) as sender,
        store(network, "bob", bob, alice, clock_off=wrong.get("receiver", 0.0)) as receiver,
    ):
        arrivals = receiver.subscribe(bob.keys.device)
        for number, known in enumerate((True, False, True)):
            expires = int(time.time() + wrong.get("sender", 0.0)) + LIFETIME_S
            sealed = bytes([number]) * 1200
            await sender.publish(bob.keys.device, SignalKind.OFFER, sealed, known=known, expires=expires)
            async with asyncio.timeout(120):
                assert (await anext(arrivals)).envelope == sealed


@asynccontextmanager
async def daemons(network: Network, folder: Path) -> AsyncIterator[tuple[daemon.Person, daemon.Person]]:
    """Contacts, each with a node of their own, who announce to each other that they are there."""
    people = [
        daemon.Person.create(name, folder / name, network[node].url)
        for name, node in (("Alice", RPC), ("Bob", "bob"))
    ]
    try:
        for person in people:
            with (person.home / "config.toml").open("a") as config:
                config.write('\n[signaling]\nfallback = false\n[presence]\nannounce = "contacts"\n')
            await person.up()
            await person.login()
        alice, bob = people
        changes = await alice.client.subscribe(ContactChanged)
        invite = await alice.client.call(InvitesCreate())
        await bob.client.call(ContactsAdd(invite.link))
        async with asyncio.timeout(120):
            while (await daemon.until(changes, ContactChanged, within=120)).contact.state != "accepted":
                pass
        yield alice, bob
    finally:
        for person in people:
            await person.down()


async def calls(person: daemon.Person) -> list[str]:
    return [one.call for one in (await person.client.call(ChainCallsMade())).calls]


async def ping_of(network: Network, device: str) -> None:
    """Until the node ``bob`` has a statement of ``device`` that stands longer than an offer."""
    await statement_of(network, "bob", device, lambda expires: expires > time.time() + 300)


async def statement_of(network: Network, name: str, device: str, holds: Callable[[int], bool]) -> None:
    """Until that node has a statement of ``device`` of which it holds when it expires (Unix seconds)."""
    rpc = await JsonRpc.open(network[name].url)
    try:
        names = "statement_subscribeStatement", "statement_unsubscribeStatement"
        async with rpc.subscribe(*names, "any") as events, asyncio.timeout(120):
            while True:
                for text in (await events.next())["data"]["statements"]:
                    try:
                        found = codec.decode(bytes.fromhex(text[2:]))
                    except DecodeError:  # of another test, made by hand
                        continue
                    if found.signer.hex() == device and holds(found.expires):
                        return
    finally:
        await rpc.close()


async def test_presence_and_waiting_messages_cost_no_call(network: Network, tmp_path: Path) -> None:
    async with daemons(network, tmp_path) as (alice, bob):
        made = [await calls(person) for person in (alice, bob)]
        assert {call for person in made for call in person} == {"register"}
        await bob.down()

        async def is_there() -> bool:
            return (await alice.client.call(ContactsGet("Bob"))).online

        async with asyncio.timeout(60):
            while await is_there():  # noqa: ASYNC110 - it ends with the link or the last beat
                await asyncio.sleep(0.2)
        seen = await alice.client.subscribe(PresenceChanged)
        await alice.client.call(MessagesSend("Bob", "when you are back"))
        await ping_of(network, (await alice.client.call(SystemStatus())).device)
        assert not await is_there()
        await bob.up()
        # Of the chain and of beats only; the chain was told nothing.
        await daemon.until(seen, PresenceChanged, within=120, online=True)
        async with asyncio.timeout(60):
            while not await bob.messages("Alice"):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        assert [one.body for one in await bob.messages("Alice")] == ["when you are back"]
        status = await bob.client.call(SystemStatus())
        assert (status.presence, status.presence_detail) == ("contacts", "beats, by statements")
        assert [await calls(person) for person in (alice, bob)] == [made[0], []]


def test_a_light_client_follows_finality_from_the_spec_alone(network: Network) -> None:
    """No RPC node is asked: what it reads is proven."""
    final = network[RPC].finalized()
    light = SubstrateInterface(chainspec=str(network.light_spec))
    try:
        # Until it has found peers, the last block that it knows to be final is the spec's own.
        network.wait(
            lambda: light.get_block_number(light.get_chain_finalised_head()) >= final, "it to follow"
        )
        assert light.query("P2pSignaling", "WorkDifficulty").value == 16
    finally:
        light.close()


def upgrade(network: Network, *arguments: str, fails: bool = False) -> str:
    """What ``scripts/upgrade`` says."""
    done = subprocess.run(
        [str(ROOT / "scripts" / "upgrade"), "--rpc", network[RPC].url, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode != 0) == fails, done.stderr
    return done.stderr if fails else done.stdout


def test_a_runtime_is_taken_when_root_wants_it_and_it_is_newer(network: Network, tmp_path: Path) -> None:
    """``scripts/upgrade-check`` has a newer one; this is the same."""
    wasm, root, somebody = (tmp_path / name for name in ("runtime.wasm", "root.phrase", "other.phrase"))
    wasm.write_bytes(zstandard.decompress(spec_code(spec.LOCAL)[8:], max_output_size=16 * 1024**2))
    root.write_text("//Alice\n")
    somebody.write_text("//Bob\n")
    digest = upgrade(network, "hash", str(wasm)).strip()
    assert "root has authorized nothing" in upgrade(network, "apply", str(wasm), fails=True)
    said = upgrade(network, "authorize", digest, "--root-key", str(somebody), fails=True)
    assert "root of this chain is" in said
    upgrade(network, "authorize", digest, "--root-key", str(root))
    assert f"authorized: {digest}" in upgrade(network, "show")
    said = upgrade(network, "apply", str(wasm), fails=True)
    assert "no newer version" in said
    assert upgrade(network, "show").splitlines() == [
        "runtime 1",
        "authorized: nothing",
        "storage: as this runtime wants it",
    ]


def refused(binary: Path, *arguments: str) -> str:
    """What the node says when it does not start."""
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    return done.stderr


def test_a_node_without_a_chain_spec_says_what_to_do(node_binary: Path) -> None:
    assert "start the node with --chain FILE" in refused(node_binary)


def test_a_name_is_no_chain_spec(node_binary: Path) -> None:
    said = refused(node_binary, "--chain", "dev")
    assert "dev cannot be read" in said
    assert "--chain wants the file of a raw chain spec" in said


PLAIN: spec.Spec = {"genesis": {"runtimeGenesis": {}}}
EMPTY: spec.Spec = {"genesis": {"raw": {"top": {}, "childrenDefault": {}}}}
NAMELESS: spec.Spec = {"genesis": {"raw": {"top": {"0x3a636f6465": "0x00"}, "childrenDefault": {}}}}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("chain", "it is not JSON"),
        (json.dumps(PLAIN), "it has no genesis state under genesis.raw.top"),
        (json.dumps(EMPTY), "its genesis state has no runtime"),
        (json.dumps(NAMELESS), "is not a complete chain spec"),
    ],
    ids=["no JSON", "not raw", "no runtime", "no name"],
)
def test_a_bad_chain_spec_is_refused(node_binary: Path, tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "spec.json"
    path.write_text(content)
    assert sentence in refused(node_binary, "--chain", str(path), "--base-path", str(tmp_path / "data"))


def test_the_node_reports_to_nobody(node_binary: Path, tmp_path: Path) -> None:
    said = refused(
        node_binary,
        *("--chain", str(spec.LOCAL), "--base-path", str(tmp_path)),
        *("--telemetry-url", "wss://telemetry.example/submit 0"),
    )
    assert "reports to nobody" in said
