"""A process full of clients for ``clients``: statement transports that do as they are told."""

from __future__ import annotations

import asyncio
import random
import struct
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import cast

import psutil

from bench.statements import PAYLOAD, Genesis
from bench.table import cpu_seconds
from stardust.chain.port import Chain
from stardust.errors import StardustError
from stardust.identity.devices import DeviceKeys
from stardust.identity.records import DeviceRecord
from stardust.rendezvous.serving import allow_files
from stardust.signaling.envelope import open_envelope, seal
from stardust.signaling.listening import Listened
from stardust.signaling.service import LIFETIME_S
from stardust.signaling.statements import StatementTransport
from stardust.wire.signals import Signal, SignalKind

CONTACTS = 20
OPENED_AT_ONCE = 50
AFTERWARDS_S = 3.0
"""For what is still under way."""
_STAMP = struct.Struct("<d")


@dataclass(frozen=True)
class Plan:
    """``keys``: of every client's device (``DeviceKeys.to_bytes``), also those of other processes."""

    url: str
    genesis: bytes
    keys: tuple[bytes, ...]


@dataclass(frozen=True)
class Rest:
    """Nothing for so long."""

    seconds: float


@dataclass(frozen=True)
class Load:
    """Signals at random times, so many a second from this process."""

    seconds: float
    rate: float


@dataclass(frozen=True)
class Flood:
    """As many as go, ``at_once`` under way."""

    seconds: float
    at_once: int


@dataclass(frozen=True)
class Stop:
    seconds: float = 0.0


Order = Rest | Load | Flood | Stop


@dataclass
class Report:
    """``waits``: seconds from before sealing to after opening, of each signal that arrived here;
    ``cpu``: seconds; ``memory``: bytes."""

    sent: int = 0
    failed: int = 0
    waits: list[float] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    cpu: float = 0.0
    memory: int = 0

    @classmethod
    def of_all(cls, reports: Iterable[Report]) -> Report:
        whole = cls()
        for one in reports:
            whole.sent += one.sent
            whole.failed += one.failed
            whole.waits += one.waits
            whole.reasons += one.reasons
            whole.cpu += one.cpu
            whole.memory += one.memory
        return whole


class Client:
    """The device at ``place`` among all; its contacts are the next ``CONTACTS``, and those before it
    have it for one."""

    def __init__(self, plan: Plan, place: int, known: list[tuple[DeviceKeys, DeviceRecord]]) -> None:
        self._genesis, (self._keys, _) = plan.genesis, known[place]
        around = [step for step in range(-CONTACTS // 2, CONTACTS // 2 + 1) if step]
        others = {(place + step) % len(known) for step in around} - {place}
        self._contacts = [known[other][1] for other in sorted(others)]
        chain = cast(Chain, Genesis(plan.genesis))
        listened = Listened(record.device for record in self._contacts)
        self._transport = StatementTransport(chain, self._keys, (plan.url,), listened)
        self.report = Report()
        self._reading: asyncio.Task[None]

    async def open(self) -> None:
        self._reading = asyncio.create_task(self._read())
        while not (await self._transport.health()).usable:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._transport.close()

    async def _read(self) -> None:
        async for arrival in self._transport.subscribe(self._keys.device):
            signal = open_envelope(arrival.envelope, self._keys, self._genesis, time.time())
            (sent,) = _STAMP.unpack_from(signal.payload)
            self.report.waits.append(time.perf_counter() - sent)

    async def send(self) -> None:
        """To any contact; returns when it came back from the store."""
        to = random.choice(self._contacts)
        self.report.sent += 1
        signal = Signal(
            id=random.randbytes(16),
            kind=SignalKind.OFFER,
            genesis=self._genesis,
            sender_account=bytes(32),
            sender_device=self._keys.device,
            receiver_device=to.device,
            expires=int(time.time()) + LIFETIME_S,
            # CLOCK_MONOTONIC is the same for all processes.
            payload=_STAMP.pack(time.perf_counter()) + random.randbytes(PAYLOAD - _STAMP.size),
        )
        envelope = seal(signal, self._keys, to)
        try:
            await self._transport.publish(
                to.device, signal.kind, envelope, known=True, expires=signal.expires
            )
        except StardustError as error:
            self.report.failed += 1
            self.report.reasons[str(error)] += 1


async def load(clients: list[Client], order: Load) -> None:
    until = time.monotonic() + order.seconds
    async with asyncio.TaskGroup() as group:
        while (now := time.monotonic()) < until:
            await asyncio.sleep(min(random.expovariate(order.rate), until - now))
            group.create_task(random.choice(clients).send())


async def flood(clients: list[Client], order: Flood) -> None:
    until = time.monotonic() + order.seconds
    turns = iter(range(10**9))

    async def worker() -> None:
        while time.monotonic() < until:
            await clients[next(turns) % len(clients)].send()

    await asyncio.gather(*(worker() for _ in range(order.at_once)))


async def carry_out(clients: list[Client], order: Order) -> Report:
    process = psutil.Process()
    for client in clients:
        client.report = Report()
    before = cpu_seconds(process)
    match order:
        case Load():
            await load(clients, order)
        case Flood():
            await flood(clients, order)
        case _:
            await asyncio.sleep(order.seconds)
    used = cpu_seconds(process) - before
    await asyncio.sleep(AFTERWARDS_S)
    report = Report.of_all(client.report for client in clients)
    report.cpu, report.memory = used, process.memory_info().rss
    return report


async def serve(pipe: Connection, plan: Plan, number: int, of: int) -> None:
    every = [DeviceKeys.from_bytes(one) for one in plan.keys]
    known = [(keys, keys.record(bytes(32), bytes(32))) for keys in every]
    clients = [Client(plan, place, known) for place in range(number, len(known), of)]
    for at in range(0, len(clients), OPENED_AT_ONCE):
        await asyncio.gather(*(client.open() for client in clients[at : at + OPENED_AT_ONCE]))
    pipe.send(Report())
    while not isinstance(order := await asyncio.to_thread(pipe.recv), Stop):
        pipe.send(await carry_out(clients, order))
    await asyncio.gather(*(client.close() for client in clients))


def work(pipe: Connection, plan: Plan, number: int, of: int) -> None:
    """Process ``number`` of ``of``, until it is told to stop."""
    allow_files(4 * len(plan.keys) + 64)
    asyncio.run(serve(pipe, plan, number, of))
