"""Who waits for whom."""

from __future__ import annotations

import asyncio

from stardust.signaling.lanes import CAPACITY, Lanes, Turns
from stardust.signaling.port import Arrival
from stardust.wire.ids import DeviceId

ALICE = DeviceId(bytes([1]) * 32)


async def test_what_has_a_sender_comes_first() -> None:
    lanes = Lanes()
    for arrival in (Arrival(b"stranger"), Arrival(b"one", ALICE), Arrival(b"two", ALICE)):
        assert lanes.put(arrival)
    assert [(await lanes.get()).envelope for _ in range(3)] == [b"one", b"two", b"stranger"]


def test_a_full_lane_leaves_the_other_open() -> None:
    lanes = Lanes()
    assert [lanes.put(Arrival(b"x")) for _ in range(CAPACITY + 1)][-2:] == [True, False]
    assert lanes.put(Arrival(b"y", ALICE))


async def test_queues_take_turns_and_are_bounded() -> None:
    turns: Turns[int] = Turns()
    assert [turns.put("a", number) for number in range(CAPACITY + 1)][-1] is False
    turns.put("b", 1000)
    turns.put("b", 1001)
    assert [await turns.get() for _ in range(5)] == [0, 1000, 1, 1001, 2]


async def test_who_waits_is_woken() -> None:
    lanes, turns = Lanes(), Turns[int]()
    waiting = asyncio.gather(lanes.get(), turns.get())
    await asyncio.sleep(0)
    lanes.put(Arrival(b"x"))
    turns.put("a", 1)
    assert list(await waiting) == [Arrival(b"x"), 1]
