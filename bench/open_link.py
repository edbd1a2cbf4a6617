"""Messages between two daemons on an open link, storage and encryption on, beside bare aiortc."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection

from bench.people import two_people
from bench.table import Row, quantile
from demo.person import Person, say, wait_for
from stardust.api.calls import MessagesSend
from stardust.api.events import MessageReceived, MessageStateChanged

SIZE = 200


async def bare(count: int) -> tuple[float, float]:
    """aiortc alone in one process: round trips (seconds, p50) and messages a second."""
    left, right = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    channel = left.createDataChannel("bench")
    opened, done = asyncio.Event(), asyncio.Event()
    echoes: asyncio.Queue[bytes] = asyncio.Queue()
    got = 0

    @right.on("datachannel")
    def incoming(other: RTCDataChannel) -> None:
        @other.on("message")
        def message(data: bytes) -> None:
            nonlocal got
            got += 1
            if data.startswith(b"echo"):
                other.send(data)
            elif got >= count:
                done.set()

    channel.on("open", opened.set)
    channel.on("message", echoes.put_nowait)
    await left.setLocalDescription(await left.createOffer())
    await right.setRemoteDescription(left.localDescription)
    await right.setLocalDescription(await right.createAnswer())
    await left.setRemoteDescription(right.localDescription)
    await opened.wait()
    waits = []
    for _ in range(min(count, 200)):
        began = time.perf_counter()
        channel.send(b"echo" + bytes(SIZE - 4))
        await echoes.get()
        waits.append(time.perf_counter() - began)
    got, began = 0, time.perf_counter()
    for number in range(count):
        channel.send(bytes(SIZE))
        if number % 64 == 0:
            await asyncio.sleep(0)
    await done.wait()
    took = time.perf_counter() - began
    await asyncio.gather(left.close(), right.close())
    return quantile(waits, 0.5), count / took


async def flood(sender: Person, receiver: Person, count: int) -> float:
    """Messages a second from the first call to the last acknowledgement, all stored on the other side."""
    states = await sender.api.subscribe(MessageStateChanged)
    received = await receiver.api.subscribe(MessageReceived)
    window = asyncio.Semaphore(48)
    body = "x" * SIZE

    async def one() -> str:
        async with window:
            return (await sender.api.call(MessagesSend(contact=receiver.name, body=body))).id

    began = time.perf_counter()
    waiting = set(await asyncio.gather(*(one() for _ in range(count))))

    def last(event: object) -> bool:
        if isinstance(event, MessageStateChanged) and event.state == "delivered":
            waiting.discard(event.id)
        return not waiting

    await wait_for(states, last, f"{count} messages to be delivered", limit=120)
    took = time.perf_counter() - began
    await states.close()
    await received.close()
    return count / took


async def measure(folder: Path, quick: bool) -> list[Row]:
    count = 300 if quick else 5000
    async with two_people(folder) as (_, alice, bob):
        await say(alice, bob, "open the link")
        waits = [(await say(alice, bob, "x" * SIZE)).took_s for _ in range(50 if quick else 500)]
        rate = await flood(alice, bob, count)
    floor_wait, floor_rate = await bare(count)
    return [
        Row(
            "open link, send → delivered (stored there), p50",
            quantile(waits, 0.5) * 1000,
            "ms",
            10,
            floor=floor_wait * 1000,
            floor_name="aiortc round trip",
        ),
        Row("the same, p95", quantile(waits, 0.95) * 1000, "ms"),
        Row(
            f"messages of {SIZE} bytes, stored and encrypted",
            rate,
            "msg/s",
            1000,
            higher_is_better=True,
            floor=floor_rate,
            floor_name="bare aiortc",
        ),
    ]


def run(folder: Path, *, quick: bool) -> list[Row]:
    """Latency and rate on an open link."""
    return asyncio.run(measure(folder, quick))
