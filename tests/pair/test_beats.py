"""Two devices and what carries beats between them: loss, disorder, and people who mean harm."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Literal

import pytest

from stardust.identity.devices import DeviceKeys
from stardust.signaling import presence, sightings
from stardust.signaling.beats import NONCE, SEALED, open_beat, seal_beat
from stardust.signaling.followed import Followed
from stardust.signaling.presence import BEATS_AT_ONCE, PresenceService, Sighting
from stardust.signaling.topics import beat_topic, epoch_of
from stardust.wire.presence import Beat
from tests.fakes.beats import Air, FakeBeatTransport
from tests.unit.identity.helpers import GENESIS


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same times, shorter; no limit of beats where the test is about something else."""
    monkeypatch.setattr(presence, "EVERY_S", 0.1)
    monkeypatch.setattr(sightings, "GONE_AFTER_S", 1.5)
    monkeypatch.setattr(presence, "BEATS_PER_S", 1000.0)


@dataclass
class Device:
    keys: DeviceKeys
    service: PresenceService
    key: bytes

    def __post_init__(self) -> None:
        self._news = self.service.sightings()
        self.service.start()

    def follows(self, *others: Device) -> None:
        self.service.follow({other.keys.device: other.key for other in others})

    async def sees(self, other: Device, *, here: bool) -> None:
        async with asyncio.timeout(20):
            assert await anext(self._news) == Sighting(other.keys.device, here)

    async def sees_nothing(self, within: float = 0.5) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(within):
                await anext(self._news)
        self._news = self.service.sightings()  # the old one ended with the waiting

    def beat(self, state: Literal["here", "gone"] = "here", *, off_s: float = 0, key: bytes = b"") -> bytes:
        """Of this device, made by hand."""
        at = int((time.time() + off_s) * 1000)
        return seal_beat(Beat(at, state), self.keys, key or self.key, GENESIS, os.urandom(NONCE))

    @property
    def topic(self) -> bytes:
        return beat_topic(self.key, epoch_of(time.time()), FakeBeatTransport.name)


Make = Callable[[], Device]


@pytest.fixture
def air() -> Air:
    return Air()


@pytest.fixture
async def make(air: Air) -> AsyncIterator[Make]:
    async with AsyncExitStack() as stack:

        def new() -> Device:
            keys, followed = DeviceKeys.create(), Followed()
            service = PresenceService(lambda: GENESIS, keys, [FakeBeatTransport(air, followed)], followed)
            stack.push_async_callback(service.close)
            return Device(keys, service, os.urandom(32))

        yield new


async def test_who_has_the_key_sees_a_device_come_and_go(make: Make) -> None:
    alice, bob, eve = make(), make(), make()
    alice.follows(bob)
    eve.service.follow({bob.keys.device: os.urandom(32)})
    bob.service.announce(bob.key)
    await alice.sees(bob, here=True)
    await bob.service.goodbye()
    await alice.sees(bob, here=False)
    await eve.sees_nothing(0.1)


async def test_nothing_is_sent_before_somebody_may_see_it(make: Make, air: Air) -> None:
    bob = make()
    await asyncio.sleep(0.3)
    await bob.service.goodbye()
    assert air.sent == []


async def test_who_ends_without_a_word_is_gone_in_a_while(make: Make) -> None:
    alice, bob = make(), make()
    alice.follows(bob)
    bob.service.announce(bob.key)
    await alice.sees(bob, here=True)
    await bob.service.close()
    await alice.sees(bob, here=False)


async def test_lost_late_and_disordered_beats_make_nobody_come_and_go(make: Make, air: Air) -> None:
    chance = random.Random(7)
    air.lose = lambda: chance.random() < 0.3
    air.late_s = lambda: chance.random() * 0.3
    alice, bob = make(), make()
    alice.follows(bob)
    bob.service.announce(bob.key)
    await alice.sees(bob, here=True)
    await alice.sees_nothing(3.0)
    air.lose = lambda: False
    await bob.service.goodbye()
    await alice.sees(bob, here=False)
    await alice.sees_nothing(0.5)  # beats that were still on their way


async def test_what_was_recorded_changes_nothing_when_it_is_played_again(make: Make, air: Air) -> None:
    alice, bob = make(), make()
    alice.follows(bob)
    bob.service.announce(bob.key)
    await alice.sees(bob, here=True)
    await asyncio.sleep(0.3)
    recorded = tuple(air.sent)
    await bob.service.goodbye()
    await alice.sees(bob, here=False)
    for sealed in recorded:
        air.play(bob.topic, sealed)
    await alice.sees_nothing()


async def test_altered_foreign_old_and_future_beats_change_nothing(make: Make, air: Air) -> None:
    alice, bob, carol = make(), make(), make()
    alice.follows(bob)
    good = bob.beat()
    hostile = [
        b"",
        bytes(SEALED),
        good[:-1] + bytes([good[-1] ^ 1]),
        bob.beat(key=os.urandom(32)),
        carol.beat(key=bob.key),
        bob.beat(off_s=-1100),
        bob.beat(off_s=1000),
    ]
    for sealed in hostile:
        air.play(bob.topic, sealed)
    await alice.sees_nothing()
    air.play(bob.topic, bob.beat())
    await alice.sees(bob, here=True)
    for sealed in (*hostile, carol.beat("gone", key=bob.key), bob.beat("gone", off_s=-5)):
        air.play(bob.topic, sealed)
    await alice.sees_nothing()


async def test_who_passes_off_anothers_key_as_their_own_hides_nobody(make: Make) -> None:
    alice, bob, eve = make(), make(), make()
    alice.service.follow(
        {bob.keys.device: bob.key, eve.keys.device: bob.key}  # as Eve says, who is Bob's contact too
    )
    bob.service.announce(bob.key)
    await alice.sees(bob, here=True)
    await bob.service.goodbye()
    await alice.sees(bob, here=False)
    await alice.sees_nothing(0.1)


async def test_a_flood_under_a_topic_is_not_looked_at(
    make: Make, air: Air, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = 0
    opened = open_beat

    def counted(*given: object) -> Beat:
        nonlocal looked
        looked += 1
        return opened(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(presence, "open_beat", counted)
    monkeypatch.setattr(presence, "BEATS_PER_S", 0.0)
    alice, bob, carol = make(), make(), make()
    alice.follows(bob, carol)
    for _ in range(1000):
        air.play(bob.topic, bytes(SEALED))
    carol.service.announce(carol.key)
    await alice.sees(carol, here=True)
    assert looked <= 2 * BEATS_AT_ONCE


async def test_junk_of_one_server_does_not_hide_what_another_brings(
    make: Make, air: Air, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "BEATS_PER_S", 0.0)
    alice, bob = make(), make()
    alice.follows(bob)
    for _ in range(1000):
        air.play(bob.topic, bytes(SEALED), "wss://bad")
    air.play(bob.topic, bob.beat(), "wss://good")
    await alice.sees(bob, here=True)


async def test_after_a_rotation_the_old_key_shows_nothing(make: Make, air: Air) -> None:
    alice, eve, bob = make(), make(), make()
    for one in (alice, eve):
        one.follows(bob)
    bob.service.announce(bob.key)
    for one in (alice, eve):
        await one.sees(bob, here=True)
    bob.key = os.urandom(32)
    bob.service.announce(bob.key)
    alice.follows(bob)
    await eve.sees(bob, here=False)
    await eve.sees_nothing()
    await alice.sees_nothing(0.1)


async def test_who_is_not_followed_any_more_is_gone_at_once(make: Make) -> None:
    alice, bob = make(), make()
    alice.follows(bob)
    bob.service.announce(bob.key)
    await alice.sees(bob, here=True)
    alice.follows()
    await alice.sees(bob, here=False)
    await alice.sees_nothing()


async def test_while_no_beat_can_be_sent_it_is_said_why(
    make: Make, air: Air, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "AGAIN_S", 0.05)
    air.closed = True
    alice, bob = make(), make()
    alice.follows(bob)
    bob.service.announce(bob.key)
    await alice.sees_nothing(0.2)
    assert (bob.service.way, bob.service.problem) == (None, "There is no air.")
    air.closed = False
    await alice.sees(bob, here=True)
    assert (bob.service.way, bob.service.problem) == ("air", "")
