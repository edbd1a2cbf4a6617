"""What the pallet transport leaves in the state: 1,000 blocks of traffic, then silence.

Sealed envelopes, answers by the pool, blocks every 0.7 s. Half of the people read what comes and
clear it; of the others everything expires. Nobody's calls are more than the allowance gives.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import pallet
from bench.crowd import Crowd, Member, without_work
from bench.networks import two_nodes
from bench.statements import Side
from bench.table import Row
from network.local import RPC, Network
from stardust.chain.records import hexed
from stardust.signaling.envelope import seal

SLOT_MILLIS = 700
"""A validator puts calls into a block for 0.6 of it; a machine that is busy needs that."""
PEOPLE = 24
CALLS_A_BLOCK = 8
"""Of all together: a third of a call for each, where the allowance gives a half."""
STEP = 100
BLOCKS = 1_000
LIFETIME = 100
"""Of a signal, in blocks (docs/chain.md)."""
ALL = 2**63


@dataclass(frozen=True)
class Sample:
    """``block`` counts from the beginning of the traffic."""

    block: int
    keys: int
    size: int


def envelope(sender: Member, receiver: Member, genesis: bytes) -> bytes:
    """2,162 bytes, as the daemon seals them."""
    left, right = Side(sender.person.device), Side(receiver.person.device)
    return seal(left.signal(genesis, right), left.keys, receiver.certified.record)


class Traffic:
    """What people do by calls. The first half is there, the other half away: it never clears anything."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._genesis = crowd.connection.genesis
        self._there = crowd.members[: len(crowd.members) // 2]
        self._acts: tuple[tuple[int, Callable[[Member], Coroutine[Any, Any, object]]], ...] = (
            (50, self._signal),
            (15, self._heartbeat),
            (15, self._clear),
            (8, self._notify),
            (4, self._clear_notices),
            (4, self._go_offline),
            (2, self._profile),
            (2, self._peer_info),
        )

    async def one(self) -> None:
        """A call of anybody."""
        weights = [weight for weight, _ in self._acts]
        ((_, act),) = random.choices(self._acts, weights)
        await act(random.choice(self._crowd.members))

    async def first(self) -> None:
        """What stays with an account once it was used stands there from now on."""
        for member in self._crowd.members:
            for act in (self._heartbeat, self._signal, self._profile, self._peer_info):
                await act(member)

    async def end(self) -> None:
        """Everybody comes back and takes the notices, which would stay for a week; who has used up the
        allowance waits for it."""
        for member in self._crowd.members:
            while not await self._crowd.call(member, "clear_notifications", up_to=ALL):
                await asyncio.sleep(1)
                await self._crowd.renew()

    def _other(self, member: Member) -> Member:
        return random.choice([one for one in self._crowd.members if one is not member])

    async def _signal(self, member: Member) -> None:
        other = self._other(member)
        payload = hexed(envelope(member, other, self._genesis))
        await self._crowd.call(member, "send_signaling", to=other.device, kind="Offer", payload=payload)

    async def _heartbeat(self, member: Member) -> None:
        await self._crowd.call(member, "heartbeat")

    async def _go_offline(self, member: Member) -> None:
        await self._crowd.call(member, "go_offline")

    async def _clear(self, _: Member) -> None:
        await self._crowd.call(random.choice(self._there), "clear_signaling", up_to=ALL)

    async def _notify(self, member: Member) -> None:
        cid = hexed(random.randbytes(36))
        await self._crowd.call(member, "notify_offline_message", to=self._other(member).account, cid=cid)

    async def _clear_notices(self, _: Member) -> None:
        await self._crowd.call(random.choice(self._there), "clear_notifications", up_to=ALL)

    async def _profile(self, member: Member) -> None:
        await self._crowd.call(member, "set_profile", profile=hexed(random.randbytes(200)))

    async def _peer_info(self, member: Member) -> None:
        await self._crowd.call(member, "register_peer_info", info=hexed(random.randbytes(64)))


async def state(network: Network) -> pallet.State:
    """As of the best block."""
    ask = network[RPC].ask
    return await asyncio.to_thread(pallet.read, ask, str(ask("chain_getBlockHash")))


async def blocks_pass(network: Network, count: int) -> None:
    goal = network[RPC].best() + count
    await asyncio.to_thread(network.wait, lambda: network[RPC].best() >= goal, f"block {goal}")


async def run_traffic(network: Network, crowd: Crowd, blocks: int, step: int) -> list[Sample]:
    """Size of the state each ``step`` blocks, the first at once."""
    traffic, node = Traffic(crowd), network[RPC]
    began = await asyncio.to_thread(node.best)
    samples: list[Sample] = []
    passed = made = 0
    while True:
        if passed >= step * len(samples):
            found = await state(network)
            samples.append(Sample(passed, len(found), pallet.size(found)))
            print(samples[-1], dict(pallet.items(found)), file=sys.stderr, flush=True)
        if passed >= blocks:
            return samples
        await crowd.renew()
        # Also for blocks that passed meanwhile, so that the traffic is the same all the time.
        while made < CALLS_A_BLOCK * (passed + 1):
            await traffic.one()
            made += 1
        here = passed
        while (passed := await asyncio.to_thread(node.best) - began) == here:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def measure(network: Network, blocks: int, step: int) -> list[Row]:
    async with Crowd.on(network[RPC].url, PEOPLE) as crowd:
        await crowd.renew()
        await Traffic(crowd).first()
        await crowd.settled()
        await blocks_pass(network, LIFETIME + 10)
        start = await state(network)
        crowd.taken.clear()
        crowd.refused.clear()
        samples = await run_traffic(network, crowd, blocks, step)
        made = dict(crowd.taken)
        await crowd.renew()
        await Traffic(crowd).end()
        await crowd.settled()
        await blocks_pass(network, LIFETIME + 10)
        end = await state(network)
    print(made, dict(pallet.items(start)), dict(pallet.items(end)), file=sys.stderr, flush=True)
    return rows(start, samples, end, sum(made.values()))


def growth(samples: list[Sample]) -> float:
    """% by which the second half of what was seen after the first expiry is larger than the first half."""
    plateau = [sample.size for sample in samples if sample.block > LIFETIME]
    half = len(plateau) // 2
    first, second = plateau[:half], plateau[-half:]
    return (sum(second) / sum(first) - 1) * 100


def rows(start: pallet.State, samples: list[Sample], end: pallet.State, calls: int) -> list[Row]:
    found = [Row("pallet's state before the traffic", pallet.size(start), "bytes", note=f"{len(start)} keys")]
    found += [
        Row(f"the same after {one.block:,} blocks of traffic", one.size, "bytes", note=f"{one.keys} keys")
        for one in samples[1:]
    ]
    waiting = {key for key in end if key not in start and pallet.item(key) == "DeadlineCount"}
    settled = {key: value for key, value in end.items() if key not in waiting}
    note = f"{calls:,} calls in {samples[-1].block:,} blocks"
    week = "until the blocks in which cleared notices would have expired; at most one for each block"
    return [
        *found,
        Row("growth from the first to the second half of the plateau", growth(samples), "%", 5, note=note),
        Row("keys more than before, traffic over and all expired", len(settled) - len(start), "keys", 0),
        Row("bytes more than before", pallet.size(settled) - pallet.size(start), "bytes", 0),
        Row("besides: counters of deadlines", len(waiting), "keys", note=week),
    ]


def run(folder: Path, *, quick: bool) -> list[Row]:
    """One validator, the pool of the node beside it."""
    with two_nodes(folder / "network", slot_millis=SLOT_MILLIS, change=without_work) as network:
        if quick:
            return asyncio.run(measure(network, 250, 50))
        return asyncio.run(measure(network, BLOCKS, STEP))
