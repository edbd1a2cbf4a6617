"""The first message with no link yet: chain, sealed offer and answer, ICE, DTLS, Olm, storage."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from aiortc import RTCConfiguration, RTCPeerConnection

import jsonrpc
from bench.people import UNSEEN, two_people
from bench.table import Row, quantile
from demo.chains import DevChain
from demo.person import Person, say
from demo.screen import require
from stardust.api.calls import SystemStatus

SETTLED_S = 3.0


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


async def restart(*people: Person) -> None:
    """New daemons that are connected to the chain; nothing is open between them."""
    await asyncio.gather(*(person.down() for person in people))
    await asyncio.gather(*(person.up() for person in people))
    for person in people:
        while not (await person.api.call(SystemStatus())).chain.connected:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def linked(person: Person) -> bool:
    """Whether there is a link that is open."""
    return any(link.state == "open" for link in (await person.api.call(SystemStatus())).links)


async def first_words(alice: Person, bob: Person, settle: float) -> float:
    """Seconds for a message between daemons that have been up for ``settle`` seconds."""
    await restart(alice, bob)
    await asyncio.sleep(settle)
    require(not await linked(alice), "there is a link already")
    return (await say(alice, bob, "first words")).took_s


async def measure(folder: Path, quick: bool) -> list[Row]:
    times = 3 if quick else 15
    async with two_people(folder, UNSEEN) as (chain, alice, bob):
        warm = [await first_words(alice, bob, SETTLED_S) for _ in range(times)]
        cold = [await first_words(alice, bob, 0) for _ in range(times)]
        blocks = [block_time(chain) for _ in range(times)]
    floor = [await bare_connection() for _ in range(times)]
    return [
        Row(
            "first message, no link yet, send → delivered, p50",
            quantile(warm, 0.5),
            "s",
            1.5,
            floor=quantile(floor, 0.5),
            floor_name="bare ICE and DTLS",
        ),
        Row("the same, p95", quantile(warm, 0.95), "s"),
        Row("the same right after both daemons started, p50", quantile(cold, 0.5), "s"),
        Row("floor: two empty blocks of the dev chain, p50", 2 * quantile(blocks, 0.5), "s"),
    ]


def block_time(chain: DevChain) -> float:
    """Seconds in which the chain makes an empty block."""
    began = time.perf_counter()
    jsonrpc.ask(chain.port, "dev_newBlock")
    return time.perf_counter() - began


def run(folder: Path, *, quick: bool) -> list[Row]:
    """Time to the first delivered message."""
    return asyncio.run(measure(folder, quick))
