"""A daemon of canned people behind the real API server: real sockets and frames, no chain and no keys."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from stardust.api import calls as c
from stardust.api import types as t
from stardust.api.events import (
    AnyEvent,
    ContactChanged,
    KeysChanged,
    MessageQueued,
    MessageReceived,
    MessageStateChanged,
)
from stardust.daemon.api_listeners import Listeners
from stardust.daemon.api_server import ApiConnection, Channel, Scope
from stardust.daemon.errors import AmbiguousContactError, KeysChangedError, UnknownContactError
from stardust.daemon.home import Home
from stardust.daemon.hub import EventHub
from stardust.errors import UnavailableError, UntrustedError, UsageError

BEGAN = 1_764_000_000_000
NUMBER = " ".join(f"{number:05d}" for number in range(12))
LINK = "stardust:invite:" + "Ab" * 150
TICKET = "0a" * 32
CODE = "stardust:safety:" + "Cd" * 80
REPLACE = msgspec.structs.replace


def contact(who: str, **fields: Any) -> t.Contact:
    known: dict[str, Any] = {
        "address": f"5{who * 12}"[:48].ljust(48, "x"),
        "name": who,
        "nickname": who.lower(),
        "conversation": who.encode().hex().ljust(64, "0"),
        "state": "accepted",
        "blocked": False,
        "verified": False,
        "keys_changed": False,
        "online": False,
        "last_seen_at": None,
        "link": "idle",
        "unread": 0,
        "waiting": 0,
        "last_message_at": None,
        "devices": (t.Device("ab" * 32, 7),),
        "ticket": TICKET,
    }
    return t.Contact(**known | fields)


class World:
    """What the daemon knows. Tests change it, on the daemon's own thread (``FakeDaemon.do``)."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.hub = EventHub()
        self.contacts: dict[str, t.Contact] = {}
        self.messages: list[t.Message] = []
        self.received: list[c.Call[Any]] = []
        self.progress: tuple[t.MessageState, ...] = ()
        """States that an outgoing message reaches at once."""
        self.profile = t.ProfileInfo("5me", "Ann", "", b"", 1)
        self.findings = (t.Finding("chain", "ok", "connected"),)
        self.has_key = True
        self.chain = t.ChainInfo(True, "ws://127.0.0.1:9944", "00" * 32, "stardust", 1, 1204)
        self.slow: type[c.Call[Any]] | None = None
        """Calls of this kind are not answered before ``goes_on`` is set."""
        self.goes_on = asyncio.Event()
        self.stop: Callable[[], None] = lambda: None

    def add(self, one: t.Contact) -> t.Contact:
        self.contacts[one.address] = one
        return one

    def change(self, who: str, **fields: Any) -> None:
        one = REPLACE(self.find(who), **fields)
        self.add(one)
        self.publish(ContactChanged(one))

    def change_keys(self, name: str) -> None:
        one = self.find(name)
        ticket = f"{int(one.ticket, 16) + 1:064x}"
        one = self.add(REPLACE(one, keys_changed=True, verified=False, ticket=ticket))
        self.publish(KeysChanged(one, (t.Device("cd" * 32, 9, trusted=False),), ()))

    def publish(self, event: AnyEvent) -> None:
        self.hub.publish(event)

    def find(self, who: str) -> t.Contact:
        found = [
            one for one in self.contacts.values() if who in (one.address,) or one.name.lower() == who.lower()
        ]
        if not found:
            raise UnknownContactError(f"No contact is called {who}.", hint="see: stardust contact list")
        if len(found) > 1:
            raise AmbiguousContactError
        return found[0]

    def write(self, who: str, body: str, *, outgoing: bool, state: t.MessageState | None = None) -> t.Message:
        one, at = self.find(who), BEGAN + len(self.messages) * 60_000
        message = t.Message(
            id=f"{len(self.messages):032x}",
            conversation=one.conversation,
            contact=one.address,
            outgoing=outgoing,
            body=body,
            sent_at=at,
            stored_at=at,
            state=state or ("queued" if outgoing else "received"),
        )
        self.messages.append(message)
        self.add(REPLACE(self.find(who), last_message_at=at, unread=one.unread + (not outgoing)))
        return message

    def receive(self, who: str, body: str) -> None:
        message = self.write(who, body, outgoing=False)
        self.publish(MessageReceived(message))
        self.publish(ContactChanged(self.find(who)))

    def advance(self, message: t.Message, state: t.MessageState) -> None:
        at = next(number for number, one in enumerate(self.messages) if one.id == message.id)
        self.messages[at] = REPLACE(self.messages[at], state=state)
        self.publish(MessageStateChanged(message.id, message.contact, message.conversation, state, BEGAN))

    # calls

    async def handle(self, call: c.Call[Any], _: Scope) -> Any:
        self.received.append(call)
        if type(call) is self.slow:
            await self.goes_on.wait()
        return getattr(self, "on_" + call.method.replace(".", "_"))(call)

    def on_system_status(self, _: c.SystemStatus) -> t.Status:
        return t.Status(
            version="0.1.0",
            api=1,
            pid=os.getpid(),
            home=str(self.home),
            uptime_ms=1000,
            memory_bytes=80_000_000,
            address="5me" + "x" * 45,
            device="ee" * 32,
            registered=True,
            online=True,
            presence="contacts",
            presence_detail="beats, by rendezvous",
            chain=self.chain,
            transports=(
                t.TransportInfo("statements", False, "no node has a store"),
                t.TransportInfo("pallet", True, "by a node"),
            ),
            links=tuple(
                t.LinkInfo(one.address, "ab" * 32, "open", "direct", 60.0, 3.2)
                for one in self.contacts.values()
                if one.link == "open"
            ),
            contacts=len(self.contacts),
            requests=0,
            unread=0,
            waiting=0,
            backup=t.BackupInfo(None, None, None, False),
        )

    def on_system_doctor(self, _: c.SystemDoctor) -> t.Doctor:
        return t.Doctor(self.findings)

    def on_system_shutdown(self, _: c.SystemShutdown) -> t.Empty:
        asyncio.get_running_loop().call_later(0.05, self.stop)
        return t.Empty()

    def on_identity_whoami(self, _: c.IdentityWhoami) -> t.Whoami:
        device = t.Device("ee" * 32, 5, this=True)
        other = t.Device("dd" * 32, 6)
        return t.Whoami("5me", "00" * 32, "sr25519", "ee" * 32, "Ann", True, (device, other), self.has_key)

    def on_identity_login(self, call: c.IdentityLogin) -> t.Login:
        if call.passphrase != "pass":
            from stardust.errors import WrongPassphraseError

            raise WrongPassphraseError
        return t.Login("register", "5me", "ee" * 32, 12, 300)

    def on_identity_revoke_device(self, _: c.IdentityRevokeDevice) -> t.Empty:
        return t.Empty()

    def on_identity_profile_get(self, _: c.IdentityProfileGet) -> t.ProfileInfo:
        return self.profile

    def on_identity_profile_set(self, call: c.IdentityProfileSet) -> t.ProfileInfo:
        self.profile = t.ProfileInfo("5me", call.nickname, call.bio, call.avatar, self.profile.revision + 1)
        return self.profile

    def on_invites_create(self, _: c.InvitesCreate) -> t.Invite:
        return t.Invite(LINK, BEGAN)

    def on_contacts_add(self, call: c.ContactsAdd) -> t.Contact:
        if call.who == "nonsense":
            raise UsageError("This is not an account address of this network.")
        return self.add(contact(call.name or "New", state="request_sent"))

    def on_contacts_list(self, _: c.ContactsList) -> t.Contacts:
        return t.Contacts(tuple(self.contacts.values()))

    def on_contacts_get(self, call: c.ContactsGet) -> t.Contact:
        return self.find(call.contact)

    def _set(self, who: str, **fields: Any) -> t.Contact:
        address = self.find(who).address
        self.change(address, **fields)
        return self.find(address)

    def on_contacts_rename(self, call: c.ContactsRename) -> t.Contact:
        return self._set(call.contact, name=call.name)

    def on_contacts_accept(self, call: c.ContactsAccept) -> t.Contact:
        return self._set(call.contact, state="accepted")

    def on_contacts_decline(self, call: c.ContactsDecline) -> t.Empty:
        del self.contacts[self.find(call.contact).address]
        return t.Empty()

    def on_contacts_accept_keys(self, call: c.ContactsAcceptKeys) -> t.Contact:
        if call.ticket != self.find(call.contact).ticket:
            raise UsageError("The devices changed again meanwhile.")
        return self._set(call.contact, keys_changed=False)

    def on_contacts_verify(self, call: c.ContactsVerify) -> t.Verification:
        one = self.find(call.contact)
        if call.scanned is not None and call.scanned != CODE:
            raise UntrustedError("The safety codes differ.", hint="do not send anything secret")
        if call.confirm and call.ticket != one.ticket:
            raise UsageError("The devices changed again meanwhile.")
        confirm = True if call.scanned is not None else call.confirm
        if confirm is not None:
            one = self._set(call.contact, verified=confirm)
        return t.Verification(one.address, NUMBER, CODE, one.verified, one.ticket)

    def on_contacts_block(self, call: c.ContactsBlock) -> t.Contact:
        return self._set(call.contact, blocked=True)

    def on_contacts_unblock(self, call: c.ContactsUnblock) -> t.Contact:
        return self._set(call.contact, blocked=False)

    def on_messages_send(self, call: c.MessagesSend) -> t.Message:
        if self.find(call.contact).keys_changed:
            raise KeysChangedError(hint="stardust contact accept --keys NAME")
        message = self.write(call.contact, call.body, outgoing=True)
        self.publish(MessageQueued(message))
        for state in self.progress:
            self.advance(message, state)
        return message

    def on_messages_get(self, call: c.MessagesGet) -> t.Message:
        return next(one for one in self.messages if one.id == call.id)

    def on_messages_history(self, call: c.MessagesHistory) -> t.HistoryPage:
        mine = [one for one in self.messages if one.contact == self.find(call.contact).address]
        end = int(call.before) if call.before else len(mine)
        start = max(0, end - call.limit)
        return t.HistoryPage(tuple(mine[start:end]), str(start) if start else None)

    def on_messages_search(self, call: c.MessagesSearch) -> t.SearchPage:
        found = [one for one in self.messages if call.query.lower() in one.body.lower()]
        hits = [t.SearchHit(one, one.body.replace(call.query, f"\x02{call.query}\x03")) for one in found]
        return t.SearchPage(tuple(reversed(hits)), None)

    def on_messages_mark_read(self, call: c.MessagesMarkRead) -> t.Marked:
        unread = self.find(call.contact).unread
        self._set(call.contact, unread=0)
        return t.Marked(unread)

    def on_chats_open(self, call: c.ChatsOpen) -> t.Contact:
        return self.find(call.contact)

    def on_chats_close(self, _: c.ChatsClose) -> t.Empty:
        return t.Empty()

    def on_backup_create(self, call: c.BackupCreate) -> t.BackupReport:
        return t.BackupReport(call.to, "bafy", call.path, 3, 2_000_000, 90_000, 40, 2, 120, True, 70)

    def on_backup_status(self, _: c.BackupStatus) -> t.BackupInfo:
        return t.BackupInfo(3, "bafy", BEGAN, True, None, 4)

    def on_backup_verify(self, _: c.BackupVerify) -> t.VerifyReport:
        return t.VerifyReport("bafy", 3, 40, 2_000_000, 120, 2, True, 50)

    def on_export_run(self, call: c.ExportRun) -> t.Exported:
        return t.Exported(call.path, len(self.messages))

    def on_presence_list(self, _: c.PresenceListed) -> t.PresenceList:
        raise UnavailableError

    def on_chain_calls(self, _: c.ChainCallsMade) -> t.ChainCalls:
        return t.ChainCalls(())


class FakeDaemon:
    """A ``World`` served on the Unix socket of ``home`` by a thread of its own."""

    def __init__(self, home: Path) -> None:
        self.world = World(home)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fake-daemon")

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        stopped = asyncio.Event()
        self.world.stop = stopped.set
        handlers = dict.fromkeys(c.METHODS, self.world.handle)

        async def serve(channel: Channel) -> None:
            await ApiConnection(channel, handlers, self.world.hub).run()

        listeners = Listeners(self.world.home, serve)
        with Home.at(self.world.home).locked():
            await listeners.open_unix()
            self._ready.set()
            await stopped.wait()
            await listeners.close()

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def do(self, action: Callable[[World], object]) -> None:
        """Runs ``action`` on the daemon's thread and waits for it."""

        async def act() -> None:
            action(self.world)

        asyncio.run_coroutine_threadsafe(act(), self._loop).result(10)

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self.world.stop)
            self._thread.join(10)


@contextmanager
def fake_daemon(home: Path) -> Iterator[FakeDaemon]:
    daemon = FakeDaemon(home)
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.stop()
