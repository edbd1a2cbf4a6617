"""Sealed signals through the statement transport, beside the bare store in the same run.

On one node, and from one node to another. A signal is made, signed, padded, sealed, published, taken
out of the receiver's transport and opened, as two daemons do it. The bare store is one request
and one notification with a statement of the same size. The two take turns.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from bench.networks import two_nodes, ways
from bench.table import Row, quantile
from demo.screen import require
from network.local import RPC
from stardust.chain.jsonrpc import JsonRpc, Subscription
from stardust.chain.port import Chain
from stardust.chain.rpc import RpcChain
from stardust.identity.devices import DeviceKeys
from stardust.identity.records import DeviceRecord
from stardust.signaling import statement, store_rpc
from stardust.signaling.envelope import BUCKETS, OVERHEAD, open_envelope, seal
from stardust.signaling.listening import Listened
from stardust.signaling.pallet import PalletTransport
from stardust.signaling.port import Arrival
from stardust.signaling.service import LIFETIME_S
from stardust.signaling.statements import StatementTransport
from stardust.wire.signals import Signal, SignalKind
from tests.fakes.people import Person, settle

PAYLOAD = 600
"""Bytes, about what an offer or answer has."""
SEALED = OVERHEAD + BUCKETS[0]
"""Bytes of the envelope that it becomes."""
SIGNALS = 500
PAIRS = 10
"""Across nodes, at the same time: nodes pass on what is new once a second."""
SPREAD_S = 1.0
"""Of random pauses across nodes, so that nobody gets into step with that second."""
GIVEN_UP_S = 15.0
BLOCK_S = 6.0
TARGETS_MS = {"one node": 50.0, "two nodes": 2_000.0}


@dataclass(frozen=True)
class Genesis:
    """All that the transport asks of a chain."""

    genesis: bytes


@dataclass
class Side:
    """A device and what it is known by."""

    keys: DeviceKeys = field(default_factory=DeviceKeys.create)

    @property
    def record(self) -> DeviceRecord:
        return self.keys.record(bytes(32), bytes(32))

    def transport(self, genesis: bytes, node: str, other: Side) -> StatementTransport:
        chain = cast(Chain, Genesis(genesis))
        return StatementTransport(chain, self.keys, (node,), Listened((other.keys.device,)))

    def signal(self, genesis: bytes, to: Side) -> Signal:
        return Signal(
            id=os.urandom(16),
            kind=SignalKind.OFFER,
            genesis=genesis,
            sender_account=bytes(32),
            sender_device=self.keys.device,
            receiver_device=to.keys.device,
            expires=int(time.time()) + LIFETIME_S,
            payload=os.urandom(PAYLOAD),
        )


class Pair:
    """Two devices that know each other, each with a transport. ``send``: seconds, None for one missed."""

    def __init__(self, genesis: bytes, nodes: tuple[str, str], left: Side, right: Side) -> None:
        self._genesis, self._left, self._right = genesis, left, right
        self._out = left.transport(genesis, nodes[0], right)
        self._in = right.transport(genesis, nodes[1], left)
        self._arrivals: asyncio.Queue[Arrival] = asyncio.Queue()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Pair]:
        reading = asyncio.create_task(self._read())
        try:
            while not (await self._in.health()).usable:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            yield self
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await asyncio.gather(self._out.close(), self._in.close())

    async def _read(self) -> None:
        async for arrival in self._in.subscribe(self._right.keys.device):
            self._arrivals.put_nowait(arrival)

    async def send(self) -> float | None:
        signal = self._left.signal(self._genesis, self._right)
        began = time.perf_counter()
        envelope = seal(signal, self._left.keys, self._right.record)
        published = asyncio.create_task(
            self._out.publish(
                self._right.keys.device, signal.kind, envelope, known=True, expires=signal.expires
            )
        )
        try:
            async with asyncio.timeout(GIVEN_UP_S):
                while True:
                    arrival = await self._arrivals.get()
                    opened = open_envelope(arrival.envelope, self._right.keys, self._genesis, time.time())
                    if opened.id == signal.id:
                        return time.perf_counter() - began
        except TimeoutError:
            return None
        finally:
            await published


@dataclass
class Bare:
    """The store without anything of ours but a signature: a request, a notification."""

    keys: DeviceKeys
    out: JsonRpc
    news: Subscription
    topic: bytes

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, nodes: tuple[str, str], keys: DeviceKeys) -> AsyncIterator[Bare]:
        out, there = await JsonRpc.open(nodes[0]), await JsonRpc.open(nodes[1])
        topic = os.urandom(32)
        try:
            wanted = store_rpc.match_any(frozenset((topic,)))
            async with there.subscribe(store_rpc.SUBSCRIBE, store_rpc.UNSUBSCRIBE, wanted) as news:
                yield cls(keys, out, news, topic)
        finally:
            await asyncio.gather(out.close(), there.close())

    async def send(self) -> float | None:
        expires = int(time.time()) + LIFETIME_S
        channel, data = os.urandom(32), os.urandom(SEALED)
        encoded = statement.sign(self.keys, expires << 32, channel, (self.topic,), data)
        began = time.perf_counter()
        answer = asyncio.create_task(self.out.request(store_rpc.SUBMIT, f"0x{encoded.hex()}"))
        try:
            async with asyncio.timeout(GIVEN_UP_S):
                while encoded not in store_rpc.parse_batch(await self.news.next()).statements:
                    pass
                return time.perf_counter() - began
        except TimeoutError:
            return None
        finally:
            await answer


@dataclass(frozen=True)
class Plan:
    """How many signals, by how many pairs at a time, and how long each waits at most in between."""

    signals: int
    pairs: int
    pause_s: float


@dataclass
class Waits:
    """Seconds of each signal; None for one that did not come."""

    sealed: list[float | None] = field(default_factory=list)
    bare: list[float | None] = field(default_factory=list)


async def lane(
    genesis: bytes, nodes: tuple[str, str], sides: tuple[Side, Side, Side], plan: Plan, waits: Waits
) -> None:
    """One pair and one bare sender, in turns, after random pauses."""
    left, right, bare_side = sides
    async with Pair(genesis, nodes, left, right).open() as pair, Bare.open(nodes, bare_side.keys) as bare:
        await pair.send()  # the sender connects
        for _ in range(plan.signals // plan.pairs):
            await asyncio.sleep(random.uniform(0, plan.pause_s))
            waits.sealed.append(await pair.send())
            await asyncio.sleep(random.uniform(0, plan.pause_s))
            waits.bare.append(await bare.send())


async def measure(
    genesis: bytes, nodes: tuple[str, str], sides: list[tuple[Side, Side, Side]], plan: Plan
) -> Waits:
    waits = Waits()
    async with asyncio.TaskGroup() as group:
        for three in sides[: plan.pairs]:
            group.create_task(lane(genesis, nodes, three, plan, waits))
    return waits


def rows(way: str, waits: Waits, target_ms: float) -> list[Row]:
    """p50 and p95 of what arrived, beside the bare store, and what did not."""
    sealed, bare = ([one * 1000 for one in some if one is not None] for some in (waits.sealed, waits.bare))
    found = [
        Row(
            f"{name} {way}, {share}",
            quantile(sealed, q),
            "ms",
            target,
            floor=quantile(bare, q),
            floor_name="bare store",
        )
        for q, share, name, target in (
            (0.5, "p50", f"sealed signal of {PAYLOAD} bytes, publish → arrival,", target_ms),
            (0.95, "p95", "the same,", None),
        )
    ]
    count = len(waits.sealed)
    missed = count - len(sealed)
    bare_missed = count - len(bare)
    note = f"of {count}; bare store: {bare_missed}"
    return [*found, Row(f"the same, {way}, missed", missed, "signals", 0, note=note)]


async def by_pallet(node: str, count: int) -> list[float]:
    """Seconds from before sealing to after opening of a signal that goes by a call, on 6 s blocks."""
    left, right = Person.fresh(), Person.fresh()
    chains = [RpcChain((node,), signer=person.device) for person in (left, right)]
    await asyncio.gather(*(chain.connect() for chain in chains))
    sender, receiver = await asyncio.gather(settle(chains[0], left), settle(chains[1], right))
    out, there = (PalletTransport(chain) for chain in chains)
    arrivals = there.subscribe(receiver.keys.device)
    waits = []
    try:
        for _ in range(count):
            await asyncio.sleep(random.uniform(0, BLOCK_S))
            signal = Side(sender.keys).signal(chains[0].genesis, Side(receiver.keys))
            began = time.perf_counter()
            envelope = seal(signal, sender.keys, receiver.certified.record)
            to = receiver.keys.device
            publish = out.publish(to, signal.kind, envelope, known=True, expires=signal.expires)
            published = asyncio.create_task(publish)
            arrival = await anext(arrivals)
            opened = open_envelope(arrival.envelope, receiver.keys, chains[1].genesis, time.time())
            waits.append(time.perf_counter() - began)
            require(opened.id == signal.id, "another signal arrived")
            await published
    finally:
        await asyncio.gather(out.close(), there.close(), *(chain.close() for chain in chains))
    return waits


def run(folder: Path, *, quick: bool) -> list[Row]:
    """On one node one at a time, across nodes ten at a time; a few by the pallet."""
    signals = 40 if quick else SIGNALS
    plans = {"one node": Plan(signals, 1, 0.02), "two nodes": Plan(signals, PAIRS, SPREAD_S)}
    sides = [(Side(), Side(), Side()) for _ in range(PAIRS)]
    allowed = [side.keys.device for three in sides for side in three]
    found = []
    with two_nodes(folder / "network", allowed=allowed) as network:
        genesis = bytes.fromhex(network.addresses().genesis[2:])
        for way, nodes in ways(network).items():
            waits = asyncio.run(measure(genesis, nodes, sides, plans[way]))
            found += rows(way, waits, TARGETS_MS[way])
        calls = asyncio.run(by_pallet(network[RPC].url, 3 if quick else 20))
    name = f"the same by the pallet, blocks of {BLOCK_S:.0f} s"
    return [
        *found,
        Row(f"{name}, p50", quantile(calls, 0.5), "s", 2 * BLOCK_S),
        Row(f"{name}, p95", quantile(calls, 0.95), "s", note=f"of {len(calls)}"),
    ]
