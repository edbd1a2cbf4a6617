"""SIGKILL at any moment loses nothing, repeats nothing, and keeps the order of each sender."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from stardust.api.calls import MessagesSend
from stardust.errors import StardustError
from tests.e2e.daemon import Person
from tests.e2e.test_faults import arrived, no_traceback

pytestmark = [pytest.mark.chain, pytest.mark.timeout(300)]

MESSAGES = 500
KILLS = 6
BURST = 10
PACE_S = 0.1
"""Seconds for a message of each side, on average: bursts of up to ``BURST``, and silence in between."""
AROUND_A_KILL_S = 0.1
"""At most; no silence then."""


@dataclass
class Talk:
    """Both write until ``MESSAGES`` were taken by their daemons and ``enough`` is said. A daemon that is
    down takes none, and one that is killed may have taken what it did not answer."""

    people: tuple[Person, Person]
    chance: random.Random
    tried: dict[str, list[str]] = field(default_factory=dict)
    answered: dict[str, list[str]] = field(default_factory=dict)
    enough: bool = False
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    """One word after the other, for as long as it is set."""
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def count(self) -> int:
        return sum(map(len, self.answered.values()))

    async def reached(self, count: int) -> None:
        while self.count < count:
            self._more.clear()
            await self._more.wait()

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Returns once both have ended."""
        async with asyncio.TaskGroup() as writers:
            for sender, receiver in (self.people, self.people[::-1]):
                writers.create_task(self._write(sender, receiver.name))
            yield
            self.enough = True

    async def _write(self, sender: Person, receiver: str) -> None:
        tried = self.tried.setdefault(sender.name, [])
        answered = self.answered.setdefault(sender.name, [])
        while not (self.enough and self.count >= MESSAGES):
            burst = self.chance.randint(1, BURST)
            for _ in range(burst):
                if not sender.running:
                    break
                body = f"{sender.name} {len(tried)}"
                tried.append(body)
                try:
                    await sender.client.call(MessagesSend(receiver, body))
                except StardustError:
                    break
                answered.append(body)
                self._more.set()
            else:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(burst * PACE_S * 2 * self.chance.random()):
                        await self.hurry.wait()
                continue
            await asyncio.sleep(PACE_S)  # it is down


@pytest.mark.parametrize("seed", [1])
async def test_kills_at_random_points_lose_and_repeat_nothing(
    friends: tuple[Person, Person], seed: int
) -> None:
    chance = random.Random(seed)
    talk = Talk(friends, random.Random(seed))
    async with talk.going_on():
        for number in sorted(chance.sample(range(20, MESSAGES - 20), KILLS)):
            await talk.reached(number)
            talk.hurry.set()
            await asyncio.sleep(chance.random() * AROUND_A_KILL_S)
            victim = chance.choice(friends)
            await victim.kill()
            talk.hurry.clear()
            await victim.up()
    alice, bob = friends
    for sender, receiver in (alice, bob), (bob, alice):
        tried, answered = talk.tried[sender.name], talk.answered[sender.name]
        kept = [m.body for m in await sender.messages(receiver.name) if m.state != "received"]
        assert set(answered) <= set(kept)
        assert kept == [body for body in tried if body in set(kept)]  # in order, and none twice
        assert await arrived(receiver, sender, len(kept)) == kept
    no_traceback(alice, bob)


async def test_a_kill_in_the_middle_of_a_call_stores_the_message_or_says_no(
    friends: tuple[Person, Person],
) -> None:
    alice, bob = friends
    answered: list[str] = []

    async def write(number: int) -> None:
        with contextlib.suppress(StardustError):
            answered.append((await alice.client.call(MessagesSend("Bob", f"No {number}"))).id)

    writing = [asyncio.create_task(write(number)) for number in range(60)]
    await asyncio.sleep(0.03)
    await alice.kill()
    await asyncio.gather(*writing)
    await alice.up()
    kept = [message.id for message in await alice.messages("Bob")]
    assert set(answered) <= set(kept)
    await arrived(bob, alice, len(kept))
    assert [message.id for message in await bob.messages("Alice")] == kept
