"""The service over several transports at once: which way signals go, and that each counts once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from stardust.errors import UnavailableError
from stardust.signaling import reception, service, statement, statements
from stardust.signaling.envelope import open_envelope, seal
from stardust.signaling.listening import Listened
from stardust.signaling.pallet import PalletTransport
from stardust.signaling.policy import order_of
from stardust.signaling.port import ReceivedSignal, Transport
from stardust.signaling.service import SignalingService
from stardust.signaling.statements import StatementTransport
from stardust.wire.signals import Signal, SignalKind
from tests.fakes.chain import FakeChain
from tests.fakes.grounds import GENESIS, devices_of, publish
from tests.fakes.ledger import FakeLedger
from tests.fakes.people import Person, Resident, settle
from tests.fakes.statement_node import StatementNode, statement_nodes

OFFER, ANSWER = SignalKind.OFFER, SignalKind.ANSWER


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "BACK_S", 0.5)


@dataclass
class Talker:
    """Somebody with all transports, and what they hear."""

    who: Resident
    service: SignalingService
    listened: Listened

    def __post_init__(self) -> None:
        self._received = self.service.received()
        self.service.start()

    async def next(self, within: float = 10.0) -> ReceivedSignal:
        async with asyncio.timeout(within):
            return await anext(self._received)

    async def hears_nothing(self) -> None:
        with pytest.raises(TimeoutError):
            await self.next(within=0.7)
        self._received = self.service.received()  # the old one ended with the waiting

    async def offer(self, to: Talker, payload: bytes = b"hello", *, urgent: bool = False) -> None:
        await self.service.send(to.who.certified, OFFER, payload, urgent=urgent)

    async def answer(self, signal: ReceivedSignal, payload: bytes) -> None:
        await self.service.send(signal.device, ANSWER, payload)

    @property
    def on_chain(self) -> int:
        """Signals that stand on chain for everybody to see."""
        return sum(receipt.call == "send_signaling" for receipt in self.who.chain.calls())


class World:
    """People on one ledger, with two nodes that do not know of each other."""

    def __init__(self, stack: AsyncExitStack, nodes: list[StatementNode]) -> None:
        self.here, self.there = nodes
        self.ledger = FakeLedger()
        self._stack = stack

    async def resident(self) -> Resident:
        person = Person.fresh()
        chain = FakeChain(self.ledger, person.device)
        await chain.connect()
        return await settle(chain, person)

    async def talker(
        self,
        *expected: Resident,
        node: StatementNode | None = None,
        who: Resident | None = None,
        fallback: bool = True,
        **more: Any,
    ) -> Talker:
        who = who or await self.resident()
        listened = Listened(devices_of(expected))
        url = (node or self.here).url
        clock = {"wall_clock": more["wall_clock"]} if "wall_clock" in more else {}
        made: dict[str, Transport] = {
            "statements": StatementTransport(who.chain, who.keys, [url], listened, **clock),
            "pallet": PalletTransport(who.chain),
        }
        order = [name for name in order_of("auto", fallback=fallback) if name in made]
        service = SignalingService(
            who.chain,
            who.account.account,
            who.keys,
            [made[name] for name in order],
            listened=listened,
            **more,
        )
        self._stack.push_async_callback(service.close)
        return Talker(who, service, listened)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(statement_nodes(GENESIS)) for _ in range(2)]
        yield World(stack, [node for (node,) in nodes])


async def test_nothing_stands_on_chain_where_a_node_has_a_store(world: World) -> None:
    alice, bob = await world.talker(), await world.talker()
    await alice.offer(bob)
    await bob.answer(await bob.next(), b"hello yourself")
    assert (await alice.next()).payload == b"hello yourself"
    assert (alice.on_chain, bob.on_chain) == (0, 0)
    (statement_way, pallet_way) = await alice.service.health()
    assert (statement_way.name, statement_way.usable, pallet_way.name) == ("statements", True, "pallet")


async def test_a_ping_is_found_minutes_later_and_costs_nothing(world: World) -> None:
    """Also among offers that were made after it, and lost by then."""
    late = 0.0
    world.here.store.clock = lambda: time.time() + late
    alice, bob = await world.talker(), await world.resident()
    await alice.service.send(bob.certified, SignalKind.PING, b"")
    for number in range(5):
        await alice.service.send(bob.certified, OFFER, b"%d" % number)
    late = 300.0
    returned = await world.talker(alice.who, who=bob, wall_clock=lambda: time.time() + late)
    found = await returned.next()
    assert (found.kind, found.account) == (SignalKind.PING, alice.who.account.account)
    await returned.hears_nothing()
    assert (alice.on_chain, returned.on_chain) == (0, 0)


async def test_a_ping_is_no_call_on_chain_even_if_nothing_else_works(world: World) -> None:
    alice, bob = await world.talker(), await world.resident()
    await world.here.stop()
    for _ in range(3):
        with pytest.raises(UnavailableError):
            await alice.service.send(bob.certified, SignalKind.PING, b"", urgent=True)
    assert alice.on_chain == 0


async def test_a_ping_renewed_takes_the_place_of_the_last_one(world: World) -> None:
    alice, bob = await world.talker(), await world.resident()
    for _ in range(4):
        await alice.service.send(bob.certified, SignalKind.PING, b"")
    assert len(world.here.store.entries) == 1


async def test_after_the_first_contact_nobody_sees_for_whom_signals_are(world: World) -> None:
    alice, bob = await world.talker(), await world.talker()
    await alice.offer(bob)
    await bob.answer(await bob.next(), b"hello yourself")
    await alice.next()
    await alice.offer(bob, b"again")
    await bob.next()
    first, answer, second = (statement.decode(one).topics[0] for one in world.here.submitted)
    assert len({first, answer, second}) == 3


@pytest.mark.parametrize("fault", ["no store", "full", "drops", "away"])
async def test_the_pallet_stands_in_for_a_store_that_fails(world: World, fault: str) -> None:
    node = world.here
    node.has_store = fault != "no store"
    node.store.capacity = 0 if fault == "full" else 100
    node.store.drops = fault == "drops"
    if fault == "away":
        await node.stop()
    alice, bob = await world.talker(), await world.talker()
    await alice.offer(bob)
    assert (await bob.next()).payload == b"hello"
    assert alice.on_chain == 1


async def test_the_status_says_why_the_first_way_was_not_taken(world: World) -> None:
    world.here.store.capacity = 0
    alice, bob = await world.talker(), await world.talker()
    async with asyncio.timeout(10):
        while not (await alice.service.health())[0].usable:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await alice.offer(bob)
    (store, _) = await alice.service.health()
    assert store.detail.endswith("the last signal was not taken: The node's statement store is full.")
    world.here.store.capacity = 100
    await alice.offer(bob)
    (store, _) = await alice.service.health()
    assert "not taken" not in store.detail


async def test_a_reason_of_the_chain_is_over_when_the_chain_is_well(world: World) -> None:
    world.here.store.capacity = 0
    alice, bob = await world.talker(), await world.talker()
    chain = alice.who.chain
    assert isinstance(chain, FakeChain)
    chain.odd = "The network has stopped to finalize blocks."
    chain.stop_calls(UnavailableError("It is not final."))
    with pytest.raises(UnavailableError, match="not final"):
        await alice.offer(bob)
    (_, pallet) = await alice.service.health()
    assert pallet.failed
    assert pallet.detail.endswith("the last signal was not taken: It is not final.")
    chain.odd = None
    for _ in range(2):
        (store, pallet) = await alice.service.health()
        assert not pallet.failed
        assert "not taken" not in pallet.detail
    assert store.failed  # its reason was another


async def test_an_old_reason_is_no_reason(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.here.store.capacity = 0
    alice, bob = await world.talker(), await world.talker()
    await alice.offer(bob)
    (store, _) = await alice.service.health()
    assert store.failed
    monkeypatch.setattr(service, "UNTAKEN_S", 0.0)
    (store, _) = await alice.service.health()
    assert "not taken" not in store.detail


async def test_without_fallback_nothing_ever_stands_on_chain(world: World) -> None:
    world.here.store.capacity = 0
    alice, bob = await world.talker(fallback=False), await world.talker()
    with pytest.raises(UnavailableError, match="full"):
        await alice.offer(bob, urgent=True)
    assert alice.on_chain == 0


async def test_what_is_urgent_goes_both_ways_and_is_one_signal(world: World) -> None:
    alice, bob = await world.talker(), await world.talker()
    await alice.offer(bob, urgent=True)
    assert (await bob.next()).payload == b"hello"
    await bob.hears_nothing()
    assert alice.on_chain == 1
    assert len(world.here.submitted) == 1
    for _ in range(3):  # it is not heard from: no more calls
        await alice.offer(bob, urgent=True)
    assert alice.on_chain == 1


async def test_the_two_ways_of_one_signal_have_nothing_in_common(world: World) -> None:
    alice, bob = await world.talker(), await world.resident()
    await alice.service.send(bob.certified, OFFER, b"hello", urgent=True)
    async with asyncio.timeout(5):
        while not (world.here.submitted and await bob.chain.inbox(bob.keys.device)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    (on_chain,) = await bob.chain.inbox(bob.keys.device)
    envelope = statement.decode(world.here.submitted[0]).data
    assert envelope != on_chain.payload
    opened = [open_envelope(one, bob.keys, GENESIS, time.time()) for one in (envelope, on_chain.payload)]
    assert opened[0] == opened[1]


async def test_an_answer_also_goes_back_the_way_the_offer_came(world: World) -> None:
    """Between two nodes that do not gossip, only the pallet is left."""
    alice, bob = await world.talker(), await world.talker(node=world.there)
    await alice.offer(bob, urgent=True)
    await bob.answer(await bob.next(), b"hello yourself")
    assert (await alice.next()).payload == b"hello yourself"


async def test_a_device_that_has_forgotten_us_is_reached_after_two_attempts(world: World) -> None:
    bob = await world.talker()
    who = await world.resident()
    alice = await world.talker(who=who, heard=[bob.who.keys.device])
    for number in range(2):
        await alice.offer(bob, bytes([number]))
    await bob.hears_nothing()
    await alice.offer(bob, b"third")
    assert (await bob.next()).payload == b"third"
    assert alice.on_chain == 0


@pytest.mark.parametrize("off", [-600.0, 600.0], ids=["slow", "fast"])
async def test_a_clock_that_is_ten_minutes_off_is_no_obstacle(world: World, off: float) -> None:
    alice = await world.talker(wall_clock=lambda: time.time() + off)
    bob = await world.talker()
    await alice.offer(bob)
    await bob.answer(await bob.next(), b"hello yourself")
    assert (await alice.next()).payload == b"hello yourself"
    await alice.offer(bob, b"again")
    assert (await bob.next()).payload == b"again"
    assert (alice.on_chain, bob.on_chain) == (0, 0)


async def test_a_revoked_device_is_believed_by_no_way(world: World) -> None:
    alice, bob, eve = await world.talker(), await world.talker(), await world.resident()
    await alice.offer(bob, b"before")
    await bob.next()
    await alice.who.chain.revoke_device(alice.who.keys.device, alice.who.account)
    await asyncio.sleep(0.2)
    # The store knows nothing of it yet; and somebody brings on chain what she seals.
    await alice.service.send(bob.who.certified, OFFER, b"after")
    sealed = seal(_forged(alice.who, bob.who), alice.who.keys, bob.who.certified.record)
    await eve.chain.send_signaling(bob.who.keys.device, OFFER, sealed)
    await bob.hears_nothing()


def _forged(sender: Resident, to: Resident) -> Signal:
    return Signal(
        id=bytes(16),
        kind=OFFER,
        genesis=GENESIS,
        sender_account=sender.account.account,
        sender_device=sender.keys.device,
        receiver_device=to.keys.device,
        expires=int(time.time()) + 60,
        payload=b"after",
    )


async def flood(world: World, whom: Resident, *, strangers: int) -> None:
    """35 envelopes of junk from each."""

    async def send(eve: Resident) -> None:
        transport = StatementTransport(eve.chain, eve.keys, [world.here.url], Listened())
        for number in range(35):
            await publish(transport, whom, bytes([number]) * 1200)
        await transport.close()

    await asyncio.gather(*[send(await world.resident()) for _ in range(strangers)])


async def test_strangers_by_the_thousand_cost_little_and_contacts_get_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bytes] = []

    def counted(envelope: bytes, *more: Any) -> Signal:
        opened.append(envelope)
        return open_envelope(envelope, *more)

    monkeypatch.setattr(reception, "open_envelope", counted)
    alice = await world.resident()
    bob = await world.talker(alice)
    hers = await world.talker(who=alice, heard=[bob.who.keys.device])
    began = time.monotonic()
    flooding = asyncio.create_task(flood(world, bob.who, strangers=30))
    heard: list[ReceivedSignal] = []
    while not flooding.done():
        await hers.offer(bob, str(len(heard)).encode())
        heard.append(await bob.next())
        await asyncio.sleep(0.5)
    await flooding
    assert len(world.here.submitted) > 1000
    assert len(heard) >= 2
    strange = sum(len(set(envelope)) == 1 for envelope in opened)  # junk is one byte over and over
    allowed = reception.STRANGERS_AT_ONCE + reception.STRANGERS_PER_S * (time.monotonic() - began + 1)
    assert 0 < strange <= allowed


async def test_a_flood_in_the_store_leaves_the_pallet_open_to_strangers(world: World) -> None:
    bob, carol = await world.talker(), await world.talker()
    await flood(world, bob.who, strangers=12)
    world.here.store.capacity = 0
    await carol.offer(bob)
    assert (await bob.next(within=20.0)).payload == b"hello"


async def test_one_contact_cannot_take_the_turns_of_the_others(world: World) -> None:
    alice, mallory = await world.resident(), await world.resident()
    bob = await world.talker(alice, mallory)
    device = bob.who.keys.device
    hers = await world.talker(who=alice, heard=[device])
    flood = StatementTransport(mallory.chain, mallory.keys, [world.here.url], Listened())
    for _ in range(60):
        await publish(flood, bob.who, bytes(1200), known=True)
    await hers.offer(bob)
    assert (await bob.next()).payload == b"hello"
    await flood.close()
