"""Daemons in one process, on a ledger and a switchboard in place of chain and network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stardust.api.calls import ContactsAdd, IdentityLogin, InvitesCreate
from stardust.api.client import Client
from stardust.api.events import ContactChanged
from stardust.daemon import setup, vault
from stardust.daemon.app import App
from stardust.daemon.config import Config
from stardust.daemon.home import Home
from stardust.daemon.parts import Network
from stardust.daemon.people import People
from stardust.daemon.vault import Secrets
from stardust.history.store import Store, open_store
from stardust.identity.devices import DeviceKeys
from stardust.identity.records import CertifiedDevice
from stardust.signaling.followed import Followed
from stardust.signaling.port import ReceivedSignal, Spent, TransportHealth
from stardust.signaling.presence import PresenceService
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.signals import SignalKind
from tests.fakes.beats import Air, FakeBeatTransport
from tests.fakes.chain import FakeChain
from tests.fakes.ledger import FakeLedger
from tests.fakes.links import FakeLinks, Switchboard

PASSPHRASE = ""
"""No stretching of passphrases: these tests make many homes."""


@dataclass
class FakeSignalsOfDaemon:
    """The switchboard needs none to make links; what is sent all the same is noted."""

    world: World
    account: AccountId
    keys: DeviceKeys

    async def send(
        self, to: CertifiedDevice, kind: SignalKind, payload: bytes, *, urgent: bool = False
    ) -> None:
        assert kind is SignalKind.PING
        (me,) = (
            one for one in self.world.ledger.devices[self.account] if one.record.device == self.keys.device
        )
        self.world.pings.append((me, to.record.device))
        self.world.bring_pings(to.record.device)

    async def received(self) -> AsyncIterator[ReceivedSignal]:
        await asyncio.Event().wait()
        yield  # type: ignore[misc]

    async def health(self) -> tuple[TransportHealth, ...]:
        return self.world.ways


@dataclass
class World:
    """What all daemons of a test share."""

    ledger: FakeLedger = field(default_factory=FakeLedger)
    board: Switchboard = field(default_factory=Switchboard)
    air: Air = field(default_factory=Air)
    chains: dict[Path, FakeChain] = field(default_factory=dict)
    links: dict[Path, FakeLinks] = field(default_factory=dict)
    spent: dict[Path, Spent] = field(default_factory=dict)
    pings: list[tuple[CertifiedDevice, DeviceId]] = field(default_factory=list)
    """From whom, to whom. They stand until the end of the test."""
    ways: tuple[TransportHealth, ...] = (TransportHealth("switchboard", True, "in one process"),)
    """What signaling says of its transports."""
    heard: dict[Path, Sequence[DeviceId]] = field(default_factory=dict)
    """Of each daemon: devices that it had heard from when it started."""

    def store(self, home: Home, secrets: Secrets) -> Store:
        return open_store(home.database, secrets.database)

    def network(
        self,
        home: Home,
        config: Config,
        keys: DeviceKeys,
        people: People,
        heard: Sequence[DeviceId],
        spent: Spent,
    ) -> Network:
        chain = FakeChain(self.ledger, keys)
        self.chains[home.path] = chain
        self.heard[home.path] = heard
        self.spent[home.path] = spent

        followed = Followed()
        beats = [FakeBeatTransport(self.air, followed)]
        presence = PresenceService(lambda: chain.genesis, keys, beats, followed)
        signaling = FakeSignalsOfDaemon(self, people.own, keys)
        links = self.links[home.path] = FakeLinks(self.board, keys.device)

        def start() -> None:
            presence.start()
            self.bring_pings(keys.device)

        return Network(chain, signaling, presence, links, start, presence.close)

    def bring_pings(self, device: DeviceId) -> None:
        """All that stand for ``device``, if it is there."""
        links = self.board.present.get(device)
        for sender, receiver in self.pings:
            if receiver == device and links is not None:
                links.asked_by(sender)


@dataclass
class Person:
    """A home and, while it runs, its daemon."""

    world: World
    home: Path
    phrase: str
    config: Config = field(default_factory=Config)
    app: App | None = None

    async def start(self) -> Client:
        home = Home.at(self.home)
        self.app = App(home, self.config, vault.unseal(home, PASSPHRASE), self.world)
        await self.app.start()
        return await Client.connect(self.home)

    async def stop(self) -> None:
        if self.app is not None:
            app, self.app = self.app, None
            await app.close()

    @contextmanager
    def history(self) -> Iterator[Store]:
        """The database of a daemon that does not run."""
        assert self.app is None
        home = Home.at(self.home)
        store = open_store(home.database, vault.unseal(home, PASSPHRASE).database)
        try:
            yield store
        finally:
            store.close()

    @property
    def chain(self) -> FakeChain:
        return self.world.chains[self.home]

    @property
    def links(self) -> FakeLinks:
        return self.world.links[self.home]


@asynccontextmanager
async def person(
    world: World, home: Path, name: str, *, phrase: str | None = None, config: Config | None = None
) -> AsyncIterator[tuple[Person, Client]]:
    """Set up, running and registered; with ``phrase``: one more device of that account."""
    if phrase is None:
        made = setup.create_account(home, PASSPHRASE, name=name)
    else:
        made = setup.import_account(home, phrase, PASSPHRASE, name=name)
    one = Person(world, home, made.phrase or phrase or "", config or Config())
    client = await one.start()
    try:
        await client.call(IdentityLogin(PASSPHRASE))
        yield one, client
    finally:
        await client.close()
        await one.stop()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Asks again and again, for what tells nobody when it holds."""
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110 - it is asked, it does not tell
            await asyncio.sleep(0.02)


async def befriend(alice: Client, bob: Client) -> None:
    """Alice's invite in Bob's hands."""
    hers, his = await alice.subscribe(ContactChanged), await bob.subscribe(ContactChanged)
    invite = await alice.call(InvitesCreate())
    await bob.call(ContactsAdd(invite.link))
    for events in (hers, his):
        while True:
            event = await events.next()
            assert event is not None
            if (
                isinstance(event, ContactChanged)
                and event.contact.state == "accepted"
                and event.contact.nickname
            ):
                break
        await events.close()
