"""Whole daemons in one process: who sees whom, and that nothing of it stands on chain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from stardust.api.calls import (
    ChainCallsMade,
    ContactsAdd,
    ContactsBlock,
    ContactsGet,
    ContactsUnblock,
    IdentityRevokeDevice,
    IdentityWhoami,
    PresenceListed,
    SystemDoctor,
    SystemStatus,
)
from stardust.api.client import Client
from stardust.daemon.config import Announced, Config, PresenceConfig
from stardust.signaling import presence, sightings
from stardust.wire.ids import DeviceId
from tests.fakes.daemons import PASSPHRASE, Person, World, befriend, person, until


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same times, shorter."""
    monkeypatch.setattr(presence, "EVERY_S", 0.1)
    monkeypatch.setattr(presence, "BEATS_PER_S", 1000.0)
    monkeypatch.setattr(sightings, "GONE_AFTER_S", 2.0)


@dataclass
class Side:
    daemon: Person
    client: Client

    async def sees(self, name: str, *, here: bool) -> None:
        async def seen() -> bool:
            return (await self.client.call(ContactsGet(name))).online == here

        await until(seen)

    async def calls(self) -> list[str]:
        return [one.call for one in (await self.client.call(ChainCallsMade())).calls]

    def goes_dark(self) -> None:
        """No links any more: what is seen from now on is by beats."""
        self.daemon.world.board.cut_off(self.device)

    @property
    def device(self) -> DeviceId:
        assert self.daemon.app is not None
        return self.daemon.app._keys.device

    @property
    def key(self) -> bytes | None:
        """The presence key under which it beats."""
        assert self.daemon.app is not None
        return self.daemon.app._core.presence._key

    @property
    def followed(self) -> list[bytes]:
        """The presence keys of those whose beats it follows."""
        assert self.daemon.app is not None
        return list(self.daemon.app._core.presence._followed.keys.values())

    async def again(self, announce: Announced | None = None) -> None:
        """Stops and starts."""
        await self.client.close()
        await self.daemon.stop()
        if announce is not None:
            self.daemon.config = announcing(announce)
        self.client = await self.daemon.start()


def announcing(to: Announced) -> Config:
    return Config(presence=PresenceConfig(to))


class Stage:
    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self.world = World()
        self._folder, self._stack = folder, stack

    async def enter(self, name: str, announce: Announced = "contacts") -> Side:
        made = person(self.world, self._folder / name, name, config=announcing(announce))
        return Side(*await self._stack.enter_async_context(made))

    async def friends(self, announce: Announced = "contacts") -> tuple[Side, Side]:
        alice, bob = await self.enter("Alice"), await self.enter("Bob", announce)
        await befriend(alice.client, bob.client)
        return alice, bob


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        yield Stage(tmp_path, stack)


async def keys_at(side: Side, count: int) -> None:
    """Until the daemon follows so many devices."""

    async def followed() -> bool:
        return len(side.followed) == count

    await until(followed)


async def test_contacts_see_each_other_without_a_link_and_without_a_call(stage: Stage) -> None:
    alice, bob = await stage.friends()
    for side in (alice, bob):
        await keys_at(side, 1)
    before = [await side.calls() for side in (alice, bob)]
    bob.goes_dark()
    await asyncio.sleep(0.5)
    for side, other in ((alice, "Bob"), (bob, "Alice")):
        await side.sees(other, here=True)
        (listed,) = (await side.client.call(PresenceListed())).contacts
        assert (listed.online, listed.link == "open") == (True, False)
    await bob.client.close()
    await bob.daemon.stop()
    await alice.sees("Bob", here=False)
    bob.client = await bob.daemon.start()
    await alice.sees("Bob", here=True)
    assert await alice.calls() == before[0]
    assert await bob.calls() == []
    assert "heartbeat" not in before[0] + before[1]


async def test_who_announces_nothing_is_seen_by_nobody_and_sees_who_does(stage: Stage) -> None:
    alice, bob = await stage.friends("off")
    await keys_at(bob, 1)
    bob.goes_dark()
    await bob.sees("Alice", here=True)
    await alice.sees("Bob", here=False)
    status = await bob.client.call(SystemStatus())
    assert (status.presence, status.presence_detail, status.online) == ("off", "", False)


async def test_status_and_doctor_say_how_presence_is_announced(stage: Stage) -> None:
    alice, bob = await stage.friends("public")
    await keys_at(bob, 1)

    async def announced() -> bool:
        return (await alice.client.call(SystemStatus())).online

    await until(announced)
    told = [await side.client.call(SystemStatus()) for side in (alice, bob)]
    assert [(one.presence, one.presence_detail) for one in told] == [
        ("contacts", "beats, by air"),
        ("public", "heartbeats on the chain"),
    ]
    findings = {one.name: one for one in (await alice.client.call(SystemDoctor())).findings}
    assert findings["presence"].finding == "contacts see that this device is there, by air"
    await alice.again()  # a heartbeat that began before they knew each other is read at the start
    bob.goes_dark()
    await alice.sees("Bob", here=True)
    assert "heartbeat" in await bob.calls()


async def test_somebody_who_was_blocked_sees_nothing_any_more_and_the_others_do(stage: Stage) -> None:
    alice, bob = await stage.friends()
    carol = await stage.enter("Carol")
    await befriend(alice.client, carol.client)
    for side in (bob, carol):
        await keys_at(side, 1)
    first = alice.key
    await alice.client.call(ContactsBlock("Bob"))
    assert first is not None

    async def replaced() -> bool:
        return carol.followed not in ([], [first])

    await until(replaced)
    assert carol.followed == [alice.key]
    for side in (bob, carol):
        side.goes_dark()
    await bob.sees("Alice", here=False)
    await carol.sees("Alice", here=True)
    stage.world.board.reconnect(bob.device)
    await alice.client.call(ContactsUnblock("Bob"))
    await bob.sees("Alice", here=True)


async def test_a_revoked_device_sees_nothing_any_more_and_is_not_seen(stage: Stage) -> None:
    alice, bob = await stage.friends()
    for side in (alice, bob):
        await keys_at(side, 1)
    bob.goes_dark()
    await alice.sees("Bob", here=True)
    first = alice.key
    await bob.client.call(IdentityRevokeDevice(bob.device.hex(), PASSPHRASE))

    async def replaced() -> bool:
        return alice.key != first

    await until(replaced)
    await keys_at(alice, 0)
    await alice.sees("Bob", here=False)
    await bob.sees("Alice", here=False)


async def test_after_it_was_turned_off_the_key_is_taken_back(stage: Stage) -> None:
    alice, bob = await stage.friends()
    await keys_at(alice, 1)
    await bob.again("off")
    await keys_at(alice, 0)
    await bob.again()
    await alice.daemon.stop()
    with alice.daemon.history() as history:
        assert history.presence.keys() == {}
    await bob.daemon.stop()
    with bob.daemon.history() as history:
        own = history.presence.own()
        assert own is not None
        assert own.key is None
        assert history.presence.given() == {}


async def test_a_key_lasts_over_restarts(stage: Stage) -> None:
    alice, bob = await stage.friends()
    await keys_at(alice, 1)
    key = bob.key
    await bob.again()

    async def loaded() -> bool:
        return bob.key is not None

    await until(loaded)
    assert bob.key == key


async def test_a_stranger_whose_request_waits_gets_no_key(stage: Stage) -> None:
    alice, bob = await stage.enter("Alice"), await stage.enter("Bob")
    await alice.client.call(ContactsAdd((await bob.client.call(IdentityWhoami())).address))

    async def asked() -> bool:
        return (await bob.client.call(SystemStatus())).requests == 1

    await until(asked)
    for side in (alice, bob):
        await side.client.close()
        await side.daemon.stop()
        with side.daemon.history() as history:
            assert (history.presence.given(), history.presence.keys()) == ({}, {})
        side.client = await side.daemon.start()
