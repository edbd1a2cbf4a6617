"""The adapters that a daemon runs on: made here for real, replaced by tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from stardust.chain.port import Chain
from stardust.daemon.config import Config
from stardust.daemon.errors import HomeUnusableError
from stardust.daemon.home import Home
from stardust.daemon.people import People
from stardust.daemon.vault import Secrets
from stardust.history.store import Store, open_store
from stardust.identity.devices import DeviceKeys
from stardust.identity.trust import Standing
from stardust.link.engine import IceConfig, TurnAccess
from stardust.link.port import Links
from stardust.signaling.followed import Followed
from stardust.signaling.listening import Listened
from stardust.signaling.policy import order_of
from stardust.signaling.port import Following, Listening, Signaling, Spent, Transport
from stardust.signaling.presence import PresenceService
from stardust.wire.ids import AccountId, DeviceId


@dataclass(frozen=True, slots=True)
class Network:
    """The parts that talk to others. ``start`` is called when the API listens, ``close`` when links
    and chain are to end too."""

    chain: Chain
    signaling: Signaling
    presence: PresenceService
    links: Links
    start: Callable[[], None]
    close: Callable[[], Awaitable[None]]
    """Ends what carries the signals; links and chain are closed by themselves."""


class Parts(Protocol):
    def store(self, home: Home, secrets: Secrets) -> Store:
        """Called on the store's thread."""
        ...

    def network(
        self,
        home: Home,
        config: Config,
        keys: DeviceKeys,
        people: People,
        heard: Sequence[DeviceId],
        spent: Spent,
    ) -> Network:
        """Called on the event loop; nothing is connected yet. ``heard``: devices heard from before;
        ``spent``: signals acted on before."""
        ...


class RealParts:
    """The encrypted database, a chain by light client or nodes, signals through statement stores, rendezvous
    and the pallet, links over aiortc."""

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
        from stardust.daemon.chains import open_chain
        from stardust.link.aiortc_engine import AiortcEngine
        from stardust.link.manager import LinkManager
        from stardust.signaling.rendezvous import RendezvousTransport
        from stardust.signaling.service import SignalingService
        from stardust.signaling.statements import StatementTransport

        chain = open_chain(home, config, known_genesis(home, config), keys)
        listened = listened_for(people)
        followed = Followed()
        transports = _transports(config, chain, keys, listened, followed)
        signaling = SignalingService(
            chain,
            people.own,
            keys,
            transports,
            listened=listened,
            heard=heard,
            spent=spent,
            asked_free=config.asks_free,
        )
        carriers = [one for one in transports if isinstance(one, StatementTransport | RendezvousTransport)]
        presence = PresenceService(lambda: chain.genesis, keys, carriers, followed)
        links = LinkManager(
            keys.device,
            signaling,
            AiortcEngine(_ice(config)),
            acceptable=lambda account, _: not _is_blocked(people, account),
            relay_only=lambda account: (
                config.network.relay_only_for_strangers and not _is_verified(people, account)
            ),
        )

        def start() -> None:
            signaling.start()
            presence.start()
            links.start()

        async def close() -> None:
            await presence.close()
            await signaling.close()

        return Network(chain, signaling, presence, links, start, close)


def listened_for(people: People) -> Listened:
    """From whom signals are expected, which follows ``people``."""
    loop = asyncio.get_running_loop()
    listened = Listened(people.expected())

    def follow() -> None:
        listened.replace(people.expected())

    def changed() -> None:
        loop.call_soon_threadsafe(follow)

    people.watch(changed)
    return listened


def _transports(
    config: Config, chain: Chain, keys: DeviceKeys, listening: Listening, followed: Following
) -> tuple[Transport, ...]:
    """In the order of preference; those that may not be used are not even listened to."""
    from stardust.signaling.pallet import PalletTransport
    from stardust.signaling.rendezvous import RendezvousTransport
    from stardust.signaling.statements import StatementTransport

    chosen = config.signaling
    nodes = chosen.nodes or config.chain.nodes
    known: dict[str, Callable[[], Transport]] = {
        "statements": lambda: StatementTransport(chain, keys, nodes, listening, followed=followed),
        "rendezvous": lambda: RendezvousTransport(
            lambda: chain.genesis, keys, chosen.rendezvous, listening, followed=followed
        ),
        "pallet": lambda: PalletTransport(chain),
    }
    if not chosen.rendezvous:
        del known["rendezvous"]
    order = order_of(chosen.prefer, fallback=chosen.fallback)
    return tuple(known[name]() for name in order if name in known)


def known_genesis(home: Home, config: Config) -> bytes | None:
    """Of the chain that this account lives on: configured, else the first one that was seen."""
    text = config.chain.genesis
    try:
        if text is None and home.genesis.exists():
            text = home.genesis.read_text(encoding="ascii").strip()
        if text is None:
            return None
        genesis = bytes.fromhex(text.removeprefix("0x"))
        if len(genesis) == 32:
            return genesis
    except (OSError, ValueError):
        pass  # said below
    raise HomeUnusableError(f"{home.genesis} is damaged.", hint="it holds the chain's genesis hash")


def _ice(config: Config) -> IceConfig:
    turn = config.network.turn
    access = TurnAccess(turn.url, turn.username, turn.password) if turn else None
    return IceConfig(config.network.stun, access)


def _is_blocked(people: People, account: AccountId) -> bool:
    person = people.get(account)
    return person is not None and person.blocked


def _is_verified(people: People, account: AccountId) -> bool:
    person = people.get(account)
    return person is not None and person.trust.standing is Standing.VERIFIED
