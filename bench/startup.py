"""How long a person waits for the command and the daemon, and what an idle daemon needs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.people import dev_chain, introduce, new_person
from bench.table import Row, cpu_seconds, quantile
from demo.person import STARDUST, Person, say
from stardust.api.calls import ChatsOpen, SystemStatus

CONTACTS = 20
IDLE_S = 60.0


def timed(command: list[str], times: int) -> float:
    """Median seconds of running ``command``."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        took.append(time.perf_counter() - began)
    return quantile(took, 0.5)


async def restart(person: Person) -> float:
    """Seconds from nothing to an answering daemon."""
    await person.down()
    began = time.perf_counter()
    await person.up()
    return time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Idle:
    """Seconds until ready; megabytes and percent of a core, before the first link and with one open."""

    ready: float
    memory: float
    cpu: float
    linked_memory: float
    linked_cpu: float


async def watch(person: Person, quick: bool) -> tuple[float, float]:
    """Megabytes and percent of a core of a daemon that is left alone."""
    process = psutil.Process((await person.api.call(SystemStatus())).pid)
    await asyncio.sleep(2 if quick else 20)
    before = cpu_seconds(process)
    await asyncio.sleep(2 if quick else IDLE_S)
    used = (cpu_seconds(process) - before) / (2 if quick else IDLE_S)
    return process.memory_info().rss / 1e6, used * 100


async def idle(folder: Path, quick: bool) -> Idle:
    """With ``CONTACTS`` contacts."""
    count = 2 if quick else CONTACTS
    async with dev_chain(folder) as chain:
        alice = await new_person("alice", folder, chain.url)
        try:
            for number in range(count):
                guest = await new_person(f"guest{number}", folder, chain.url)
                await introduce(alice, guest)
                await guest.down()
            ready = [await restart(alice) for _ in range(2 if quick else 5)]
            memory, cpu = await watch(alice, quick)
            await guest.up()
            try:
                await alice.api.call(ChatsOpen(guest.name))  # so that the link stays
                await say(alice, guest, "open the link")
                linked = await watch(alice, quick)
                assert any(link.state == "open" for link in (await alice.api.call(SystemStatus())).links)
            finally:
                await guest.down()
            return Idle(quantile(ready, 0.5), memory, cpu, *linked)
        finally:
            await alice.down()


def run(folder: Path, *, quick: bool) -> list[Row]:
    """Command, daemon and idle figures."""
    times = 3 if quick else 15
    bare = timed([sys.executable, "-I", "-c", "pass"], times)
    command = timed([STARDUST, "--help"], times)
    found = asyncio.run(idle(folder, quick))
    note = f"{os.cpu_count()} cores"
    return [
        Row("`stardust --help`", command, "s", 0.3, floor=bare, floor_name="bare interpreter"),
        Row("daemon ready (`stardust up`)", found.ready, "s", 1.5, note=note),
        Row(f"idle memory, {CONTACTS} contacts", found.memory, "MB", 120),
        Row("the same with a link open", found.linked_memory, "MB", 120),
        Row(f"idle CPU, {CONTACTS} contacts", found.cpu, "%", 1.0),
        Row("the same with a link open", found.linked_cpu, "%", 1.0),
    ]
