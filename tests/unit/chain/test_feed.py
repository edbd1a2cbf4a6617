"""Readers of events."""

from __future__ import annotations

import gc

from stardust.chain.feed import MAX_WAITING, Feed
from stardust.chain.port import ChainEvent, EventKind


def events(first: int, count: int) -> list[ChainEvent]:
    return [ChainEvent(EventKind.USER_ONLINE, n) for n in range(first, first + count)]


async def test_a_reader_gets_what_comes_after_it_and_ends_with_the_feed() -> None:
    feed = Feed()
    feed.put(events(1, 2))
    reader = feed.reader()
    feed.put(events(3, 2))
    feed.close()
    assert [event.block async for event in reader] == [3, 4]


async def test_a_reader_that_is_too_slow_learns_that_it_missed_something() -> None:
    feed = Feed()
    reader = feed.reader()
    feed.put(events(0, MAX_WAITING + 2))
    feed.close()
    got = [event async for event in reader]
    assert [event.kind for event in got] == [EventKind.MISSED, EventKind.USER_ONLINE]


async def test_readers_that_nobody_holds_are_forgotten() -> None:
    feed = Feed()
    feed.reader()
    gc.collect()
    assert not feed._readers
