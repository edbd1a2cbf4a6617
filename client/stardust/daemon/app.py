"""The one place that wires everything together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from stardust.api.calls import METHODS
from stardust.api.events import ChainChanged, LinkChanged, Stopping
from stardust.backup.keys import BackupKey
from stardust.chain.port import ChainStatus
from stardust.daemon import views
from stardust.daemon.api_listeners import Listeners
from stardust.daemon.api_server import ApiConnection, Channel, Handler
from stardust.daemon.beat_keeper import BeatKeeper
from stardust.daemon.chain_keeper import ChainKeeper
from stardust.daemon.chain_news import ChainNews
from stardust.daemon.config import Config
from stardust.daemon.core import Core
from stardust.daemon.delivery_runner import DeliveryRunner
from stardust.daemon.home import Home, write_private
from stardust.daemon.hub import EventHub
from stardust.daemon.inbox import Inbox
from stardust.daemon.journal import Journal
from stardust.daemon.link_keeper import LinkKeeper
from stardust.daemon.live import Live
from stardust.daemon.misconduct import Misconduct
from stardust.daemon.parts import Parts
from stardust.daemon.people import People
from stardust.daemon.pings import Pings
from stardust.daemon.presence import Presence
from stardust.daemon.reconciler import Reconciler
from stardust.daemon.records import Records
from stardust.daemon.services.backup import BackupService
from stardust.daemon.services.contacts import ContactsService
from stardust.daemon.services.export import ExportService
from stardust.daemon.services.identity import IdentityService
from stardust.daemon.services.messages import MessagesService
from stardust.daemon.services.profile import ProfileService
from stardust.daemon.services.system import SystemService
from stardust.daemon.store_thread import StoreThread
from stardust.daemon.teller import Teller
from stardust.daemon.vault import Secrets
from stardust.delivery.engine import DeliveryEngine
from stardust.delivery.events import DeviceDamaged, Effect, ItemsRefused, KeysNotAccepted, PeerMisbehaved
from stardust.errors import StardustError
from stardust.history.store import Store
from stardust.identity.accounts import well_known
from stardust.identity.devices import DeviceKeys
from stardust.identity.errors import OWN_ACCOUNT, DevAccountError
from stardust.link.port import LinkAsked, LinkOpened
from stardust.session.account import create_account
from stardust.session.sessions import Sessions
from stardust.signaling.policy import MAX_PEERS
from stardust.wire.ids import AccountId, DeviceId

OF_THE_CONNECTION: Final = {"events.subscribe", "events.unsubscribe"}
"""Calls that ``ApiConnection`` answers itself."""
GOODBYE: Final = 0.5
"""Seconds that each part gets for its end."""

log = structlog.get_logger(__name__)


class App:
    """A running daemon: ``start``, then ``stopped`` waits, then ``close``."""

    def __init__(self, home: Home, config: Config, secrets: Secrets, parts: Parts) -> None:
        self._home = home
        self._config = config
        self._secrets = secrets
        self._parts = parts
        self._account = AccountId(secrets.account)
        self._keys = DeviceKeys.from_bytes(secrets.device)
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._thread = StoreThread()
        self._hub = EventHub()
        self._listeners = Listeners(home.path, self._serve)
        self._loop = asyncio.get_running_loop()

    def stop(self) -> None:
        """Asks for the end; may be called more than once."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    async def stopped(self) -> None:
        """Until ``stop`` was called."""
        await self._stop.wait()

    async def start(self) -> None:
        """Everything up to a listening API. The chain may be away."""
        try:
            self._store = await self._thread.run(self._parts.store, self._home, self._secrets)
            core = await self._wire()
            await self._reconciler.everybody()
            await self._listeners.open_unix()
            if self._config.api.websocket:
                await self._listeners.open_websocket(self._config.api.port)
        except BaseException:
            await self._listeners.close()
            self._thread.close()
            raise
        self._network.start()
        self._watch(core.chain_keeper.run, "chain")
        self._watch(lambda: self._follow_links(core), "links")
        self._watch(core.link_keeper.run, "link-keeper")
        self._watch(self._news.run, "chain-news")
        core.people.watch(self._people_changed)
        self._watch(self._beats.run, "presence-keys")
        self._watch(self._pings.run, "pings")
        self._watch(self._presence.follow_beats, "presence")

    async def close(self) -> None:
        """Says goodbye, in less than two seconds; what is stored needs no farewell."""
        core = self._core
        self._hub.publish(Stopping())
        if core.chain_keeper.present and core.chain_keeper.status().connected:
            await _briefly(core.chain.go_offline(), "presence")
        await _briefly(core.presence.goodbye(), "presence")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._listeners.close()
        await _briefly(self._news.close(), "news")
        await _briefly(self._presence.close(), "presence")
        await _briefly(self._pings.close(), "pings")
        await _briefly(self._teller.close(), "teller")
        await _briefly(core.runner.close(), "delivery")
        await _briefly(core.links.close(), "links")
        await _briefly(self._network.close(), "signaling")
        await _briefly(core.chain.close(), "chain")
        await self._thread.run(self._store.close)
        self._thread.close()

    def _people_changed(self) -> None:
        """On the store's thread."""
        self._loop.call_soon_threadsafe(self._beats.look_again)

    # wiring
    async def _wire(self) -> Core:
        store, journal, people = self._store, Journal(), People(self._account)
        records = Records(store, self._account, self._keys.device)
        sessions = await self._thread.run(self._open_sessions, store, people, records)
        inbox = Inbox(records, people, journal)
        engine = await self._thread.run(DeliveryEngine, store.streams, sessions, inbox)
        heard = await self._thread.run(store.streams.heard_from, MAX_PEERS)
        network = self._parts.network(self._home, self._config, self._keys, people, heard, self._spent)
        runner = DeliveryRunner(
            self._thread,
            engine,
            network.links,
            journal,
            on_effect=self._on_effect,
            on_commit=lambda news: self._teller.tell(news),
            on_rollback=lambda: people.replace_all(records.people()),
            on_failure=lambda error: self._live.note_problem("delivery", error),
        )
        self._live = Live(people, network.links)
        self._misconduct = Misconduct(network.links)
        self._network = network
        self._core = Core(
            home=self._home,
            config=self._config,
            account=self._account,
            scheme=self._secrets.scheme,
            keys=self._keys,
            olm=sessions.identity,
            chain=network.chain,
            signaling=network.signaling,
            presence=network.presence,
            links=network.links,
            thread=self._thread,
            records=records,
            people=people,
            journal=journal,
            runner=runner,
            chain_keeper=ChainKeeper(
                network.chain,
                on_state=self._on_chain_state,
                on_ready=self._chain_ready,
                on_event=lambda event: self._news.event(event),
            ),
            link_keeper=LinkKeeper(
                network.links,
                waiting=runner.waiting,
                devices=people.devices_of,
                find=lambda device: None if self._core.revoked else people.trusted(device),
            ),
            hub=self._hub,
            own_devices=await self._thread.run(records.own_devices),
        )
        self._core.note_standing(revoked=await self._thread.run(records.revoked))
        await self._make_services(self._core)
        return self._core

    async def _spent(self, signal: bytes, forget_at: int, now: int) -> bool:
        """Keeps the interface ``Spent``."""
        return await self._thread.run(self._store.spent_signals.first_sight, signal, forget_at, now)

    def _open_sessions(self, store: Store, people: People, records: Records) -> Sessions:
        """On the store's thread."""
        people.replace_all(records.people())
        with store.transaction():
            if store.ratchets.load_account() is None:
                create_account(store.ratchets, self._secrets.pickle)
        return Sessions(store.ratchets, self._secrets.pickle, people.trusted)

    async def _make_services(self, core: Core) -> None:
        profiles = ProfileService(core, await self._thread.run(core.records.profile, core.account))
        messages = MessagesService(core)
        self._reconciler = Reconciler(core, profiles.request)
        contacts = ContactsService(core, self._live, self._reconciler, profiles)
        self._presence = Presence(core, self._live)
        self._beats = BeatKeeper(core)
        self._presence.came = self._beats.came
        self._news = ChainNews(core, self._live, self._reconciler, contacts, self._presence)
        self._pings = Pings(core, self._news.meet)
        self._teller = Teller(
            self._hub,
            view=contacts.view,
            answer=contacts.answer_due,
            reconcile=self._reconciler.changed,
            missing=self._live.note_missing,
            beat_key=self._beats.look_again,
        )
        identity = IdentityService(core, profiles, self._news.refresh_own)
        self._backup = BackupService(
            core,
            BackupKey.from_bytes(self._secrets.backup),
            self._secrets.database,
            await self._thread.run(BackupService.read_last, self._store),
        )
        export = ExportService(core, self._secrets.database)
        system = SystemService(
            core,
            self._live,
            backup=self._backup.info,
            websocket=lambda: self._listeners.websocket,
            stop=self.stop,
        )
        self._handlers: dict[str, Handler] = {
            "system.status": system.status,
            "system.doctor": system.doctor,
            "system.shutdown": system.shutdown,
            "chain.calls": system.chain_calls,
            "identity.whoami": identity.whoami,
            "identity.login": identity.login,
            "identity.revoke_device": identity.revoke_device,
            "identity.profile.get": profiles.get,
            "identity.profile.set": profiles.set,
            "invites.create": contacts.invite,
            "contacts.add": contacts.add,
            "contacts.list": contacts.list,
            "contacts.get": contacts.get,
            "contacts.rename": contacts.rename,
            "contacts.accept": contacts.accept,
            "contacts.decline": contacts.decline,
            "contacts.accept_keys": contacts.accept_keys,
            "contacts.verify": contacts.verify,
            "contacts.block": contacts.block,
            "contacts.unblock": contacts.unblock,
            "messages.send": messages.send,
            "messages.get": messages.get,
            "messages.history": messages.history,
            "messages.search": messages.search,
            "messages.mark_read": messages.mark_read,
            "chats.open": contacts.open_chat,
            "chats.close": contacts.close_chat,
            "presence.list": contacts.presence,
            "backup.create": self._backup.create,
            "backup.status": self._backup.status,
            "backup.verify": self._backup.verify,
            "export.run": export.run,
        }
        unanswered = METHODS.keys() - self._handlers.keys() - OF_THE_CONNECTION
        assert not unanswered, unanswered

    # what happens
    async def _serve(self, channel: Channel) -> None:
        await ApiConnection(channel, self._handlers, self._hub).run()

    async def _follow_links(self, core: Core) -> None:
        async for event in core.links.events():
            device = self._live.note_link(event)
            if isinstance(event, LinkAsked):
                self._pings.asked(event.device)
            if isinstance(event, LinkOpened):
                self._beats.look_again()
                self._live.note_problem(f"device {event.device.hex()}", None)  # said again if it is still so
                if core.people.account_of(event.device) is None:
                    self._news.resolve(event.device)
            await core.runner.link_event(event)
            if device is not None:
                self._hub.publish(LinkChanged(self._live.link_info(device)))
                account = core.people.account_of(device)
                if account is not None and core.people.get(account) is not None:
                    self._teller.contact_changed(account)

    def _on_effect(self, effect: Effect) -> None:
        """What the engine says beside what the journal holds."""
        match effect:
            case KeysNotAccepted(device):
                if self._core.people.account_of(device) is None:
                    self._news.resolve(device)
            case DeviceDamaged(device, problem):
                log.error("a device stands still", device=device, problem=problem)
                whose = self._title(device)
                hint = (
                    "the history is damaged there; a backup brings it back: "
                    f"stardust down, move {self._home.path} out of the way, stardust restore"
                )
                error = StardustError(f"Nothing goes to or comes from {whose}: {problem}", hint=hint)
                self._live.note_problem(f"device {device.hex()}", error)
            case PeerMisbehaved(device, reason):
                self._misconduct.note(device, reason)
            case ItemsRefused(device, count):
                log.warning("items of a newer version were refused", device=device, count=count)

    def _title(self, device: DeviceId) -> str:
        """Whose device it is, for people."""
        account = self._core.people.account_of(device)
        person = self._core.people.get(account) if account is not None else None
        return person.title if person else "somebody who is no contact"

    async def _chain_ready(self) -> None:
        if self._config.chain.genesis is None and not self._home.genesis.exists():
            genesis = self._core.chain.genesis.hex()
            await asyncio.to_thread(write_private, self._home.genesis, genesis.encode())
        await self._check_account()
        await self._news.ready()
        await self._backup.anchor_later()

    async def _check_account(self) -> None:
        """An account that everybody has, on a chain where that matters, is said at every look."""
        live = await self._core.chain.is_live()
        known = live and self._account in await asyncio.to_thread(well_known)
        self._live.note_problem("account", DevAccountError(hint=OWN_ACCOUNT) if known else None)

    def _on_chain_state(self, status: ChainStatus) -> None:
        self._hub.publish(ChainChanged(views.chain(status)))

    # tasks
    def _watch(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        self._tasks.append(asyncio.create_task(self._guard(work, name), name=name))

    async def _guard(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        """A part that fails is logged and shown; the others go on."""
        try:
            await work()
        except StardustError as error:
            log.error("a part of the daemon stopped", part=name, problem=str(error))
            self._live.note_problem(name, error)
        except Exception:
            log.exception("a part of the daemon failed unexpectedly", part=name)
            self._live.note_problem(
                name,
                StardustError(f"A part of the daemon ({name}) has failed.", hint="restart it; see its log"),
            )


async def _briefly(work: Awaitable[object], what: str) -> None:
    """Waits for ``work``, but not for long, and not for what it has to complain about."""
    try:
        async with asyncio.timeout(GOODBYE):
            await work
    except TimeoutError:
        log.info("did not end in time", part=what)
    except Exception as error:
        log.info("did not end well", part=what, problem=str(error))
