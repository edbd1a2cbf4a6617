"""The light client on a chain of 10,000 blocks, and over the hour in which that chain grows.

One validator with slots of 350 ms makes the chain, an RPC node serves it; the light client follows
both from the first block on, its memory and CPU are read each minute. Then it is started anew, in
turns with plain RPC. ``STARDUST_BENCH_CHAIN``: a folder that keeps the chain, so that the next run
goes on with it. ``STARDUST_BENCH_MINUTES``: how long to watch at least, 60 if not said.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.light_client import Way, beginning, light_process
from bench.networks import final, two_nodes
from bench.table import Row, cpu_seconds, quantile
from network.local import RPC
from stardust.chain.errors import ChainUnavailableError
from stardust.chain.jsonrpc import JsonRpc
from stardust.chain.light.rpc import LightRpc

BLOCKS = 10_000
SLOT_MILLIS = 350
SETTLED = 10
"""Blocks after which nodes that were started again know each other."""
STEP_S = 60.0
STARTS = 15


@dataclass(frozen=True)
class Sample:
    """Of the light client's process. ``memory``: MB; ``cpu``: seconds used so far."""

    minute: float
    block: int
    memory: float
    cpu: float


async def follow(way: Way, blocks: int, minutes: float, step: float) -> list[Sample]:
    """Until the chain has ``blocks`` final ones and ``minutes`` are over; a sample each ``step`` seconds."""
    chain = way.chain()
    samples: list[Sample] = []
    await chain.connect()
    try:
        # A chain that is gone on with: until its newest block is proven, the light client is at the first.
        while not ((head := chain.status().head) and head.number):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        process, began = light_process(), time.monotonic()
        while True:
            head = chain.status().head
            passed = (time.monotonic() - began) / 60
            memory = process.memory_info().rss / 1e6
            samples.append(Sample(passed, head.number if head else 0, memory, cpu_seconds(process)))
            print(samples[-1], file=sys.stderr, flush=True)
            if samples[-1].block >= blocks and passed >= minutes:
                return samples
            await asyncio.sleep(step)
    finally:
        await chain.close()


@dataclass
class Starts:
    """Of one way: seconds until ready and until the first read, of each that went well at once; how many
    did not, and would have been tried again by a daemon."""

    took: list[tuple[float, float]] = field(default_factory=list)
    failed: int = 0

    def quantile(self, part: int, q: float) -> float:
        return quantile([one[part] for one in self.took], q)


async def starts(ways: Sequence[Way], times: int) -> list[Starts]:
    """For each way; they take turns."""
    found = [Starts() for _ in ways]
    for _ in range(times):
        for way, one in zip(ways, found, strict=True):
            try:
                one.took.append(await beginning(way))
            except ChainUnavailableError as error:
                print(f"{way.place}: {error}", file=sys.stderr, flush=True)
                one.failed += 1
    return found


def followed(samples: Sequence[Sample]) -> list[Row]:
    """Memory at the beginning, in each quarter of the time and at most; CPU as such and by block."""
    first, last = samples[0], samples[-1]
    rows = [Row(f"light client: memory at block {first.block:,}", first.memory, "MB", 200)]
    for quarter in (1, 2, 3, 4):
        one = min(samples, key=lambda sample: abs(sample.minute - last.minute * quarter / 4))
        rows.append(Row(f"the same after {one.minute:.0f} min, block {one.block:,}", one.memory, "MB", 200))
    rows.append(Row("the same, the most", max(sample.memory for sample in samples), "MB", 200))
    used, passed = last.cpu - first.cpu, (last.minute - first.minute) * 60
    if passed and last.block > first.block:
        pace = (last.block - first.block) / passed
        rows += [
            Row(f"light client: CPU at {pace:.1f} blocks a second", used / passed * 100, "%"),
            Row("the same for each block", used / (last.block - first.block) * 1000, "ms"),
        ]
    return rows


def run(folder: Path, *, quick: bool) -> list[Row]:
    """Grows the chain where it is too short, follows it, starts on it."""
    kept = os.environ.get("STARDUST_BENCH_CHAIN")
    blocks = 50 if quick else BLOCKS
    minutes = 0.0 if quick else float(os.environ.get("STARDUST_BENCH_MINUTES", "60"))
    with two_nodes(Path(kept) if kept else folder / "network", slot_millis=SLOT_MILLIS) as network:
        final(network, network[RPC].best() + SETTLED)
        light = Way(str(network.light_spec), LightRpc.open, final=True)
        plain = Way(network[RPC].url, JsonRpc.open, final=False)
        samples = asyncio.run(follow(light, blocks, minutes, 5 if quick else STEP_S))
        proven, asked = asyncio.run(starts((light, plain), 2 if quick else STARTS))
        height = network[RPC].finalized()
    rows = []
    for part, (what, target) in enumerate((("ready", 2.0), ("first proven read", 2.5))):
        name = f"light client on {height:,} blocks: {what}"
        note = f"{proven.failed} of {proven.failed + len(proven.took)} failed at first"
        floor = asked.quantile(part, 0.5)
        p50, p95 = proven.quantile(part, 0.5), proven.quantile(part, 0.95)
        rows.append(Row(f"{name}, p50", p50, "s", target, floor=floor, floor_name="plain RPC", note=note))
        rows.append(Row("the same, p95", p95, "s"))
    return rows + followed(samples)
