"""Two daemons and ``stardust rendezvous serve``, each a process: no signal stands on chain."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stardust.api.calls import MessagesSend, SystemStatus
from stardust.api.events import MessageReceived, MessageStateChanged
from tests.e2e.daemon import Person, befriend, signals_on_chain, until
from tests.e2e.devchain import DevChain
from tests.fixtures.rendezvous import Serving, serving

pytestmark = [pytest.mark.chain, pytest.mark.timeout(180)]


@pytest.fixture
async def server() -> AsyncIterator[tuple[Serving, str]]:
    """The process and its ``ws://HOST:PORT``."""
    async with serving("--listen", "127.0.0.1:0", "--json") as run:
        yield run, json.loads(await run.line())["at"]


@pytest.fixture
async def people(
    devchain: DevChain, server: tuple[Serving, str], tmp_path: Path
) -> AsyncIterator[tuple[Person, Person]]:
    """Each other's contacts."""
    alice = Person.create("Alice", tmp_path / "alice", devchain.url)
    bob = Person.create("Bob", tmp_path / "bob", devchain.url)
    try:
        for person in (alice, bob):
            with (person.home / "config.toml").open("a") as config:
                config.write(f'\n[signaling]\nrendezvous = ["{server[1]}"]\n')
            await person.up()
            await person.login()
        await befriend(alice, bob)
        yield alice, bob
    finally:
        await alice.down()
        await bob.down()


async def test_people_meet_talk_and_find_each_other_again(
    people: tuple[Person, Person], server: tuple[Serving, str]
) -> None:
    alice, bob = people
    run, address = server
    arrivals = await alice.client.subscribe(MessageReceived)
    await bob.client.call(MessagesSend("Alice", "hello"))
    assert (await until(arrivals, MessageReceived)).message.body == "hello"
    assert [await signals_on_chain(person) for person in people] == [0, 0]
    await bob.kill()
    waiting = await alice.client.call(MessagesSend("Bob", "while you were away"))
    states = await alice.client.subscribe(MessageStateChanged)
    await bob.up()
    await until(states, MessageStateChanged, id=waiting.id, state="delivered")
    way = next(one for one in (await alice.client.call(SystemStatus())).transports if one.usable)
    assert way.name == "rendezvous"
    assert address in way.detail
    assert await run.end(signal.SIGTERM) == 0
    assert alice.client is not None
    log = "".join(run.log)
    assert "127.0.0.1" not in log.split("listening", 1)[1].split("\n", 1)[1]


async def test_when_the_rendezvous_is_gone_the_chain_carries_the_signals(
    people: tuple[Person, Person], server: tuple[Serving, str]
) -> None:
    alice, bob = people
    run, _ = server
    await run.end(signal.SIGKILL)
    await bob.kill()
    waiting = await alice.client.call(MessagesSend("Bob", "by the chain"))
    states = await alice.client.subscribe(MessageStateChanged)
    await bob.up()
    await until(states, MessageStateChanged, id=waiting.id, state="delivered", within=120)
    assert sum([await signals_on_chain(person) for person in people]) > 0
