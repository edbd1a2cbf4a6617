"""A node that answers for the real chain, but swaps a key in what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from stardust.chain.rpc import RpcChain
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
