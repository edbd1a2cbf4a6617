"""What every signaling transport keeps, and the service on top of it, over parts in memory and real ones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from stardust.errors import UnavailableError
from stardust.signaling.envelope import seal
from stardust.signaling.errors import SignalRefusedError
from stardust.signaling.pallet import PalletTransport
from stardust.signaling.port import Arrival, ReceivedSignal
from stardust.signaling.service import SignalingService
from stardust.wire.signals import MAX_ENVELOPE, Signal, SignalKind
from tests.fakes.chain import FakeChain
from tests.fakes.grounds import (
    GENESIS,
    Ground,
    on_chain,
    on_ledger,
    on_network,
    on_rendezvous,
    on_statements,
    publish,
)
from tests.fakes.ledger import FakeLedger
from tests.fakes.people import Person, Resident, settle
from tests.fakes.rendezvous import rendezvous
from tests.fakes.statement_node import statement_nodes
from tests.fixtures.devchain import DevChain

WITHIN_S = 30.0
"""A block of a real network takes six."""


def envelope(number: int = 0, size: int = 1200) -> bytes:
    """Of a size that envelopes have; transports do not look inside."""
    return bytes([number]) * size


@pytest.fixture(
    params=[
        "pallet",
        pytest.param("pallet on the dev chain", marks=pytest.mark.chain),
        "statements",
        "statements of two nodes",
        "rendezvous",
        "two rendezvous",
        pytest.param("statements of a network", marks=pytest.mark.network),
    ]
)
async def ground(request: pytest.FixtureRequest) -> AsyncIterator[Ground]:
    async with AsyncExitStack() as stack:
        match request.param:
            case "pallet":
                yield on_ledger(stack)
            case "pallet on the dev chain":
                yield on_chain(stack, request.getfixturevalue("dev_chain").url)
            case "statements":
                yield on_statements(stack, await stack.enter_async_context(statement_nodes(GENESIS)))
            case "statements of two nodes":
                yield on_statements(stack, await stack.enter_async_context(statement_nodes(GENESIS, 2)))
            case "rendezvous":
                yield on_rendezvous(stack, [await stack.enter_async_context(rendezvous())])
            case "two rendezvous":
                servers = [await stack.enter_async_context(rendezvous()) for _ in range(2)]
                yield on_rendezvous(stack, servers)
            case _:
                yield on_network(stack, request.getfixturevalue("network_nodes"))


async def until(source: AsyncIterator[Arrival], wanted: bytes) -> Arrival:
    """The arrival of ``wanted``; others may come before it."""
    async with asyncio.timeout(WITHIN_S):
        async for arrival in source:
            if arrival.envelope == wanted:
                return arrival
    raise AssertionError("the subscription ended")


async def test_waiting_envelopes_come_first_then_new_ones(ground: Ground) -> None:
    alice, bob = await ground.residents(2)
    sender, receiver = ground.transport(alice), ground.transport(bob)
    await publish(sender, bob, envelope(1))
    inbox = receiver.subscribe(bob.keys.device)
    await until(inbox, envelope(1))
    await publish(sender, bob, envelope(2), kind=SignalKind.ANSWER)
    await until(inbox, envelope(2))


async def test_who_is_expected_is_named_without_opening_anything(ground: Ground) -> None:
    alice, bob = await ground.residents(2)
    sender, receiver = ground.transport(alice), ground.transport(bob, alice)
    inbox = receiver.subscribe(bob.keys.device)
    await publish(sender, bob, envelope(1), known=True)
    assert (await until(inbox, envelope(1))).sender_hint == alice.keys.device


async def test_a_stranger_reaches_a_device_that_does_not_expect_anything(ground: Ground) -> None:
    alice, bob, carol = await ground.residents(3)
    inbox = ground.transport(bob, carol).subscribe(bob.keys.device)
    await publish(ground.transport(alice), bob, envelope(1))
    await until(inbox, envelope(1))


async def test_the_largest_envelope_passes(ground: Ground) -> None:
    alice, bob = await ground.residents(2)
    inbox = ground.transport(bob).subscribe(bob.keys.device)
    await publish(ground.transport(alice), bob, envelope(1, MAX_ENVELOPE))
    await until(inbox, envelope(1, MAX_ENVELOPE))


async def test_one_after_the_other_all_arrive(ground: Ground) -> None:
    """Also more than may be unread at once: what was read makes room."""
    alice, bob = await ground.residents(2)
    sender, receiver = ground.transport(alice), ground.transport(bob, alice)
    inbox = receiver.subscribe(bob.keys.device)
    for number in range(12):
        async with asyncio.timeout(WITHIN_S):
            while True:
                try:
                    await publish(sender, bob, envelope(number), known=True)
                    break
                except (SignalRefusedError, UnavailableError):
                    # The inbox is full until it is cleared, or a free call has to come back first.
                    await asyncio.sleep(0.5)
        await until(inbox, envelope(number))


async def test_health_tells_whether_it_can_be_used(ground: Ground) -> None:
    alice, bob = await ground.residents(2)
    transport = ground.transport(alice)
    await publish(transport, bob, envelope())
    assert (await transport.health()).usable
    if ground.leave is not None:
        await ground.leave()
        async with asyncio.timeout(WITHIN_S):
            while (await transport.health()).usable:  # noqa: ASYNC110 - it is asked, it does not tell
                await asyncio.sleep(0.05)


async def test_a_blocked_sender_is_told_so_in_a_sentence_by_the_pallet() -> None:
    async with AsyncExitStack() as stack:
        ground = on_ledger(stack)
        alice, bob = await ground.residents(2)
        await bob.chain.block_user(alice.account.account)
        with pytest.raises(SignalRefusedError, match="does not take anything"):
            await publish(ground.transport(alice), bob, envelope())


class Talker:
    """Somebody who listens, and what they hear."""

    def __init__(self, service: SignalingService) -> None:
        self._received = service.received()
        service.start()

    async def next(self, within: float = WITHIN_S) -> ReceivedSignal:
        async with asyncio.timeout(within):
            return await anext(self._received)

    async def hears_nothing(self) -> None:
        with pytest.raises(TimeoutError):
            await self.next(within=1.0)


def signal_of(sender: Resident, speaks_for: Resident, to: Resident, number: int = 7) -> Signal:
    return Signal(
        id=bytes([number]) * 16,
        kind=SignalKind.OFFER,
        genesis=to.chain.genesis,
        sender_account=speaks_for.account.account,
        sender_device=sender.keys.device,
        receiver_device=to.keys.device,
        expires=int(time.time()) + 60,
        payload=b"it is me",
    )


async def test_a_signal_arrives_once_with_its_checked_sender(ground: Ground) -> None:
    alice, bob = await ground.residents(2)
    talker, sender = Talker(ground.service(bob)), ground.service(alice)
    await sender.send(bob.certified, SignalKind.OFFER, b"hello")
    got = await talker.next()
    assert (got.account, got.kind, got.payload) == (alice.account.account, SignalKind.OFFER, b"hello")
    assert got.device.record == alice.certified.record


async def test_an_answer_finds_its_way_back(ground: Ground) -> None:
    alice, bob = await ground.residents(2)
    his, hers = ground.service(bob), ground.service(alice)
    bobs_ear, alices_ear = Talker(his), Talker(hers)
    await hers.send(bob.certified, SignalKind.OFFER, b"hello")
    offer = await bobs_ear.next()
    await his.send(offer.device, SignalKind.ANSWER, b"hello yourself")
    assert (await alices_ear.next()).payload == b"hello yourself"
    await hers.send(bob.certified, SignalKind.OFFER, b"once more")
    assert (await bobs_ear.next()).payload == b"once more"


async def test_the_same_signal_again_is_one_signal(ground: Ground) -> None:
    alice, bob = await ground.residents(2)
    talker, transport = Talker(ground.service(bob)), ground.transport(alice)
    signal = signal_of(alice, alice, bob)
    for _ in range(2):
        await publish(transport, bob, seal(signal, alice.keys, bob.certified.record))
    assert (await talker.next()).payload == signal.payload
    await talker.hears_nothing()


async def test_an_envelope_that_somebody_else_brings_again_is_no_second_signal(ground: Ground) -> None:
    alice, bob, eve = await ground.residents(3)
    talker = Talker(ground.service(bob, eve))
    sealed = seal(signal_of(alice, alice, bob), alice.keys, bob.certified.record)
    await publish(ground.transport(alice), bob, sealed)
    await talker.next()
    for known in (True, False):
        await publish(ground.transport(eve), bob, sealed, known=known)
    await talker.hears_nothing()


async def test_an_envelope_from_before_a_restart_is_no_second_signal(ground: Ground) -> None:
    """Whoever recorded it may bring it again as long as it is valid, which is half an hour."""
    alice, bob, eve = await ground.residents(3)
    acted_on: set[bytes] = set()

    async def spent(signal: bytes, forget_at: int, now: int) -> bool:
        assert forget_at > now
        first = signal not in acted_on
        acted_on.add(signal)
        return first

    before = ground.service(bob, alice, spent=spent)
    talker = Talker(before)
    sealed = seal(signal_of(alice, alice, bob), alice.keys, bob.certified.record)
    await publish(ground.transport(alice), bob, sealed)
    await talker.next()
    await before.close()
    again = Talker(ground.service(bob, alice, spent=spent))
    for who in (alice, eve):
        for known in (True, False):
            await publish(ground.transport(who), bob, sealed, known=known)
    await again.hears_nothing()


async def test_the_chains_word_of_the_sender_counts_beside_the_signature() -> None:
    """What Eve's device brought by the pallet is not taken for Alice's, though Alice signed it."""
    async with AsyncExitStack() as stack:
        ground = on_ledger(stack)
        alice, bob, eve = await ground.residents(3)
        talker = Talker(ground.service(bob))
        sealed = seal(signal_of(alice, alice, bob), alice.keys, bob.certified.record)
        await publish(ground.transport(eve), bob, sealed)
        other = signal_of(alice, alice, bob, 8)
        await publish(ground.transport(alice), bob, seal(other, alice.keys, bob.certified.record))
        assert (await talker.next()).id == other.id


async def test_signals_are_read_after_the_chain_began_anew() -> None:
    """Their numbers begin anew too."""
    ledger = FakeLedger()
    people = [Person.fresh() for _ in range(2)]
    chains = [FakeChain(ledger, one.device) for one in people]
    await asyncio.gather(*(chain.connect() for chain in chains))
    alice, bob = await asyncio.gather(*map(settle, chains, people))
    hers, his = PalletTransport(alice.chain), PalletTransport(bob.chain)
    inbox = his.subscribe(bob.keys.device)
    for number in range(3):
        await publish(hers, bob, envelope(number))
        await until(inbox, envelope(number))
    ledger.begin_signals_anew()
    await publish(hers, bob, envelope(9))
    await until(inbox, envelope(9))
    await his.close()


async def test_a_device_cannot_speak_for_an_account_that_is_not_its_own(ground: Ground) -> None:
    alice, bob, eve = await ground.residents(3)
    talker, transport = Talker(ground.service(bob)), ground.transport(eve)
    forged = seal(signal_of(eve, alice, bob), eve.keys, bob.certified.record)
    await publish(transport, bob, forged)
    await publish(transport, bob, envelope())
    await talker.hears_nothing()


async def test_a_revoked_device_is_not_believed_any_more(ground: Ground) -> None:
    alice, bob, eve = await ground.residents(3)
    talker, sender = Talker(ground.service(bob)), ground.service(alice)
    await sender.send(bob.certified, SignalKind.OFFER, b"before")
    await talker.next()
    sealed = seal(signal_of(alice, alice, bob), alice.keys, bob.certified.record)
    await alice.chain.revoke_device(alice.keys.device, alice.account)
    await asyncio.sleep(0.2)
    await publish(ground.transport(eve), bob, sealed)
    await talker.hears_nothing()


@pytest.mark.chain
async def test_a_dev_chain_is_known_to_have_no_statement_store(dev_chain: DevChain) -> None:
    async with AsyncExitStack() as stack:
        ground = on_network(stack, [dev_chain.url])
        alice, bob = await ground.residents(2)
        transport = ground.transport(alice)
        with pytest.raises(UnavailableError, match="has a statement store"):
            await publish(transport, bob, envelope())
        assert not (await transport.health()).usable


@pytest.mark.network
async def test_a_signal_survives_the_restart_of_the_node_that_has_it(
    network_nodes: list[str], request: pytest.FixtureRequest
) -> None:
    """Every node has it by then, or the sender brings it back."""
    network = request.getfixturevalue("shared_network")
    (name,) = (name for name, node in network.nodes.items() if node.url == network_nodes[-1])
    async with AsyncExitStack() as stack:
        ground = on_network(stack, [network_nodes[-1]])
        alice, bob = await ground.residents(2)
        transport = ground.transport(alice)
        await publish(transport, bob, envelope(1))
        network.nodes[name].kill()
        network.start_node(name)
        inbox = ground.transport(bob, alice).subscribe(bob.keys.device)
        await until(inbox, envelope(1))
        async with asyncio.timeout(2 * WITHIN_S):  # it may just have begun to rest from trying
            while not (await transport.health()).usable:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await publish(transport, bob, envelope(2), known=True)
        await until(inbox, envelope(2))
