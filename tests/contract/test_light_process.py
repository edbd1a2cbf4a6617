"""The real smoldot in its process, on a chain whose nodes cannot be reached."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from children import free_port
from stardust.chain.errors import ChainUnavailableError, WrongChainError
from stardust.chain.jsonrpc import JsonRpc
from stardust.chain.light.rpc import LightRpc
from stardust.chain.light.spec import ChainSpec, read_spec
from stardust.chain.light.wire import LightWire
from stardust.chain.rpc import RpcChain

LOCAL = Path(__file__).parents[2] / "chain-spec" / "local.json"
PEER = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"


def nowhere(folder: Path, **changes: object) -> Path:
    """A spec whose boot node does not answer."""
    whole = json.loads(LOCAL.read_text())
    whole["bootNodes"] = [f"/ip4/127.0.0.1/tcp/{free_port()}/p2p/{PEER}"]
    path = folder / "net.json"
    path.write_text(json.dumps({**whole, **changes}))
    return path


@pytest.fixture
def spec(tmp_path: Path) -> ChainSpec:
    return read_spec(nowhere(tmp_path))


@pytest.fixture
async def running(spec: ChainSpec) -> AsyncIterator[tuple[LightWire, JsonRpc]]:
    wire = await LightWire.start(spec)
    rpc = JsonRpc("light client", wire)
    yield wire, rpc
    await rpc.close()


async def failure(spec: ChainSpec, said: str, genesis: bytes | None = None) -> ChainUnavailableError:
    """Of connecting; the status says the same."""
    chain = RpcChain([str(spec.path)], opener=LightRpc.open, final=True, genesis=genesis)
    try:
        with pytest.raises(ChainUnavailableError, match=said) as raised:
            await chain.connect()
        assert not chain.status().connected
        assert chain.status().problem == str(raised.value)
        return raised.value
    finally:
        await chain.close()


async def test_it_answers_what_needs_no_peers(running: tuple[LightWire, JsonRpc]) -> None:
    _, rpc = running
    assert len(await rpc.request("chain_getBlockHash", 0)) == 66
    assert (await rpc.request("system_health"))["peers"] == 0


async def test_it_ends_when_it_is_closed(running: tuple[LightWire, JsonRpc]) -> None:
    wire, rpc = running
    await rpc.request("system_health")
    await rpc.close()
    assert not psutil.pid_exists(wire.pid)


async def test_it_ends_with_its_input_as_when_the_daemon_is_killed(
    running: tuple[LightWire, JsonRpc],
) -> None:
    wire, rpc = running
    await rpc.request("system_health")
    assert wire._process.stdin is not None
    wire._process.stdin.close()
    async with asyncio.timeout(10):
        await rpc.closed.wait()


async def test_a_death_is_told_at_once(running: tuple[LightWire, JsonRpc]) -> None:
    wire, rpc = running
    await rpc.request("system_health")
    os.kill(wire.pid, signal.SIGSEGV)
    async with asyncio.timeout(10):
        await rpc.closed.wait()
    assert "had a fault and is started anew" in str(rpc.problem)


async def test_a_spec_that_smoldot_refuses_is_named(tmp_path: Path) -> None:
    spec = read_spec(nowhere(tmp_path, nonsense=1))
    await failure(spec, r"does not take the chain spec .*net\.json.*nonsense")


async def test_a_spec_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(ChainUnavailableError, match=r"none\.json cannot be read"):
        await LightRpc.open(str(tmp_path / "none.json"))


async def test_no_node_of_the_network_can_be_reached(spec: ChainSpec) -> None:
    await failure(spec, "No boot node of Stardust Local can be reached")


async def test_what_answers_at_the_boot_address_is_no_node_of_this_chain(spec: ChainSpec) -> None:
    async def other_node(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.readexactly(20)
        writer.write(hello + b"\x03na\n")
        await writer.drain()
        writer.close()

    port = spec.boot_nodes[0].port
    async with await asyncio.start_server(other_node, "127.0.0.1", port):
        await failure(spec, rf"What answers at 127\.0\.0\.1:{port} is no node of")


async def test_the_boot_node_hangs(spec: ChainSpec) -> None:
    port = spec.boot_nodes[0].port
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", port):
        await failure(spec, rf"can be reached, but say nothing \(127\.0\.0\.1:{port}\)")


async def test_a_spec_of_another_chain_is_refused_without_any_node(spec: ChainSpec) -> None:
    error = await failure(spec, r"The chain spec .*net\.json serves another chain", genesis=b"\x11" * 32)
    assert isinstance(error, WrongChainError)
