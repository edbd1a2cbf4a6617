"""The light client on a real network: what it says is what the network says, over whatever breaks."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from network import spec
from network.genesis import Times, with_times
from network.local import RPC, Network
from stardust.api.calls import SystemDoctor, SystemStatus
from stardust.chain.errors import CallFailedError, CallRefusedError, ChainUnavailableError, Refusal
from stardust.chain.light import outlook
from stardust.chain.light.rpc import LightRpc
from stardust.chain.port import CallReceipt, EventKind
from stardust.chain.rpc import RpcChain
from stardust.daemon import setup
from stardust.errors import UntrustedError
from stardust.wire.signals import SignalKind
from tests.contract.test_chain import next_event
from tests.contract.test_lying_node import at_block, lying_node
from tests.e2e.daemon import PASSPHRASE
from tests.e2e.daemon import Person as Daemon
from tests.fakes.people import Person, proof
from tests.fakes.people import join as join_within

FINAL_S = 120.0
"""Seconds in which something gets into a final block, on a machine that does other things too."""

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]


async def join(chain: RpcChain, person: Person) -> CallReceipt:
    """With a proof that is good for as long as a busy machine may need."""
    return await join_within(chain, person, ahead=100)


@asynccontextmanager
async def connected(chain: RpcChain) -> AsyncIterator[RpcChain]:
    try:
        await chain.connect()
        yield chain
    finally:
        await chain.close()


def light(network: Network, person: Person | None = None, file: Path | None = None) -> RpcChain:
    signer = person.device if person else None
    return RpcChain((str(file or network.light_spec),), signer=signer, opener=LightRpc.open, final=True)


async def until(holds: Callable[[], object], within: float = 120) -> None:
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 - of a network
            await asyncio.sleep(0.1)


async def test_an_account_lives_its_life_through_the_light_client_alone(network: Network) -> None:
    alice, bob = Person.fresh(), Person.fresh()
    async with connected(light(network, alice)) as chain, connected(light(network, bob)) as other:
        seen = other.events()
        await asyncio.gather(join(chain, alice), join(other, bob))
        # What is done is final, and so there for everybody at once.
        (device,) = await chain.devices(alice.account.account)
        assert await chain.owner(device.record.device) == alice.account.account
        await next_event(seen, EventKind.ACCOUNT_REGISTERED, within=FINAL_S, account=alice.account.account)

        receipts = await asyncio.gather(
            chain.heartbeat(), chain.send_signaling(bob.device.device, SignalKind.PING, b"\x07" * 64)
        )
        assert [receipt.fee for receipt in receipts] == [0, 0]
        await next_event(seen, EventKind.SIGNAL_SENT, within=FINAL_S, device=bob.device.device)
        (arrived,) = await other.inbox(bob.device.device)
        assert (arrived.sender_device, arrived.payload) == (alice.device.device, b"\x07" * 64)
        assert (await other.presence(alice.account.account)).online

        await chain.revoke_device(alice.device.device)
        await next_event(seen, EventKind.DEVICE_REVOKED, within=FINAL_S, device=alice.device.device)
        assert await other.devices(alice.account.account) == ()
        assert await other.owner(alice.device.device) is None


async def test_it_says_what_a_node_says_of_the_same_block(network: Network) -> None:
    person = Person.fresh()
    rpc = RpcChain([network[RPC].url], signer=person.device, genesis=None, final=True)
    async with connected(rpc), connected(light(network)) as chain:
        assert chain.genesis == rpc.genesis
        receipt = await join(rpc, person)
        account, device = person.account.account, person.device.device
        await until(lambda: _head(chain) >= receipt.block)
        assert await chain.devices(account) == await rpc.devices(account)
        assert await chain.account(account) == await rpc.account(account)
        assert await chain.owner(device) == account
        assert await chain.work() == await rpc.work()
        head = await chain.head()
        assert network[RPC].ask("chain_getBlockHash", head.number) == "0x" + head.hash.hex()
        assert head.number <= network[RPC].finalized()


def _head(chain: RpcChain) -> int:
    head = chain.status().head
    return head.number if head else 0


async def test_a_call_that_is_refused_says_why(network: Network) -> None:
    stranger = Person.fresh()
    async with connected(light(network, stranger)) as chain:
        with pytest.raises(CallFailedError, match="NotRegistered"):
            await chain.heartbeat()
        device, work = await proof(chain, stranger.account, stranger.device)
        with pytest.raises(CallRefusedError) as refused:
            await chain.register(device, work + 1)
    assert refused.value.reason is Refusal.BAD_PROOF


async def test_calls_at_once_and_after_each_other_are_each_made_once(network: Network) -> None:
    person = Person.fresh()
    async with connected(light(network, person)) as chain:
        await join(chain, person)
        peer = person.device.device
        at_once = await asyncio.gather(
            *(chain.send_signaling(peer, SignalKind.PING, bytes([number]) * 64) for number in range(3))
        )
        after = await chain.send_signaling(peer, SignalKind.PING, b"\x03" * 64)
        assert after.block > max(receipt.block for receipt in at_once)
        payloads = [signal.payload[0] for signal in await chain.inbox(peer)]
        assert sorted(payloads) == [0, 1, 2, 3]


async def test_one_node_dies_and_it_goes_on(network: Network) -> None:
    async with connected(light(network)) as chain:
        network[RPC].kill()
        before = _head(chain)
        await until(lambda: _head(chain) > before + 1)
        assert await chain.work()
        network.start_node(RPC)


async def test_all_nodes_are_away_and_come_back(network: Network) -> None:
    person = Person.fresh()
    async with connected(light(network, person)) as chain:
        events = chain.events()
        for node in network.nodes.values():
            node.kill()
        await until(lambda: not chain.status().connected)
        await until(lambda: "No boot node of" in str(chain.status().problem))
        with pytest.raises(ChainUnavailableError, match="No boot node of"):
            await chain.work()
        before = _head(chain)
        for name in network.nodes:
            network.start_node(name)
        await until(lambda: chain.status().connected and _head(chain) > before, within=240)
        await join(chain, person)
        await next_event(events, EventKind.ACCOUNT_REGISTERED, within=FINAL_S, account=person.account.account)


async def test_finality_stops_and_what_is_final_is_still_read(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "FINALITY_LAG", 4)
    async with connected(light(network)) as chain:
        for name in network.validators[:2]:
            network[name].pause()
        await until(lambda: "stopped to finalize" in str(chain.status().problem), within=240)
        assert chain.status().connected
        final = await chain.head()
        assert await chain.work()
        for name in network.validators[:2]:
            network[name].resume()
        await until(lambda: chain.status().problem is None, within=240)
        assert _head(chain) > final.number


@pytest.mark.parametrize(
    ("off", "said"),
    [(3600.0, "newest block is 60 minutes old"), (-600.0, "newest block lies 10 minutes ahead")],
    ids=["the network is an hour late", "the network is ahead"],
)
async def test_blocks_of_another_time_are_followed_and_it_is_told(
    network: Network, monkeypatch: pytest.MonkeyPatch, off: float, said: str
) -> None:
    """Genuine blocks at the ordinary pace: to this client, whose clock is moved, it is what nodes whose clock
    is wrong show, or peers that replay what was once true."""
    seconds = time.time
    with monkeypatch.context() as moved:
        moved.setattr(time, "time", lambda: seconds() + off)
        async with connected(light(network)) as chain:
            await until(lambda: said in str(chain.status().problem))
            before = _head(chain)
            await until(lambda: _head(chain) > before + 2)
            assert chain.status().connected
            assert said in str(chain.status().problem)
    async with connected(light(network)) as chain:
        await until(lambda: chain.status().age is not None)
        assert chain.status().problem is None
        assert abs(chain.status().age or 0) < 60


@asynccontextmanager
async def follower(file: Path) -> AsyncIterator[tuple[Process, Callable[[], Any]]]:
    """A light client in a process of its own, and its next line."""
    command = (sys.executable, "-m", "tests.e2e.light_follower", str(file))
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    assert process.stdout is not None
    lines = process.stdout

    async def line() -> Any:
        async with asyncio.timeout(240):
            return json.loads(await lines.readline())

    try:
        yield process, line
    finally:
        process.kill()
        await process.wait()


async def test_the_machine_sleeps_and_nothing_that_happened_is_missed(network: Network) -> None:
    person = Person.fresh()
    async with (
        follower(network.light_spec) as (process, line),
        connected(RpcChain([network[RPC].url], signer=person.device)) as rpc,
    ):
        # What is asked at the beginning is answered once blocks go by.
        while (await line()).get("head") in (None, 0, 1, 2):
            pass
        everybody = [process.pid, *(child.pid for child in psutil.Process(process.pid).children())]
        assert len(everybody) == 2
        for pid in everybody:
            os.kill(pid, signal.SIGSTOP)
        await join(rpc, person)
        await asyncio.sleep(45)
        for pid in everybody:
            os.kill(pid, signal.SIGCONT)
        slept = registered = False
        while not (slept and registered):
            told = await line()
            slept = slept or "slept for about" in str(told.get("problem"))
            registered = registered or told.get("device") == person.device.device.hex()
            assert told.get("event") != "missed"


async def test_other_authorities_behind_the_same_boot_address_are_not_followed(
    network: Network, tmp_path: Path
) -> None:
    """The address, and the node's key, are those of the spec; the chain behind them is another."""
    boot = network[RPC]
    only = spec.write(
        spec.with_boot_nodes(spec.load(network.chain), [boot.boot_address]), tmp_path / "one.json"
    )
    boot.stop()
    other = spec.write(spec.with_validators(spec.load(network.chain), 1), tmp_path / "other.json")
    folder = tmp_path / "false"
    (folder / RPC).mkdir(parents=True)
    (folder / RPC / "node-key").write_bytes((boot.folder / "node-key").read_bytes())
    false = Network(folder, chain=other, binary=boot._binary, p2p_port=boot.p2p_port)
    try:
        await asyncio.to_thread(false.start)
        chain = light(network, file=only)
        with pytest.raises(ChainUnavailableError, match=r"is no node of .* It is not followed"):
            await chain.connect()
        assert f"127.0.0.1:{boot.p2p_port}" in str(chain.status().problem)
        assert chain.status().head is None
        false.stop()
        network.start_node(RPC)
        await until(lambda: chain.status().connected)
        assert chain.genesis.hex() == str(boot.ask("chain_getBlockHash", 0))[2:]
        await chain.close()
    finally:
        false.stop()


async def test_a_node_on_a_branch_of_its_own_does_not_keep_it_from_starting(
    node_binary: Path, tmp_path: Path
) -> None:
    """Two of four authorities have made blocks among themselves before the others, and finalized none. Their
    node stands in the spec beside honest ones, and is far ahead for some minutes."""
    folders = [tmp_path / name for name in ("branch", "honest")]
    chain = spec.write(with_times(spec.load(spec.LOCAL), Times(slot_millis=1_000)), tmp_path / "fast.json")
    branch, honest = (Network(folder, chain=chain, binary=node_binary) for folder in folders)
    apart, one = branch[RPC], honest[RPC]
    try:
        for name in (RPC, "alice", "bob"):
            branch.start_node(name)
        await asyncio.to_thread(branch.wait, lambda: apart.best() >= 80, "a branch")
        await asyncio.to_thread(honest.start)
        boot = [apart.boot_address, *(node.boot_address for node in honest.nodes.values())]
        both = spec.write(spec.with_boot_nodes(spec.load(chain), boot), tmp_path / "both.json")
        async with connected(light(honest, file=both)) as client:
            assert apart.best() > one.best() + outlook.FINALITY_LAG
            await until(lambda: _head(client) >= 10)
            head = await client.head()
            assert one.ask("chain_getBlockHash", head.number) == "0x" + head.hash.hex()
            assert apart.ask("chain_getBlockHash", head.number) != "0x" + head.hash.hex()
    finally:
        branch.stop()
        honest.stop()


async def test_a_lying_proxy_in_front_of_a_node_is_caught(network: Network) -> None:
    person = Person.fresh()
    node, other = network[RPC].url, network["alice"].url
    async with connected(RpcChain([node], signer=person.device, final=True)) as chain:
        await join(chain, person)
        (device,) = await chain.devices(person.account.account)
        before = await chain.head()
        await chain.revoke_device(person.device.device)
    account = device.account
    async with (
        lying_node(node, asked=at_block("0x" + before.hash.hex())) as liar,
        connected(RpcChain([liar])) as alone,
        connected(RpcChain([liar, other], compare=True)) as compared,
        connected(light(network)) as proven,
    ):
        assert await alone.devices(account) == (device,)
        with pytest.raises(UntrustedError, match="do not agree on devices") as caught:
            await compared.devices(account)
        assert liar in str(caught.value)
        assert other in str(caught.value)
        assert await proven.devices(account) == ()


async def test_a_daemon_is_its_own_light_client(network: Network, tmp_path: Path) -> None:
    home = tmp_path / "home"
    setup.create_account(home, PASSPHRASE, name="Alice", network=network.light_spec)
    alice = Daemon("Alice", home)
    try:
        await alice.up()
        await alice.login()
        status = await alice.client.call(SystemStatus())
        assert status.registered
        assert status.chain.connected
        assert status.chain.node == "the light client of Stardust Local"
        assert (home / "genesis").read_text() == network[RPC].ask("chain_getBlockHash", 0)[2:]
        findings = {one.name: one for one in (await alice.client.call(SystemDoctor())).findings}
        assert findings["chain"].severity == "ok"
        assert "agrees with the chain" in findings["clock"].finding
        assert alice.launched is not None
        (smoldot,) = psutil.Process(alice.launched.pid).children()
        await alice.kill()
        await asyncio.to_thread(psutil.wait_procs, [smoldot], 10)
        assert not smoldot.is_running()
    finally:
        await alice.down()
