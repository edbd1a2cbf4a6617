"""A rendezvous in a process of its own: envelopes a second, publish → arrival, memory of a connection."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import psutil

from bench.table import Row, cpu_seconds, quantile
from stardust.rendezvous.limits import Limits, Rate
from stardust.rendezvous.server import Address, Rendezvous
from stardust.rendezvous.serving import allow_files
from stardust.signaling.rendezvous_client import RendezvousConnection
from stardust.wire.rendezvous import Arrived

SIZE = 2_162
"""Bytes of the smallest sealed envelope."""
TOPICS = 16
"""That each connection listens to."""
AT_ONCE = 64
"""Requests under way while the rate is measured."""
MANY = Rate(10**9, 1e9)


def serve() -> None:
    """In the other process: everybody comes from one address here, so that what is limited by address
    is not limited."""
    limits = replace(
        Limits(),
        connections_an_address=4_096,
        arrivals_an_address=MANY,
        topics_an_address=2**19,
        subscriptions_an_address=MANY,
        publishes_a_connection=MANY,
        publishes_an_address=MANY,
        bytes_in_a_connection=MANY,
    )

    async def run() -> None:
        print(await Rendezvous(limits).start(Address("127.0.0.1", 0)), flush=True)
        await asyncio.Event().wait()

    allow_files(limits.connections + 64)
    asyncio.run(run())


@contextlib.contextmanager
def server() -> Iterator[tuple[str, psutil.Process]]:
    """Its URL and process."""
    command = [sys.executable, "-c", "from bench.rendezvous import serve; serve()"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"ws://{process.stdout.readline().strip()}", psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


class Listener:
    """One connection, its topics, and when its own envelopes arrived."""

    def __init__(self) -> None:
        self.topics = tuple(os.urandom(32) for _ in range(TOPICS))
        self.channel = os.urandom(32)
        self.arrived: asyncio.Queue[float] = asyncio.Queue()
        self.connection: RendezvousConnection

    async def open(self, url: str) -> None:
        self.connection = await RendezvousConnection.open(url, self._take)
        await self.connection.subscribe(self.topics)

    def _take(self, _: Arrived) -> None:
        self.arrived.put_nowait(time.perf_counter())

    async def receive_from(self, other: Listener) -> float:
        """Seconds from the call of ``other`` to the arrival here."""
        began = time.perf_counter()
        await other.connection.publish(self.topics[0], other.channel, 60, os.urandom(SIZE))
        return await self.arrived.get() - began


@contextlib.asynccontextmanager
async def listeners(url: str, count: int) -> AsyncIterator[list[Listener]]:
    made = [Listener() for _ in range(count)]
    try:
        for at in range(0, count, 50):
            await asyncio.gather(*(one.open(url) for one in made[at : at + 50]))
        yield made
    finally:
        await asyncio.gather(*(one.connection.close() for one in made))


async def rate(made: list[Listener], count: int) -> float:
    """Envelopes a second, each published, answered and arrived."""
    turns = iter(range(count))

    async def worker(first: int) -> None:
        for turn in turns:  # no two of the same pair at the same time: one would replace the other
            await made[(first + turn) % len(made)].receive_from(made[turn % len(made)])

    began = time.perf_counter()
    await asyncio.gather(*(worker(number) for number in range(min(AT_ONCE, len(made)))))
    return count / (time.perf_counter() - began)


async def measure(url: str, process: psutil.Process, connections: int, times: int) -> list[Row]:
    before = process.memory_info().rss
    async with listeners(url, connections) as made:
        memory = (process.memory_info().rss - before) / connections
        waits = [
            await made[turn % connections].receive_from(made[(turn * 7 + 1) % connections])
            for turn in range(times)
        ]
        used = cpu_seconds(process)
        a_second = await rate(made, times * 10)
        used = (cpu_seconds(process) - used) / (times * 10)
    name = f"rendezvous, {connections:,} connection{'s' if connections > 1 else ''}"
    rows = [
        Row(f"{name}: publish → arrival, p50", quantile(waits, 0.5) * 1000, "ms"),
        Row(f"{name}: the same, p95", quantile(waits, 0.95) * 1000, "ms"),
        Row(f"{name}: envelopes of {SIZE:,} bytes", a_second, "/s", higher_is_better=True),
        Row(f"{name}: CPU of the server for each", used * 1e6, "µs"),
    ]
    if connections > 1:
        rows.append(Row(f"{name}: memory of one with {TOPICS} topics", memory / 1024, "KiB"))
    return rows


def run(_: Path, *, quick: bool) -> list[Row]:
    """With 1, 100 and 1,000 connections; clients and server have a core each."""
    rows = []
    allow_files(2_048)
    for connections in (1, 100) if quick else (1, 100, 1_000):
        with server() as (url, process):
            rows += asyncio.run(measure(url, process, connections, 100 if quick else 1_000))
    return rows
