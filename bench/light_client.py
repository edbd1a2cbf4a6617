"""The light client beside plain RPC: ready, first proven read, reads, calls, memory, idle CPU.

On a network of its own, or on a given one: ``STARDUST_BENCH_NETWORK`` is then the file with what
``./scripts/network --json`` printed. ``STARDUST_BENCH_MINUTES``: how long memory is watched.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.table import Row, cpu_seconds, quantile
from network.local import RPC, Network
from stardust.chain.connection import Opener
from stardust.chain.jsonrpc import JsonRpc
from stardust.chain.light.rpc import LightRpc
from stardust.chain.rpc import RpcChain
from stardust.wire.ids import AccountId
from tests.fakes.people import Person, join

STEP_S = 15.0
CALLS = 5


@dataclass(frozen=True)
class Way:
    """A way to the chain: ``place`` is an address, or a spec."""

    place: str
    opener: Opener
    final: bool

    def chain(self, person: Person | None = None) -> RpcChain:
        signer = person.device if person else None
        return RpcChain((self.place,), signer=signer, opener=self.opener, final=self.final)


@dataclass
class Figures:
    """Seconds; megabytes of the light client's process at the beginning and at the end; % of a core."""

    ready: float
    first_read: float
    read: float
    read_p95: float
    call: float
    blocks: int
    memory: tuple[float, float] = (0.0, 0.0)
    cpu: float = 0.0
    minutes: float = 0.0


@contextmanager
def given_network(folder: Path) -> Iterator[tuple[str, str]]:
    """Spec for the light client, and address of a node."""
    if (file := os.environ.get("STARDUST_BENCH_NETWORK")) is not None:
        addresses = json.loads(Path(file).read_text())
        yield addresses["light_spec"], addresses["rpc"]
        return
    network = Network(folder / "network")
    try:
        network.start()
        yield str(network.light_spec), network[RPC].url
    finally:
        network.stop()


async def took(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def beginning(way: Way) -> tuple[float, float]:
    """Seconds until connected, and from the beginning until the first answer to a read."""
    chain = way.chain()
    began = time.perf_counter()
    try:
        await chain.connect()
        ready = time.perf_counter() - began
        await chain.devices(AccountId(bytes(32)))
        return ready, time.perf_counter() - began
    finally:
        await chain.close()


async def measure(way: Way, *, quick: bool, minutes: float) -> Figures:
    starts = [await beginning(way) for _ in range(2 if quick else 7)]
    person = Person.fresh()
    chain = way.chain(person)
    await chain.connect()
    try:
        joined = await took(lambda: join(chain, person))
        calls = [joined, *[await took(chain.heartbeat) for _ in range(1 if quick else CALLS)]]
        account = person.account.account
        reads = [await took(lambda: chain.devices(account)) for _ in range(20 if quick else 200)]
        head = chain.status().head
        figures = Figures(
            ready=quantile([ready for ready, _ in starts], 0.5),
            first_read=quantile([read for _, read in starts], 0.5),
            read=quantile(reads, 0.5),
            read_p95=quantile(reads, 0.95),
            call=quantile(calls, 0.5),
            blocks=head.number if head else 0,
        )
        if way.final:
            await watch(figures, quick, minutes)
        return figures
    finally:
        await chain.close()


def light_process() -> psutil.Process:
    """Of the light client that this process has started."""
    (process,) = (
        one for one in psutil.Process().children() if "stardust.chain.light.process" in one.cmdline()
    )
    return process


async def watch(figures: Figures, quick: bool, minutes: float) -> None:
    """Memory and CPU of the light client's process, while nobody asks for anything."""
    process = light_process()
    before, began = cpu_seconds(process), time.monotonic()
    memory = [process.memory_info().rss / 1e6]
    until = began + (10 if quick else minutes * 60)
    while time.monotonic() < until:
        await asyncio.sleep(min(STEP_S, until - time.monotonic()))
        memory.append(process.memory_info().rss / 1e6)
    used, passed = cpu_seconds(process) - before, time.monotonic() - began
    figures.memory, figures.minutes = (memory[0], max(memory)), passed / 60
    figures.cpu = used / passed * 100


def run(folder: Path, *, quick: bool) -> list[Row]:
    """Figures of the light client, each beside that of plain RPC in the same run."""
    minutes = float(os.environ.get("STARDUST_BENCH_MINUTES", "3"))
    with given_network(folder) as (spec, node):
        plain = asyncio.run(measure(Way(node, JsonRpc.open, False), quick=quick, minutes=minutes))
        light = asyncio.run(measure(Way(spec, LightRpc.open, True), quick=quick, minutes=minutes))
    rpc = "plain RPC"
    after = f"after {light.minutes:.0f} min"
    return [
        Row(
            "light client: ready",
            light.ready,
            "s",
            2.0,
            floor=plain.ready,
            floor_name=rpc,
            note=f"block {light.blocks}",
        ),
        Row(
            "light client: first proven read",
            light.first_read,
            "s",
            2.5,
            floor=plain.first_read,
            floor_name=rpc,
        ),
        Row(
            "light client: devices of an account, p50",
            light.read * 1000,
            "ms",
            floor=plain.read * 1000,
            floor_name=rpc,
        ),
        Row("the same, p95", light.read_p95 * 1000, "ms", floor=plain.read_p95 * 1000, floor_name=rpc),
        Row(
            "light client: a call until it is final, p50",
            light.call,
            "s",
            floor=plain.call,
            floor_name="plain RPC, until it is in a block",
        ),
        Row("light client: memory of its process", light.memory[0], "MB", 200),
        Row(f"the same, the most {after}", light.memory[1], "MB", 200),
        Row("light client: idle CPU", light.cpu, "%", 1.0),
    ]
