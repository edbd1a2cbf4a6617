"""10, 100 and 1,000 clients on one node: signals through its statement store, without WebRTC.

Each client is the daemon's own statement transport: a device, a WebSocket, 20 contacts with their
topics, subscriptions that are renewed each minute, envelopes that are sealed, opened and checked.
They run in processes of their own (``client_worker``). What a node and a client need is counted in
CPU time, because everything shares one machine here.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from bench import metrics
from bench.client_worker import CONTACTS, Flood, Load, Order, Plan, Report, Rest, Stop, work
from bench.networks import two_nodes
from bench.table import Row, cpu_seconds, quantile
from network.local import RPC, Network
from stardust.chain.errors import ChainUnavailableError
from stardust.chain.jsonrpc import JsonRpc
from stardust.identity.devices import DeviceKeys
from stardust.rendezvous.serving import allow_files

WORKERS = 2
CONNECTIONS = 4_096
RATE = 0.05
"""Signals a second that each client sends under load: one in 20 s."""
START_LIMIT_S = 300.0


@dataclass(frozen=True)
class Use:
    """What the processes need. Seconds of CPU so far and bytes of memory."""

    node: float
    peer: float
    memory: int

    @classmethod
    def of(cls, network: Network) -> Use:
        node, peer = (psutil.Process(network[name].pid) for name in (RPC, "alice"))
        return cls(cpu_seconds(node), cpu_seconds(peer), node.memory_info().rss)


class Workers:
    """Processes with ``plan.clients`` clients in all."""

    def __init__(self, plan: Plan) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes = []
        for number in range(WORKERS):
            here, there = context.Pipe()
            process = context.Process(target=work, args=(there, plan, number, WORKERS), daemon=True)
            process.start()
            there.close()
            self._pipes.append(here)
            self._processes.append(process)
        self._answers(START_LIMIT_S)

    def do(self, order: Order) -> Report:
        """What all of them report."""
        for pipe in self._pipes:
            pipe.send(order)
        return Report.of_all(self._answers(order.seconds + START_LIMIT_S))

    def _answers(self, limit: float) -> list[Report]:
        found = []
        for pipe in self._pipes:
            if not pipe.poll(limit):
                raise TimeoutError("the clients do not answer")
            found.append(pipe.recv())
        return found

    def stop(self) -> None:
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                pipe.send(Stop())
        for process in self._processes:
            process.join(20)
            process.kill()


@contextlib.contextmanager
def clients(plan: Plan) -> Iterator[Workers]:
    workers = Workers(plan)
    try:
        yield workers
    finally:
        workers.stop()


@dataclass(frozen=True)
class Phase:
    """An order carried out: what the clients say, and what the nodes needed."""

    report: Report
    asked: float
    """Seconds that it was to last; the rest of ``seconds`` is for what was still under way."""
    seconds: float
    node: float
    peer: float
    submit: float
    """Seconds that the store needed for one, by its own account."""

    @classmethod
    def of(cls, network: Network, workers: Workers, order: Order) -> Phase:
        before, use, began = metrics.read(network[RPC].metrics), Use.of(network), time.monotonic()
        report = workers.do(order)
        passed, after, then = time.monotonic() - began, metrics.read(network[RPC].metrics), Use.of(network)
        submit = metrics.mean(before, after, "sub_statement_store_submit_duration_seconds")
        found = cls(report, order.seconds, passed, then.node - use.node, then.peer - use.peer, submit)
        print(order, found.summary, file=sys.stderr, flush=True)
        return found

    @property
    def summary(self) -> str:
        report = self.report
        return (
            f"{self.seconds:.1f} s, sent {report.sent}, failed {report.failed}, arrived {len(report.waits)}, "
            f"node {self.node:.2f} s, peer {self.peer:.2f} s, clients {report.cpu:.2f} s, "
            f"submit {self.submit * 1e6:.0f} µs, reasons {dict(report.reasons)}"
        )


async def connections_taken(url: str, wanted: int) -> int:
    """Of ``wanted`` at the same time."""
    opened: list[JsonRpc] = []
    try:
        while len(opened) < wanted:
            opened.append(await JsonRpc.open(url))
            await opened[-1].request("system_health")
    except ChainUnavailableError:
        return len(opened)
    finally:
        await asyncio.gather(*(one.close() for one in opened))
    return len(opened)


def latencies(name: str, phase: Phase, target: float | None) -> list[Row]:
    waits = [wait * 1000 for wait in phase.report.waits]
    lost = phase.report.sent - len(waits)
    note = f"{phase.report.sent:,} sent, {lost} did not come"
    return [
        Row(f"{name}: publish → arrival, p50", quantile(waits, 0.5), "ms", target, note=note),
        Row(f"{name}: the same, p95", quantile(waits, 0.95), "ms"),
    ]


def beyond(rest: float, rest_s: float, busy: float, busy_s: float, signals: int) -> float:
    """Milliseconds of CPU for each of ``signals``, without what rest takes in the same time."""
    return (busy - rest / rest_s * busy_s) / signals * 1000


def rows(count: int, memory: float, rest: Phase, load: Phase, flood: Phase) -> list[Row]:
    name, sent = f"{count:,} clients", flood.report.sent
    idle, beside = rest.node / rest.seconds * 100, rest.peer / rest.seconds * 100
    cores = (flood.node + flood.peer + flood.report.cpu) / flood.seconds

    def cpu(what: str, rest_cpu: float, flood_cpu: float) -> Row:
        each = beyond(rest_cpu, rest.seconds, flood_cpu, flood.seconds, sent)
        return Row(f"{name}: CPU of {what} for each signal", each, "ms")

    return [
        Row(f"{name}: memory of the node for each", memory / 1024, "KiB"),
        Row(f"{name}: memory of each", rest.report.memory / count / 1e6, "MB", note="many in one process"),
        Row(f"{name}, idle: CPU of the node", idle, "%", note=f"{beside:.1f} % of the one without clients"),
        Row(f"{name}, idle: CPU of each", rest.report.cpu / rest.seconds / count * 100, "%"),
        *latencies(f"{name}, {load.report.sent / load.seconds:.1f} signals a second", load, 50),
        *latencies(f"{name}, all they can", flood, None),
        Row(
            f"{name}: signals a second",
            len(flood.report.waits) / flood.asked,
            "/s",
            higher_is_better=True,
            note=f"{cores:.1f} cores busy",
        ),
        cpu("the node", rest.node, flood.node),
        cpu("the other node", rest.peer, flood.peer),
        cpu("sender and receiver", rest.report.cpu, flood.report.cpu),
        Row(f"{name}: time in the store for each signal", flood.submit * 1000, "ms"),
    ]


def measure(folder: Path, count: int, quick: bool) -> list[Row]:
    """On a network of its own, so that no store holds what others have left."""
    keys = [DeviceKeys.create() for _ in range(count)]
    allowed = [one.device for one in keys]
    options = ("--rpc-max-connections", str(CONNECTIONS))
    with two_nodes(folder / f"network-{count}", allowed=allowed, rpc_options=options) as network:
        before = Use.of(network)
        plan = Plan(
            network[RPC].url,
            bytes.fromhex(network.addresses().genesis[2:]),
            tuple(one.to_bytes() for one in keys),
        )
        with clients(plan) as workers:
            seconds = 10.0 if quick else 60.0
            rest = Phase.of(network, workers, Rest(seconds))
            memory = (Use.of(network).memory - before.memory) / count
            load = Phase.of(network, workers, Load(seconds, RATE * count / WORKERS))
            flood = Phase.of(network, workers, Flood(seconds / 2, min(32, count // WORKERS)))
        found = rows(count, memory, rest, load, flood)
        if count == 10:
            taken = asyncio.run(connections_taken(network["alice"].url, 200))
            found.append(Row("connections that a node takes with its own settings", taken, "of 200"))
        return found


def run(folder: Path, *, quick: bool) -> list[Row]:
    """Each number of clients on a network of its own."""
    allow_files(2 * CONNECTIONS)
    counts: Sequence[int] = (10, 100) if quick else (10, 100, 1_000)
    found = [row for count in counts for row in measure(folder, count, quick)]
    print(f"load {os.getloadavg()}, {CONTACTS} contacts each", file=sys.stderr)
    return found
