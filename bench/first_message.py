"""The first message with no link yet: chain, sealed offer and answer, ICE, DTLS, Olm, storage."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from aiortc import RTCConfiguration, RTCPeerConnection

from bench.people import two_people
from bench.table import Row, quantile
from demo.person import say


async def bare_connection() -> float:
    """Seconds for two aiortc peers in one process to open a data channel."""
    began = time.perf_counter()
    left, right = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    opened = asyncio.Event()
    left.createDataChannel("bench").on("open", opened.set)
    await left.setLocalDescription(await left.createOffer())
    await right.setRemoteDescription(left.localDescription)
    await right.setLocalDescription(await right.createAnswer())
    await left.setRemoteDescription(right.localDescription)
    await opened.wait()
    took = time.perf_counter() - began
    await asyncio.gather(left.close(), right.close())
    return took


async def measure(folder: Path, quick: bool) -> list[Row]:
    times = 3 if quick else 15
    waits, blocks = [], []
    async with two_people(folder) as (chain, alice, bob):
        for _ in range(times):
            # A new daemon on both sides: nothing is open, nothing is cached.
            await asyncio.gather(alice.down(), bob.down())
            await asyncio.gather(alice.up(), bob.up())
            await asyncio.sleep(1)
            waits.append((await say(alice, bob, "first words")).took_s)
            began = time.perf_counter()
            chain.rpc("dev_newBlock")
            blocks.append(time.perf_counter() - began)
    floor = [await bare_connection() for _ in range(times)]
    return [
        Row(
            "first message, no link yet, send → delivered, p50",
            quantile(waits, 0.5),
            "s",
            1.5,
            floor=quantile(floor, 0.5),
            floor_name="bare ICE and DTLS",
        ),
        Row("the same, p95", quantile(waits, 0.95), "s"),
        Row("floor: an empty block of the dev chain, p50", quantile(blocks, 0.5), "s"),
    ]


def run(folder: Path, *, quick: bool) -> list[Row]:
    """Time to the first delivered message."""
    return asyncio.run(measure(folder, quick))
