"""What can go wrong between two devices and the statement stores of nodes, and what comes of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from stardust.chain.errors import ChainUnavailableError
from stardust.errors import UnavailableError
from stardust.signaling import statement, statements, store_node
from stardust.signaling.beats import SEALED
from stardust.signaling.followed import Followed
from stardust.signaling.listening import Listened
from stardust.signaling.port import Arrival, BeatArrival
from stardust.signaling.statements import StatementTransport
from stardust.signaling.topics import EPOCH_S, beat_topic, epoch_of
from stardust.wire.signals import SignalKind
from tests.fakes.chain import FakeChain
from tests.fakes.grounds import GENESIS, devices_of, publish
from tests.fakes.ledger import FakeLedger
from tests.fakes.people import Person, Resident, settle
from tests.fakes.statement_node import StatementNode, statement_nodes
from tests.fakes.statement_store import Kept

KEY = b"k" * 32
"""A presence key."""


def envelope(number: int = 0) -> bytes:
    return bytes([number]) * 1200


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits, shorter."""
    monkeypatch.setattr(statements, "BACK_S", 0.5)
    monkeypatch.setattr(store_node, "GRACE_S", 0.05)
    monkeypatch.setattr(store_node, "SUBMIT_LIMIT_S", 0.5)


def entry(encoded: bytes) -> Kept:
    """As a node keeps it that does not look."""
    found = statement.decode(encoded)
    return Kept(
        encoded, found.signer, found.expires << 32, found.channel, frozenset(found.topics), len(found.data)
    )


class World:
    """People on one ledger, with nodes in reach."""

    def __init__(self, stack: AsyncExitStack, nodes: list[StatementNode]) -> None:
        self.nodes = nodes
        self.node = nodes[0]
        self._stack = stack
        self._ledger = FakeLedger()

    async def resident(self) -> Resident:
        person = Person.fresh()
        chain = FakeChain(self._ledger, person.device)
        await chain.connect()
        return await settle(chain, person)

    def transport(
        self,
        who: Resident,
        *expected: Resident,
        nodes: list[StatementNode] | None = None,
        clock_off: float = 0.0,
        listened: Listened | None = None,
        followed: Followed | None = None,
    ) -> StatementTransport:
        transport = StatementTransport(
            who.chain,
            who.keys,
            [node.url for node in nodes or self.nodes],
            listened or Listened(devices_of(expected)),
            followed=followed,
            wall_clock=lambda: self.node.store.clock() + clock_off,
        )
        self._stack.push_async_callback(transport.close)
        return transport


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """One node."""
    async with AsyncExitStack() as stack:
        yield World(stack, await stack.enter_async_context(statement_nodes(GENESIS)))


@pytest.fixture
async def two() -> AsyncIterator[World]:
    """Two nodes that gossip."""
    async with AsyncExitStack() as stack:
        yield World(stack, await stack.enter_async_context(statement_nodes(GENESIS, 2)))


class Ear:
    """What somebody's transport has brought."""

    def __init__(self, transport: StatementTransport, who: Resident) -> None:
        self.heard: list[Arrival] = []
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._listen(transport, who))

    async def _listen(self, transport: StatementTransport, who: Resident) -> None:
        async for arrival in transport.subscribe(who.keys.device):
            self.heard.append(arrival)
            self._news.set()

    async def until(self, wanted: bytes) -> Arrival:
        async with asyncio.timeout(10):
            while True:
                for arrival in self.heard:
                    if arrival.envelope == wanted:
                        return arrival
                self._news.clear()
                await self._news.wait()

    @property
    def envelopes(self) -> list[bytes]:
        return [arrival.envelope for arrival in self.heard]


async def settled(world: World, subscriptions: int) -> None:
    """Until the first node has that many subscriptions."""
    async with asyncio.timeout(10):
        while world.node.subscriptions != subscriptions:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def detail(transport: StatementTransport, wanted: str) -> None:
    """Until health says so."""
    async with asyncio.timeout(10):
        while wanted not in (await transport.health()).detail:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


# nodes that go away


@pytest.mark.parametrize("keeps", [True, False])
async def test_a_node_restarted_in_the_middle_of_a_call_setup(world: World, keeps: bool) -> None:
    alice, bob = await world.resident(), await world.resident()
    sender, receiver = world.transport(alice), world.transport(bob)
    await publish(sender, bob, envelope(1))
    await world.node.restart(keeps=keeps)
    ear = Ear(receiver, bob)
    await ear.until(envelope(1))
    await publish(sender, bob, envelope(2))
    await ear.until(envelope(2))


async def test_a_signal_of_this_moment_waits_for_a_node_that_comes_back(world: World) -> None:
    alice, bob = await world.resident(), await world.resident()
    sender, ear = world.transport(alice), Ear(world.transport(bob), bob)
    await publish(sender, bob, envelope(1))
    await world.node.stop()
    sending = asyncio.create_task(publish(sender, bob, envelope(2)))
    await asyncio.sleep(0.1)
    await world.node.start()
    await sending
    await ear.until(envelope(2))


async def test_one_of_two_nodes_is_enough(two: World) -> None:
    alice, bob = await two.resident(), await two.resident()
    sender, ear = two.transport(alice), Ear(two.transport(bob), bob)
    await publish(sender, bob, envelope(1))
    await two.nodes[0].stop()
    await publish(sender, bob, envelope(2))
    await ear.until(envelope(2))
    await two.nodes[1].stop()
    await two.nodes[0].start()
    await publish(sender, bob, envelope(3))
    await ear.until(envelope(3))
    assert len(ear.heard) == 3


async def test_a_node_that_does_not_answer_holds_nothing_up(two: World) -> None:
    alice, bob = await two.resident(), await two.resident()
    sender, ear = two.transport(alice), Ear(two.transport(bob, nodes=[two.nodes[1]]), bob)
    await publish(sender, bob, envelope(1))
    two.nodes[0].frozen = True
    async with asyncio.timeout(0.4):
        await publish(sender, bob, envelope(2))
    await ear.until(envelope(2))


async def test_a_node_of_another_chain_is_not_used() -> None:
    async with AsyncExitStack() as stack:
        world = World(stack, await stack.enter_async_context(statement_nodes(bytes(32))))
        alice, bob = await world.resident(), await world.resident()
        with pytest.raises(UnavailableError, match="another chain"):
            await publish(world.transport(alice), bob, envelope())


async def test_a_node_without_a_store_is_known_at_once(world: World) -> None:
    world.node.has_store = False
    alice, bob = await world.resident(), await world.resident()
    sender = world.transport(alice)
    for _ in range(2):
        with pytest.raises(UnavailableError, match="has a statement store"):
            await publish(sender, bob, envelope())
    assert not (await sender.health()).usable


# nodes that lie


async def test_a_node_that_accepts_and_drops_is_noticed(world: World) -> None:
    world.node.store.drops = True
    alice, bob = await world.resident(), await world.resident()
    sender = world.transport(alice)
    with pytest.raises(UnavailableError, match="does not keep it"):
        await publish(sender, bob, envelope())
    assert len(set(world.node.submitted)) == statements.TRIES  # signed again
    await detail(sender, "own statements not kept")
    assert not (await sender.health()).usable
    with pytest.raises(UnavailableError, match="before"):  # at once: it is another transport's turn
        await publish(sender, bob, envelope())
    assert len(world.node.submitted) == statements.TRIES


async def test_one_of_two_that_accepts_and_drops_is_harmless(two: World) -> None:
    two.node.store.drops = True
    alice, bob = await two.resident(), await two.resident()
    sender, ear = two.transport(alice), Ear(two.transport(bob), bob)
    await publish(sender, bob, envelope(1))
    await ear.until(envelope(1))
    await detail(sender, "own statements not kept")
    assert (await sender.health()).usable


async def test_after_a_rest_a_store_gets_another_chance(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "REST_S", 0.2)
    world.node.store.drops = True
    alice, bob = await world.resident(), await world.resident()
    sender = world.transport(alice)
    with pytest.raises(UnavailableError):
        await publish(sender, bob, envelope(1))
    world.node.store.drops = False
    await asyncio.sleep(0.3)
    await publish(sender, bob, envelope(2))
    assert (await sender.health()).usable


async def test_a_silent_subscription_of_the_sender_is_noticed_by_its_own_statement(world: World) -> None:
    alice, bob = await world.resident(), await world.resident()
    sender = world.transport(alice)
    await publish(sender, bob, envelope(1))
    world.node.go_silent()
    await publish(sender, bob, envelope(2))
    await detail(sender, "silent subscriptions")


async def test_what_a_silent_subscription_missed_is_found_by_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_node, "RENEW_S", 1.0)
    alice, bob = await world.resident(), await world.resident()
    receiver = world.transport(bob, alice)
    ear = Ear(receiver, bob)
    await settled(world, 2)
    world.node.go_silent()
    await publish(world.transport(alice), bob, envelope(1), known=True)
    await ear.until(envelope(1))
    await detail(receiver, "statements missed")


async def test_statements_with_anything_altered_are_dropped(world: World) -> None:
    alice, bob, eve = await world.resident(), await world.resident(), await world.resident()
    ear = Ear(world.transport(bob, alice), bob)
    sender = world.transport(alice)
    await publish(sender, bob, envelope(1), known=True)
    await ear.until(envelope(1))
    (good,) = world.node.submitted
    found = statement.decode(good)
    world.node.store.entries.clear()
    envelope_changed = good[:-1] + bytes([good[-1] ^ 1])
    signature_changed = good[:10] + bytes([good[10] ^ 1]) + good[11:]
    by_eve = statement.sign(eve.keys, 2**63 - 1, found.channel, found.topics, envelope(2))
    too_long = statement.sign(
        alice.keys, (int(time.time()) + 86_400) << 32, found.channel, found.topics, envelope(2)
    )
    for altered in (envelope_changed, signature_changed, by_eve, too_long):
        world.node.store.admit(entry(altered))
    await publish(sender, bob, envelope(3), known=True)
    await ear.until(envelope(3))
    assert ear.envelopes == [envelope(1), envelope(3)]


async def test_beats_that_another_device_signed_are_dropped(world: World) -> None:
    """All contacts of a device know the topic of its beats."""
    alice, bob, eve = await world.resident(), await world.resident(), await world.resident()
    followed, topic = Followed(), beat_topic(KEY, epoch_of(time.time()), "statements")
    followed.replace({alice.keys.device: KEY, bob.keys.device: KEY})  # the latter passes it off as its own
    beats = world.transport(bob, followed=followed).beats()
    expires = int(time.time()) + 100
    for number in range(300):  # more than wait at a time
        channel = number.to_bytes(32, "big")
        data = bytes([number % 256]) * SEALED
        world.node.store.admit(entry(statement.sign(eve.keys, expires << 32, channel, (topic,), data)))
    await world.transport(alice).beat(topic, bytes(32), bytes([7]) * SEALED, expires=expires)
    async with asyncio.timeout(10):
        assert await anext(beats) == BeatArrival(alice.keys.device, bytes([7]) * SEALED)


async def test_beats_without_end_hold_no_signal_up(world: World) -> None:
    alice, bob, carol = await world.resident(), await world.resident(), await world.resident()
    followed, topic = Followed(), beat_topic(KEY, epoch_of(time.time()), "statements")
    followed.replace({carol.keys.device: KEY})
    ear = Ear(world.transport(bob, alice, followed=followed), bob)
    expires = int(time.time()) + 100
    for number in range(1000):
        channel = number.to_bytes(32, "big")
        beat = statement.sign(carol.keys, expires << 32, channel, (topic,), bytes(SEALED))
        world.node.store.admit(entry(beat))
    await publish(world.transport(alice), bob, envelope(1), known=True)
    await ear.until(envelope(1))


async def test_a_statement_played_again_is_heard_once(two: World) -> None:
    alice, bob = await two.resident(), await two.resident()
    ear = Ear(two.transport(bob, alice), bob)
    sender = two.transport(alice)
    await publish(sender, bob, envelope(1), known=True)
    await ear.until(envelope(1))
    for node in two.nodes:
        node.store.entries.clear()
        assert node.store.submit(two.node.submitted[0])["status"] in ("new", "known")
    await publish(sender, bob, envelope(2), known=True)
    await ear.until(envelope(2))
    assert ear.envelopes == [envelope(1), envelope(2)]


# refusals


@pytest.mark.parametrize(
    ("allowance", "capacity", "sentence"),
    [((0, 0), 100, "no allowance"), ((64, 600), 100, "bytes of statements"), ((64, 65_536), 0, "is full")],
)
async def test_why_a_store_takes_nothing_is_told(
    world: World, allowance: tuple[int, int], capacity: int, sentence: str
) -> None:
    world.node.store.allowance = lambda _: allowance
    world.node.store.capacity = capacity
    alice, bob = await world.resident(), await world.resident()
    with pytest.raises(UnavailableError, match=sentence):
        await publish(world.transport(alice), bob, envelope())


async def test_a_revoked_device_cannot_use_the_store_any_more(world: World) -> None:
    alice, bob = await world.resident(), await world.resident()
    world.node.store.allowance = lambda signer: (0, 0) if signer == alice.keys.device else (64, 65_536)
    with pytest.raises(UnavailableError, match="no allowance"):
        await publish(world.transport(alice), bob, envelope())
    await publish(world.transport(bob), alice, envelope())


async def test_a_signal_takes_the_place_of_the_fifth_before_it(world: World) -> None:
    alice, bob = await world.resident(), await world.resident()
    sender = world.transport(alice)
    for number in range(7):
        await publish(sender, bob, envelope(number))
    data = [statement.decode(one.encoded).data for one in world.node.store.entries.values()]
    assert sorted(data) == [envelope(number) for number in (3, 4, 5, 6)]


async def test_a_full_allowance_makes_room_by_dropping_the_oldest(world: World) -> None:
    world.node.store.allowance = lambda _: (64, 5000)
    alice = await world.resident()
    others = [await world.resident() for _ in range(8)]
    sender = world.transport(alice)
    for number, other in enumerate(others):
        await publish(sender, other, envelope(number))
    data = [statement.decode(one.encoded).data for one in world.node.store.entries.values()]
    assert data == [envelope(number) for number in (4, 5, 6, 7)]


# clocks


@pytest.fixture(params=[0.0, -300.0, 300.0], ids=["by day", "before midnight", "after midnight"])
def at(request: pytest.FixtureRequest) -> float:
    """Unix time at which a test begins."""
    return time.time() if request.param == 0.0 else 20_800 * EPOCH_S + request.param


@pytest.mark.parametrize("off", [-600.0, 600.0], ids=["slow", "fast"])
@pytest.mark.parametrize("whose", ["sender", "receiver"])
async def test_a_clock_that_is_ten_minutes_off(world: World, at: float, off: float, whose: str) -> None:
    began = time.monotonic()
    world.node.store.clock = lambda: at + time.monotonic() - began
    alice, bob = await world.resident(), await world.resident()
    sender = world.transport(alice, clock_off=off if whose == "sender" else 0.0)
    receiver = world.transport(bob, alice, clock_off=off if whose == "receiver" else 0.0)
    ear = Ear(receiver, bob)
    clock = world.node.store.clock() + (off if whose == "sender" else 0.0)
    for number, known in enumerate((True, False, True)):
        await sender.publish(
            bob.keys.device, SignalKind.OFFER, envelope(number), known=known, expires=int(clock) + 120
        )
        await ear.until(envelope(number))


async def test_a_restarted_daemon_with_a_clock_set_back_outbids_what_it_sent_before(world: World) -> None:
    alice, bob = await world.resident(), await world.resident()
    ear = Ear(world.transport(bob, alice), bob)
    now = int(time.time())
    for number, expires in ((1, now + 700), (2, now + 100)):
        transport = world.transport(alice)
        await transport.publish(
            bob.keys.device, SignalKind.OFFER, envelope(number), known=True, expires=expires
        )
        await ear.until(envelope(number))
        await transport.close()
    (left,) = world.node.store.entries.values()
    assert left.expiry >> 32 == now + 700


# many


async def test_hundreds_of_contacts_are_listened_for(world: World) -> None:
    bob, alice = await world.resident(), await world.resident()
    contacts = [Person.fresh().device.device for _ in range(299)] + [alice.keys.device]
    receiver = world.transport(bob, listened=Listened(contacts))
    ear = Ear(receiver, bob)
    await settled(world, 4)  # of at most 128 topics: strangers, and three of contacts
    await publish(world.transport(alice), bob, envelope(1), known=True)
    assert (await ear.until(envelope(1))).sender_hint == alice.keys.device


async def test_somebody_new_is_listened_for_at_once_and_hears_what_waits(world: World) -> None:
    alice, bob = await world.resident(), await world.resident()
    listened = Listened()
    ear = Ear(world.transport(bob, listened=listened), bob)
    await settled(world, 1)
    await publish(world.transport(alice), bob, envelope(1), known=True)
    assert ear.heard == []
    listened.replace([alice.keys.device])
    await ear.until(envelope(1))


async def test_a_store_that_is_flooded_by_strangers_brings_what_contacts_send(world: World) -> None:
    alice, bob = await world.resident(), await world.resident()
    sender = world.transport(alice)
    await publish(sender, bob, envelope(1))
    first_contact = statement.decode(world.node.submitted[0]).topics
    expires = int(time.time()) + 600
    for number in range(200):
        stranger = Person.fresh().device
        for one in range(15):
            data = bytes([number, one]) * 600
            flood = entry(statement.sign(stranger, expires << 32, bytes([one]) * 32, first_contact, data))
            world.node.store.entries[flood.digest] = flood
    ear = Ear(world.transport(bob, alice), bob)
    await publish(sender, bob, envelope(2), known=True)
    await ear.until(envelope(2))


class LateChain(FakeChain):
    """It was not reached yet, and so its genesis is not known."""

    reached = False

    @property
    def genesis(self) -> bytes:
        if not self.reached:
            raise ChainUnavailableError
        return super().genesis


async def test_it_waits_for_the_chain_to_say_which_one_it_is(world: World) -> None:
    alice, bob = await world.resident(), await world.resident()
    chain = LateChain(FakeLedger(), alice.keys)
    sending = asyncio.create_task(publish(world.transport(replace(alice, chain=chain)), bob, envelope(1)))
    await asyncio.sleep(0.1)
    assert not sending.done()
    chain.reached = True
    await sending
    await Ear(world.transport(bob), bob).until(envelope(1))
