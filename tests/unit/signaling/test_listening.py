from __future__ import annotations

import asyncio

from stardust.signaling.listening import MAX_LISTENED, Listened
from stardust.wire.ids import DeviceId


def device(number: int) -> DeviceId:
    return DeviceId(number.to_bytes(32, "big"))


def test_it_is_bounded_and_the_first_count() -> None:
    listened = Listened(device(number) for number in range(MAX_LISTENED + 10))
    assert listened.devices == {device(number) for number in range(MAX_LISTENED)}


async def test_everybody_who_waits_is_told_of_a_change() -> None:
    listened = Listened([device(1)])
    waiting = [asyncio.create_task(listened.changed(listened.devices)) for _ in range(2)]
    await asyncio.sleep(0)
    listened.replace([device(1)])
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    listened.replace([device(2)])
    assert await asyncio.gather(*waiting) == [{device(2)}, {device(2)}]


async def test_who_comes_late_is_told_at_once() -> None:
    listened = Listened([device(1)])
    assert await listened.changed(frozenset()) == {device(1)}
