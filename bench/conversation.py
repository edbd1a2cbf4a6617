"""A conversation of 1,000 messages on a network: what of it reaches the chain. Nothing should.

Two daemons with light clients write to each other in turns, over some fifty blocks. Before and after,
every key and value of the pallet is read, every block's extrinsics, and what the daemons say they have
called.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from bench import pallet
from bench.networks import final, two_nodes
from bench.people import SEEN, two_friends
from bench.table import Row, quantile
from demo.ledger import Ledger, read
from demo.person import Person, say
from network.local import RPC, Network
from stardust.api.calls import ChainCallsMade

MESSAGES = 1_000
PAUSE_S = 0.3
"""Between two messages, so that the conversation lasts as long as a presence on chain does."""
MARK = "words that nobody else says"
INHERENT = "Timestamp.set"


@dataclass(frozen=True)
class Look:
    """At the chain, as of its last final block. ``state``: without what every block writes."""

    block: int
    state: pallet.State
    ledger: Ledger

    @classmethod
    def at(cls, network: Network) -> Look:
        node = network[RPC]
        hash_ = str(node.ask("chain_getFinalizedHead"))
        block = int(node.ask("chain_getHeader", hash_)["number"], 16)
        state = pallet.but_clock(pallet.read(node.ask, hash_))
        return cls(block, state, read(node.url, [MARK.encode()]))

    @property
    def calls(self) -> int:
        """Extrinsics that somebody has sent."""
        return sum(kind.count for name, kind in self.ledger.kinds.items() if name != INHERENT)

    @property
    def fees(self) -> int:
        return sum(kind.fees for kind in self.ledger.kinds.values())


async def quiet(network: Network) -> Look:
    """Once nothing of how they have met waits to expire: two looks some blocks apart are the same."""
    look = await asyncio.to_thread(Look.at, network)
    while True:
        await asyncio.to_thread(final, network, look.block + 3)
        before, look = look, await asyncio.to_thread(Look.at, network)
        if look.state == before.state and look.calls == before.calls:
            return look


async def calls_made(*people: Person) -> int:
    """As their daemons count them."""
    return sum([len((await person.api.call(ChainCallsMade())).calls) for person in people])


async def talk(alice: Person, bob: Person, count: int, pause_s: float) -> list[float]:
    """Seconds of each message until it is delivered."""
    waits = []
    for number in range(count):
        sender, receiver = (alice, bob) if number % 2 == 0 else (bob, alice)
        waits.append((await say(sender, receiver, f"{MARK}, {number}")).took_s)
        await asyncio.sleep(pause_s)
    return waits


async def measure(folder: Path, network: Network, quick: bool) -> list[Row]:
    count = 50 if quick else MESSAGES
    node, more = network[RPC].url, ("--network", str(network.light_spec))
    async with two_friends(folder, (node, node), *more, config=SEEN) as (alice, bob):
        await say(alice, bob, "hello")
        before, made = await quiet(network), await calls_made(alice, bob)
        began = time.monotonic()
        waits = await talk(alice, bob, count, PAUSE_S)
        minutes = (time.monotonic() - began) / 60
        made = await calls_made(alice, bob) - made
        await asyncio.to_thread(final, network, network[RPC].best())
        after = await asyncio.to_thread(Look.at, network)
    changed = sum(
        before.state.get(key) != after.state.get(key) for key in before.state.keys() | after.state.keys()
    )
    same = pallet.digest(before.state) == pallet.digest(after.state)
    assert same == (changed == 0)
    note = f"{pallet.digest(after.state)[:16]}…, {len(after.state)} keys, {pallet.size(after.state):,} bytes"
    length = f"{after.block - before.block} blocks, {minutes:.1f} min, presence: {SEEN.split()[-1]}"
    return [
        Row(f"{count:,} messages both ways: calls of the daemons", made, "calls", 0, note=length),
        Row("the same: extrinsics in the blocks", after.calls - before.calls, "calls", 0),
        Row("the same: fees", after.fees - before.fees, "planck", 0),
        Row("the same: blocks with words of it", after.ledger.with_messages.count, "calls", 0),
        Row("the same: entries of the pallet's state that changed", changed, "keys", 0, note=note),
        Row("the same: send → delivered, p50", quantile(waits, 0.5) * 1000, "ms"),
    ]


def run(folder: Path, *, quick: bool) -> list[Row]:
    """On a network with its own 6 s blocks."""
    with two_nodes(folder / "network") as network:
        return asyncio.run(measure(folder, network, quick))
