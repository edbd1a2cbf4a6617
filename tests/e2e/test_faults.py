"""What breaks in a life: processes die, chains go away. Nothing is lost, nothing comes
twice, and what is said is a sentence."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stardust.api.calls import ChatsOpen, MessagesSend, SystemStatus
from stardust.api.client import Client
from stardust.daemon.launch import launch
from stardust.errors import StardustError
from tests.e2e.daemon import PASSPHRASE, Person
from tests.e2e.devchain import DevChain
from tests.e2e.relay import Relay

pytestmark = [pytest.mark.chain, pytest.mark.timeout(300)]

CHAIN_AWAY_S = 60.0
NO_NODE = ("does not answer", "cannot be reached", "is lost")
"""What is said depends on what was asked of the node last."""


def no_traceback(*people: Person) -> None:
    for person in people:
        for log in (person.home / "log").glob("daemon.log*"):
            assert "Traceback" not in log.read_text(errors="replace"), log


async def arrived(receiver: Person, sender: Person, count: int, within: float = 120) -> list[str]:
    """The bodies that ``receiver`` has of ``sender``, once there are ``count``."""
    async with asyncio.timeout(within):
        while True:
            found = [m.body for m in await receiver.messages(sender.name) if m.state == "received"]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.3)


async def test_with_the_chain_away_an_open_link_goes_on_and_status_says_so(
    friends: tuple[Person, Person], devchain: DevChain
) -> None:
    alice, bob = friends
    await alice.client.call(MessagesSend("Bob", "before"))
    await arrived(bob, alice, 1)
    devchain.freeze()
    try:
        await alice.client.call(MessagesSend("Bob", "without a chain"))
        assert await arrived(bob, alice, 2, within=10) == ["before", "without a chain"]
        await asyncio.sleep(CHAIN_AWAY_S)
        told = [await chain_problem(person, True) for person in (alice, bob)]
        for why in told:
            assert devchain.url in why
            assert any(sentence in why for sentence in NO_NODE), why
        await bob.client.call(MessagesSend("Alice", "still here"))
        await arrived(alice, bob, 1, within=10)
    finally:
        devchain.thaw()
    for person in (alice, bob):
        await connected(person, True)
        await chain_problem(person, False)
    no_traceback(alice, bob)


@pytest.fixture
async def relayed(devchain: DevChain, tmp_path: Path) -> AsyncIterator[tuple[Person, Relay]]:
    """Ann, whose way to the chain can be cut and led elsewhere."""
    async with Relay(devchain.port) as relay:
        ann = Person.create("Ann", tmp_path / "ann", relay.url)
        await ann.up()
        try:
            await ann.login()
            yield ann, relay
        finally:
            await ann.down()


async def connected(person: Person, wanted: bool, within: float = 60) -> str | None:
    """Waits for it; what the status says is the problem."""
    async with asyncio.timeout(within):
        while True:
            chain = (await person.client.call(SystemStatus())).chain
            if chain.connected is wanted:
                return chain.problem
            await asyncio.sleep(0.2)


async def chain_problem(person: Person, wanted: bool, within: float = 60) -> str:
    """Waits until the status has, or has not, the problem that no node can be reached; what it says."""
    async with asyncio.timeout(within):
        while True:
            problems = (await person.client.call(SystemStatus())).problems
            found = [one.message for one in problems if one.code == "chain_unavailable"]
            if bool(found) is wanted:
                return " ".join(found)
            await asyncio.sleep(0.2)


async def refused(person: Person, why: str, within: float = 60) -> None:
    """Waits until the daemon has no chain, and says ``why``."""
    async with asyncio.timeout(within):
        while why not in (await connected(person, False) or ""):  # noqa: ASYNC110 - it is asked
            await asyncio.sleep(0.2)


async def test_another_chain_than_the_accounts_is_refused_and_said(
    relayed: tuple[Person, Relay],
) -> None:
    ann, _ = relayed
    await connected(ann, True)
    genesis = (ann.home / "genesis").read_text()
    (ann.home / "genesis").write_text("ab" * 32)  # as if this home belonged to another chain
    await ann.down()
    await ann.up()
    await refused(ann, "another chain")
    await ann.down()
    (ann.home / "genesis").write_text(genesis)
    await ann.up()
    await connected(ann, True)
    no_traceback(ann)


async def test_another_real_chain_at_the_nodes_address_is_refused_and_said(
    relayed: tuple[Person, Relay], devchain: DevChain, tmp_path: Path
) -> None:
    ann, relay = relayed
    await connected(ann, True)
    other = DevChain(tmp_path / "other.log", other=True)
    try:
        await asyncio.to_thread(other.wait)
        await relay.cut()
        relay.lead_to(other.port)
        await relay.mend()
        await refused(ann, "another chain")
        await relay.cut()
        relay.lead_to(devchain.port)
        await relay.mend()
        await connected(ann, True)
        no_traceback(ann)
    finally:
        other.stop()


async def unlinked(person: Person, within: float) -> None:
    """Waits until no link is open."""
    async with asyncio.timeout(within):
        while True:
            links = (await person.client.call(SystemStatus())).links
            if all(link.state != "open" for link in links):
                return
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_peer_that_is_gone_is_noticed_long_before_webrtc_does(
    friends: tuple[Person, Person], how: signal.Signals
) -> None:
    """Our heartbeat gives up after 7 s of silence, aiortc after 30 at the earliest."""
    alice, bob = friends
    await alice.client.call(MessagesSend("Bob", "there?"))
    await arrived(bob, alice, 1)
    process = bob.process()
    process.send_signal(how)
    try:
        await unlinked(alice, within=15)
    finally:
        if how is signal.SIGSTOP:
            process.send_signal(signal.SIGCONT)
        else:
            await bob.gone()
            await bob.up()
    await alice.client.call(MessagesSend("Bob", "back?"))
    assert await arrived(bob, alice, 2) == ["there?", "back?"]
    no_traceback(alice, bob)


async def test_a_cut_way_to_the_chain_is_a_state_and_comes_back(relayed: tuple[Person, Relay]) -> None:
    ann, relay = relayed
    await connected(ann, True)
    await relay.cut()
    assert await connected(ann, False)
    await relay.mend()
    await connected(ann, True)
    no_traceback(ann)


async def test_a_second_daemon_on_a_home_is_refused(friends: tuple[Person, Person]) -> None:
    alice, _ = friends
    with pytest.raises(StardustError, match="running") as refused:
        await asyncio.to_thread(launch, alice.home, PASSPHRASE)
    assert refused.value.code == "already_running"
    assert (await alice.client.call(SystemStatus())).pid


async def test_a_wrong_passphrase_starts_nothing(relayed: tuple[Person, Relay]) -> None:
    ann, _ = relayed
    await ann.down()
    with pytest.raises(StardustError, match="passphrase is wrong") as refused:
        await asyncio.to_thread(launch, ann.home, "not it")
    assert refused.value.code == "wrong_passphrase"
    await ann.up()


async def test_a_damaged_history_is_named_and_left_as_it_is(relayed: tuple[Person, Relay]) -> None:
    ann, _ = relayed
    await ann.down()
    database = ann.home / "history.db"
    whole = database.read_bytes()
    damaged = whole[:4096] + bytes(4096) + whole[8192:]
    database.write_bytes(damaged)
    with pytest.raises(StardustError) as refused:
        await asyncio.to_thread(launch, ann.home, PASSPHRASE)
    assert refused.value.code in ("database_damaged", "database_key")
    assert database.read_bytes() == damaged
    database.write_bytes(whole)
    await ann.up()


async def test_an_offer_without_an_answer_is_tried_again_and_shown(friends: tuple[Person, Person]) -> None:
    alice, bob = friends
    await bob.kill()
    await alice.client.call(MessagesSend("Bob", "anybody there?"))
    await alice.client.call(ChatsOpen("Bob"))
    async with asyncio.timeout(90):
        while True:
            links = (await alice.client.call(SystemStatus())).links
            if any(link.state in ("waiting", "failed") for link in links):
                break
            await asyncio.sleep(0.5)
    await bob.up()
    assert await arrived(bob, alice, 1) == ["anybody there?"]
    no_traceback(alice, bob)


async def befriend(host: Person, guest: Person) -> None:
    from tests.fakes.daemons import befriend as introduce

    clients: tuple[Client, Client] = (host.client, guest.client)
    await introduce(*clients)
