"""Where people live and transports meet: chains and nodes in memory, or real ones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from stardust.chain.port import Chain
from stardust.chain.rpc import RpcChain
from stardust.rendezvous.server import Rendezvous
from stardust.signaling.listening import Listened
from stardust.signaling.pallet import PalletTransport
from stardust.signaling.port import BeatTransport, Following, Listening, Transport
from stardust.signaling.rendezvous import RendezvousTransport
from stardust.signaling.service import SignalingService
from stardust.signaling.statements import StatementTransport
from stardust.wire.ids import DeviceId
from stardust.wire.signals import SignalKind
from tests.fakes.chain import FakeChain
from tests.fakes.ledger import FakeLedger
from tests.fakes.people import Person, Resident, settle
from tests.fakes.statement_node import StatementNode

MakeTransport = Callable[[Resident, Listening], Transport]
GENESIS = FakeLedger().genesis


@dataclass
class Ground:
    """``chain`` and ``transport`` make a new client of what is shared. ``leave`` takes it away."""

    stack: AsyncExitStack
    chain: Callable[[Person], Chain]
    make: MakeTransport
    leave: Callable[[], Awaitable[None]] | None = None
    listening: dict[DeviceId, Listened] = field(default_factory=dict)

    async def residents(self, count: int) -> list[Resident]:
        """Registered all at once: a block of a network takes its time."""
        people = [Person.fresh() for _ in range(count)]
        chains = [self.chain(person) for person in people]
        for chain in chains:
            self.stack.push_async_callback(chain.close)
            await chain.connect()  # one by one: scalecodec reads one chain's metadata at a time
        return await asyncio.gather(*map(settle, chains, people))

    def transport(self, who: Resident, *expected: Resident) -> Transport:
        """For ``who``, who listens for ``expected`` beside strangers."""
        transport = self.make(who, Listened(devices_of(expected)))
        self.stack.push_async_callback(transport.close)
        return transport

    def service(self, who: Resident, *expected: Resident, **more: Any) -> SignalingService:
        listened = Listened(devices_of(expected))
        transport = self.make(who, listened)
        service = SignalingService(
            who.chain, who.account.account, who.keys, [transport], listened=listened, **more
        )
        self.stack.push_async_callback(service.close)
        return service


def devices_of(people: Iterable[Resident]) -> list[DeviceId]:
    return [one.keys.device for one in people]


async def publish(
    transport: Transport,
    to: Resident,
    envelope: bytes,
    *,
    kind: SignalKind = SignalKind.OFFER,
    known: bool = False,
) -> None:
    await transport.publish(to.keys.device, kind, envelope, known=known, expires=int(time.time()) + 60)


async def fresh_resident(ledger: FakeLedger) -> Resident:
    """Somebody new, registered, with a chain of their own on ``ledger``."""
    person = Person.fresh()
    chain = FakeChain(ledger, person.device)
    await chain.connect()
    return await settle(chain, person)


def pallet(who: Resident, _: Listening) -> Transport:
    return PalletTransport(who.chain)


def on_ledger(stack: AsyncExitStack) -> Ground:
    """The pallet in memory."""
    ledger = FakeLedger()
    chains: list[FakeChain] = []

    def chain(person: Person) -> Chain:
        chains.append(FakeChain(ledger, person.device))
        return chains[-1]

    async def leave() -> None:
        for one in chains:
            one.go_away()

    return Ground(stack, chain, pallet, leave)


def on_chain(stack: AsyncExitStack, url: str) -> Ground:
    """The pallet of a real chain."""
    return Ground(stack, lambda person: RpcChain([url], signer=person.device), pallet)


def on_statements(stack: AsyncExitStack, nodes: list[StatementNode]) -> Ground:
    """The statement store of nodes in memory; each person is on the next one."""
    ledger = FakeLedger(genesis=nodes[0].genesis)

    async def leave() -> None:
        for node in nodes:
            await node.stop()

    urls = turns([node.url for node in nodes])
    return Ground(
        stack,
        lambda person: FakeChain(ledger, person.device),
        lambda who, listening: StatementTransport(who.chain, who.keys, [urls()], listening),
        leave,
    )


def on_network(stack: AsyncExitStack, nodes: list[str]) -> Ground:
    """The statement store of a real network; each person is on the next node. All share one connection
    to the chain, on which nothing is signed by a device: its metadata takes seconds to read."""
    urls, chain = turns(nodes), RpcChain([nodes[0]])
    return Ground(
        stack,
        lambda _: chain,
        lambda who, listening: StatementTransport(who.chain, who.keys, [urls()], listening),
    )


def on_rendezvous(stack: AsyncExitStack, servers: list[tuple[Rendezvous, str]]) -> Ground:
    """Real servers on loopback, of which each person uses all."""
    ledger = FakeLedger()
    urls = [url for _, url in servers]

    async def leave() -> None:
        for server, _ in servers:
            await server.close()

    return Ground(
        stack,
        lambda person: FakeChain(ledger, person.device),
        lambda who, listening: RendezvousTransport(lambda: who.chain.genesis, who.keys, urls, listening),
        leave,
    )


def turns(urls: list[str]) -> Callable[[], str]:
    count = iter(range(1_000_000))
    return lambda: urls[next(count) % len(urls)]


@dataclass
class BeatGround:
    """``make`` gives a transport of beats for somebody who follows others."""

    stack: AsyncExitStack
    ground: Ground
    make: Callable[[Resident, Following], BeatTransport]

    async def residents(self, count: int) -> list[Resident]:
        return await self.ground.residents(count)

    def transport(self, who: Resident, followed: Following) -> BeatTransport:
        return self.make(who, followed)


def beats_by_statements(stack: AsyncExitStack, nodes: list[str], *, real: bool = False) -> BeatGround:
    """Each person is on the next node. ``real``: nodes of a network, which know their own chain."""
    ledger, urls = FakeLedger(), turns(nodes)
    ground = (
        on_network(stack, nodes) if real else Ground(stack, lambda who: FakeChain(ledger, who.device), pallet)
    )

    def make(who: Resident, followed: Following) -> BeatTransport:
        made = StatementTransport(who.chain, who.keys, [urls()], Listened(), followed=followed)
        stack.push_async_callback(made.close)
        return made

    return BeatGround(stack, ground, make)


def beats_by_rendezvous(stack: AsyncExitStack, servers: list[tuple[Rendezvous, str]]) -> BeatGround:
    ground, urls = on_rendezvous(stack, servers), [url for _, url in servers]

    def make(who: Resident, followed: Following) -> BeatTransport:
        made = RendezvousTransport(lambda: who.chain.genesis, who.keys, urls, Listened(), followed=followed)
        stack.push_async_callback(made.close)
        return made

    return BeatGround(stack, ground, make)
