"""How many calls a block takes: by the runtime's weights, and on one validator with a full pool."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from substrateinterface import SubstrateInterface

from bench import metrics
from bench.crowd import Crowd, Member, without_work
from bench.networks import two_nodes
from bench.pallet_state import envelope
from bench.table import Row, cpu_seconds
from network.local import RPC, Network
from stardust.chain.records import hexed

PEOPLE = 1_000
EACH = {"send_signaling": 3, "heartbeat": 3}
"""Calls of each: an allowance begins with 16, a pool takes 8,192 and 20 MiB."""
AT_ONCE = 100


@dataclass(frozen=True)
class Limits:
    """What ordinary calls may take of a block. ``weight`` and ``base``: picoseconds; ``length``: bytes."""

    weight: int
    base: int
    length: int

    @classmethod
    def of(cls, url: str) -> Limits:
        chain = SubstrateInterface(url=url)
        try:
            weights = chain.get_constant("System", "BlockWeights").value["per_class"]["normal"]
            lengths = chain.get_constant("System", "BlockLength").value
        finally:
            chain.close()
        return cls(
            weights["max_total"]["ref_time"],
            weights["base_extrinsic"]["ref_time"],
            lengths["max"]["normal"],
        )

    def calls(self, weight: int, size: int) -> tuple[int, str]:
        """How many of this weight and size fit into a block, and what they fill."""
        by_weight, by_length = self.weight // (weight + self.base), self.length // size
        return (by_length, "bytes") if by_length < by_weight else (by_weight, "weight")


def kinds(member: Member, other: Member, genesis: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Signed calls, each as large as it usually is."""
    cid = hexed(bytes(36))
    payload = hexed(envelope(member, other, genesis))
    yield "send_signaling", {"to": other.device, "kind": "Offer", "payload": payload}
    yield "clear_signaling", {"up_to": 1}
    yield "heartbeat", {}
    yield "go_offline", {}
    yield "renew", {}
    yield "set_profile", {"profile": hexed(bytes(200))}
    yield "register_peer_info", {"info": hexed(bytes(64))}
    yield "notify_offline_message", {"to": other.account, "cid": cid}
    yield "clear_notifications", {"up_to": 1}
    yield "set_chat_backup", {"cid": cid, "sequence": 1, "digest": hexed(bytes(32))}
    yield "clear_chat_backup", {}
    yield "block_user", {"account": other.account}
    yield "unblock_user", {"account": other.account}
    yield "revoke_device", {"device": member.device}
    yield "deregister", {}


async def by_weight(crowd: Crowd, limits: Limits) -> list[Row]:
    member, other = crowd.members[:2]
    extrinsics = {"register": crowd.registration(member)}
    await crowd.renew()
    for name, arguments in kinds(member, other, crowd.connection.genesis):
        extrinsics[name] = crowd.signed(member, name, **arguments)
    rows = []
    for name, extrinsic in extrinsics.items():
        info = await crowd.connection.rpc.request("payment_queryInfo", hexed(extrinsic))
        weight = int(info["weight"]["ref_time"])
        count, what = limits.calls(weight, len(extrinsic))
        rows.append(
            Row(
                f"`{name}`: calls in a block",
                count,
                "calls",
                note=f"{(weight + limits.base) / 1e6:.0f} µs, {len(extrinsic):,} bytes; {what} ends it",
            )
        )
    return rows


def fill(crowd: Crowd, name: str) -> list[bytes]:
    """Signed calls, those of one member one after the other. Nobody sends to the same device twice."""
    made = []
    for turn in range(1, EACH[name] + 1):
        for place, member in enumerate(crowd.members):
            arguments: dict[str, Any] = {}
            if name == "send_signaling":
                other = crowd.members[(place + turn) % len(crowd.members)]
                payload = hexed(envelope(member, other, crowd.connection.genesis))
                arguments = {"to": other.device, "kind": "Offer", "payload": payload}
            made.append(crowd.signed(member, name, **arguments))
            member.nonce += 1
    return made


@dataclass(frozen=True)
class Block:
    """``calls`` without the timestamp; seconds to make it, and to import it on the other node; why the
    validator took no more."""

    calls: int
    made: float
    imported: float
    end: str


class Watch:
    """Sees each block once it is imported on the other node."""

    def __init__(self, network: Network) -> None:
        self._maker, self._other = network["alice"], network[RPC]
        self._seen = self._other.best()
        self._before = self._metrics()

    def _metrics(self) -> tuple[metrics.Metrics, metrics.Metrics]:
        return metrics.read(self._maker.metrics), metrics.read(self._other.metrics)

    def next(self) -> list[Block]:
        """Waits for it. Of blocks that came at once, which a node does that is behind, the times are
        those of one on average."""
        while (best := self._other.best()) == self._seen:
            time.sleep(0.1)
        counts = []
        for number in range(self._seen + 1, best + 1):
            hash_ = self._other.ask("chain_getBlockHash", number)
            counts.append(len(self._other.ask("chain_getBlock", hash_)["block"]["extrinsics"]) - 1)
        before, after = self._before, self._metrics()
        self._seen, self._before = best, after
        made = metrics.mean(before[0], after[0], "proposer_block_proposal_time")
        imported = metrics.mean(before[1], after[1], "block_verification_and_import_time")
        reason = _reason(before[0], after[0])
        return [Block(calls, made, imported, reason) for calls in counts]


def _reason(before: metrics.Metrics, after: metrics.Metrics) -> str:
    """Why the last blocks ended, in the node's words."""
    name = "proposer_end_proposal_reason"
    grown = [key for key in after if key.startswith(name) and metrics.since(before, after, key) > 0]
    return ", ".join(key.split(chr(34))[1] for key in grown)


async def hand_over(crowd: Crowd, extrinsics: list[bytes]) -> float:
    """Calls a second that the pool lets in."""
    request = crowd.connection.rpc.request
    began = time.perf_counter()
    for at in range(0, len(extrinsics), AT_ONCE):
        batch = extrinsics[at : at + AT_ONCE]
        await asyncio.gather(*(request("author_submitExtrinsic", hexed(one)) for one in batch))
    return len(extrinsics) / (time.perf_counter() - began)


async def full_blocks(network: Network, crowd: Crowd, name: str) -> list[Row]:
    """Of nothing but this call."""
    await crowd.renew()
    extrinsics = fill(crowd, name)
    watch = await asyncio.to_thread(Watch, network)
    nodes = [psutil.Process(network[one].pid) for one in ("alice", RPC)]
    before = [cpu_seconds(node) for node in nodes]
    handing = asyncio.create_task(hand_over(crowd, extrinsics))
    found: list[Block] = []
    while sum(block.calls for block in found) < len(extrinsics):
        fresh = await asyncio.to_thread(watch.next)
        print(name, fresh, file=sys.stderr, flush=True)
        found += fresh
    rate = await handing
    made, imported = (
        (cpu_seconds(node) - was) / len(extrinsics) * 1000 for node, was in zip(nodes, before, strict=True)
    )
    full = max(found, key=lambda block: (block.calls, -block.made))
    return [
        Row(f"`{name}`: calls in a block, pool full", full.calls, "calls", note=f"ended by {full.end}"),
        Row("the same: to make the block", full.made * 1000, "ms"),
        Row("the same: to import it elsewhere", full.imported * 1000, "ms"),
        Row("the same: into the pool", rate, "calls/s", higher_is_better=True),
        Row("the same: CPU of the validator for each, pool and block", made, "ms"),
        Row("the same: CPU of the other node for each, pool and block", imported, "ms"),
    ]


async def measure(network: Network, people: int) -> list[Row]:
    maker = network["alice"].url
    limits = await asyncio.to_thread(Limits.of, maker)
    async with Crowd.on(maker, people) as crowd:
        rows = await by_weight(crowd, limits)
        for name in ("send_signaling", "heartbeat"):
            rows += await full_blocks(network, crowd, name)
    return rows


def run(folder: Path, *, quick: bool) -> list[Row]:
    """One validator with the chain's own slots."""
    with two_nodes(folder / "network", change=without_work) as network:
        return asyncio.run(measure(network, 100 if quick else PEOPLE))
