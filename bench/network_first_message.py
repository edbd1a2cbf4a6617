"""The first message with no link yet on a network: light clients, signals by the statement store."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bench.first_message import SETTLED_S, bare_connection, first_words, linked, restart
from bench.networks import two_nodes, ways
from bench.people import UNSEEN, two_friends
from bench.statements import Bare, Side
from bench.table import Row, quantile
from demo.person import Person, say
from demo.screen import require
from network.local import Network
from stardust.api.calls import ChainCallsMade, SystemStatus

TARGETS = {"one node": 0.7, "two nodes": 2.0}


async def signals_on_chain(*people: Person) -> int:
    """Since their daemons were started."""
    made = [await person.api.call(ChainCallsMade()) for person in people]
    return sum(call.call == "send_signaling" for one in made for call in one.calls)


async def under_way(*people: Person) -> bool:
    """Whether somebody is connecting."""
    seen = [await person.api.call(SystemStatus()) for person in people]
    return any(link.state == "connecting" for status in seen for link in status.links)


async def first_words_after_rest(alice: Person, bob: Person) -> float:
    """Seconds; nothing of an earlier link is under way. The store shows a daemon that was just started
    the offers of the last two minutes, and it answers them."""
    await restart(alice, bob)
    await asyncio.sleep(SETTLED_S)
    while await under_way(alice, bob):  # noqa: ASYNC110
        await asyncio.sleep(0.2)
    require(not await linked(alice), "there is a link already")
    return (await say(alice, bob, "first words")).took_s


async def offer_and_answer(nodes: tuple[str, str], sides: tuple[Side, Side]) -> float:
    """Seconds in which the bare store brings one statement over, and another one back."""
    took = 0.0
    for (here, there), side in zip((nodes, nodes[::-1]), sides, strict=True):
        async with Bare.open((here, there), side.keys) as bare:
            took += await bare.send() or float("inf")
    return took


async def measure(
    folder: Path, network: Network, way: str, sides: tuple[Side, Side], times: int
) -> list[Row]:
    nodes = ways(network)[way]
    more = ("--network", str(network.light_spec))
    on_chain = 0
    async with two_friends(folder, nodes, *more, config=UNSEEN) as (alice, bob):
        # What is left of how they met would bring a link about by itself.
        await say(alice, bob, "hello")
        await say(bob, alice, "hello")
        await asyncio.sleep(SETTLED_S)
        waits = []
        for _ in range(times):
            waits.append(await first_words_after_rest(alice, bob))
            on_chain += await signals_on_chain(alice, bob)
        soon = [await first_words(alice, bob, SETTLED_S) for _ in range(-(-times // 5))]
    store = [await offer_and_answer(nodes, sides) for _ in range(times)]
    connection = [await bare_connection() for _ in range(times)]
    return [
        Row(
            f"first message, no link yet, statement store, {way}, p50",
            quantile(waits, 0.5),
            "s",
            TARGETS[way],
            floor=quantile(store, 0.5) + quantile(connection, 0.5),
            floor_name="two bare statements, bare ICE and DTLS",
        ),
        Row(f"the same, {way}, p95", quantile(waits, 0.95), "s"),
        Row(
            f"the same, {way}, {SETTLED_S:.0f} s after both were started again, p50", quantile(soon, 0.5), "s"
        ),
        Row(f"the same, {way}: signals on chain", on_chain, "calls", 0, note=f"in {times} beginnings"),
    ]


def run(folder: Path, *, quick: bool) -> list[Row]:
    """Both daemons at one node, then each at its own."""
    sides = (Side(), Side())
    rows = []
    with two_nodes(folder / "network", allowed=[side.keys.device for side in sides]) as network:
        for way in ways(network):
            (folder / way).mkdir()
            rows += asyncio.run(measure(folder / way, network, way, sides, 3 if quick else 10))
    return rows
