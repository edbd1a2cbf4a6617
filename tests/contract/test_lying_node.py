"""A node that answers for the real chain, but swaps a key in what it says, or shows an old state."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from stardust.chain.connection import VIEW_CALL
from stardust.chain.errors import ChainUnavailableError
from stardust.chain.rpc import RpcChain
from stardust.errors import UntrustedError
from stardust.identity.devices import DeviceKeys
from stardust.identity.errors import CertificateError
from stardust.identity.records import CertifiedDevice
from stardust.wire.ids import AccountId
from tests.fakes.people import Person, join
from tests.fixtures.devchain import DevChain

pytestmark = [pytest.mark.chain, pytest.mark.timeout(120)]

Lie = Callable[[str], str]
Socket = ClientConnection | ServerConnection


async def pump(source: Socket, to: Socket, lie: Lie) -> None:
    try:
        async for message in source:
            await to.send(lie(str(message)))
    except ConnectionClosed:
        return


@asynccontextmanager
async def lying_node(url: str, *, asked: Lie = str, answered: Lie = str) -> AsyncIterator[str]:
    """The address of a node that changes what it is asked, and what the node at ``url`` answers."""

    async def handle(client: ServerConnection) -> None:
        async with connect(url, max_size=None) as node:
            ways = (pump(client, node, asked), pump(node, client, answered))
            tasks = [asyncio.ensure_future(way) for way in ways]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()

    async with serve(handle, "127.0.0.1", 0, max_size=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}"


def at_block(hash_: str) -> Lie:
    """Whatever view is asked, the answer is that of an old block: it passes every check of its own."""

    def lie(text: str) -> str:
        request = json.loads(text)
        if request["method"] == "state_call" and request["params"][0] == VIEW_CALL:
            request["params"][2:] = [hash_]
        return json.dumps(request)

    return lie


async def registered(url: str) -> CertifiedDevice:
    person = Person.fresh()
    chain = RpcChain([url], signer=person.device)
    try:
        await chain.connect()
        await join(chain, person)
        (device,) = await chain.devices(person.account.account)
    finally:
        await chain.close()
    return device


async def devices(url: str, account: AccountId) -> tuple[CertifiedDevice, ...]:
    chain = RpcChain([url])
    try:
        await chain.connect()
        return await chain.devices(account)
    finally:
        await chain.close()


def swap(true: bytes, false: bytes) -> Lie:
    return lambda text: text.replace(true.hex(), false.hex())


@pytest.mark.parametrize("key", ["device", "olm", "fallback", "sealing"])
async def test_a_node_cannot_swap_a_key_of_a_device(dev_chain: DevChain, key: str) -> None:
    victim, attacker = (
        await registered(dev_chain.url),
        DeviceKeys.create().record(bytes([7]) * 32, bytes([8]) * 32),
    )
    lie = swap(bytes(getattr(victim.record, key)), bytes(getattr(attacker, key)))
    async with lying_node(dev_chain.url) as honest:
        assert await devices(honest, victim.account) == (victim,)
    async with lying_node(dev_chain.url, answered=lie) as url:
        with pytest.raises(CertificateError):
            await devices(url, victim.account)


async def test_a_node_cannot_pass_off_the_devices_of_another_account(dev_chain: DevChain) -> None:
    victim, attacker = await registered(dev_chain.url), await registered(dev_chain.url)
    async with lying_node(dev_chain.url, asked=swap(bytes(victim.account), bytes(attacker.account))) as url:
        with pytest.raises(CertificateError):
            await devices(url, victim.account)


async def test_at_no_moment_is_a_lost_node_without_a_reason(dev_chain: DevChain) -> None:
    async with lying_node(dev_chain.url) as url:
        chain = RpcChain([url])
        await chain.connect()
    try:
        for _ in range(2000):  # turn by turn, while its end is noticed and dealt with
            status = chain.status()
            assert status.connected or status.problem
            await asyncio.sleep(0)
        assert not chain.status().connected
    finally:
        await chain.close()


async def asked_of_two(one: str, other: str, account: AccountId) -> tuple[CertifiedDevice, ...]:
    chain = RpcChain([one, other], compare=True)
    try:
        await chain.connect()
        return await chain.devices(account)
    finally:
        await chain.close()


async def test_two_nodes_that_agree_are_believed(dev_chain: DevChain) -> None:
    device = await registered(dev_chain.url)
    async with lying_node(dev_chain.url) as honest:
        assert await asked_of_two(dev_chain.url, honest, device.account) == (device,)


async def test_a_node_that_hides_a_revocation_is_named(dev_chain: DevChain) -> None:
    person = Person.fresh()
    chain = RpcChain([dev_chain.url], signer=person.device)
    await chain.connect()
    await join(chain, person)
    (device,) = await chain.devices(person.account.account)
    before = await chain.head()
    await chain.revoke_device(person.device.device)
    assert await chain.devices(person.account.account) == ()
    await chain.close()
    async with lying_node(dev_chain.url, asked=at_block("0x" + before.hash.hex())) as liar:
        # Alone it is believed: the certificate is the true one.
        assert await devices(liar, device.account) == (device,)
        for one, other in ((dev_chain.url, liar), (liar, dev_chain.url)):
            with pytest.raises(UntrustedError, match="do not agree on devices") as caught:
                await asked_of_two(one, other, device.account)
            assert one in str(caught.value)
            assert other in str(caught.value)


async def test_owners_and_backups_are_compared_too(dev_chain: DevChain) -> None:
    chain = RpcChain([dev_chain.url])
    await chain.connect()
    genesis = "0x" + chain.genesis.hex()
    await chain.close()
    device = await registered(dev_chain.url)
    async with lying_node(dev_chain.url, asked=at_block(genesis)) as liar:
        chain = RpcChain([dev_chain.url, liar], compare=True)
        await chain.connect()
        with pytest.raises(UntrustedError, match="do not agree on owner"):
            await chain.owner(device.record.device)
        assert await chain.backup(device.account) is None  # as at genesis
        await chain.close()


async def test_with_one_node_alone_nothing_is_compared_and_so_nothing_believed(dev_chain: DevChain) -> None:
    device = await registered(dev_chain.url)
    async with lying_node(dev_chain.url) as other:
        chain = RpcChain([dev_chain.url, other], compare=True)
        await chain.connect()
        assert await chain.devices(device.account) == (device,)
    with pytest.raises(ChainUnavailableError, match=r"cannot be reached|is lost"):
        await chain.devices(device.account)
    assert await chain.account(device.account) is not None
    await chain.close()


@pytest.mark.parametrize("kind", ["Live", "Mine"])
async def test_a_chain_of_any_other_type_is_live(dev_chain: DevChain, kind: str) -> None:
    async with lying_node(
        dev_chain.url, answered=lambda text: text.replace('"Development"', f'"{kind}"')
    ) as url:
        chain = RpcChain([url])
        await chain.connect()
        assert await chain.is_live()
        await chain.close()
