"""A person with a real daemon process of their own."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil

from stardust.api.calls import (
    ChainCallsMade,
    ContactsAdd,
    IdentityLogin,
    InvitesCreate,
    MessagesHistory,
    SystemShutdown,
)
from stardust.api.client import Client, Subscription
from stardust.api.events import ContactChanged, Event
from stardust.api.types import Message
from stardust.daemon import setup
from stardust.daemon.launch import Launched, launch

PASSPHRASE = "open sesame"

E = TypeVar("E", bound=Event)


@dataclass
class Person:
    name: str
    home: Path
    phrase: str = ""
    launched: Launched | None = None
    _client: Client | None = None

    @classmethod
    def create(cls, name: str, home: Path, node: str) -> Person:
        made = setup.create_account(home, PASSPHRASE, name=name, nodes=[node])
        return cls(name, home, made.phrase or "")

    @property
    def client(self) -> Client:
        assert self._client is not None, "the daemon is not running"
        return self._client

    @property
    def running(self) -> bool:
        """False from the moment its end was noticed, until it answers again."""
        return self._client is not None

    async def up(self) -> Launched:
        self.launched = await asyncio.to_thread(launch, self.home, PASSPHRASE)
        self._client = await Client.connect(self.home)
        return self.launched

    async def login(self) -> None:
        await self.client.call(IdentityLogin(PASSPHRASE))

    async def kill(self) -> None:
        """SIGKILL."""
        self.process().send_signal(signal.SIGKILL)
        await self.gone()

    async def gone(self) -> None:
        """Waits for the end of a daemon that was killed."""
        await asyncio.to_thread(self.process().wait, 10)
        await self._leave()

    async def down(self) -> None:
        """A clean end, if it runs."""
        if self._client is None:
            return
        process = self.process()
        await self.client.call(SystemShutdown())
        await self._leave()
        await asyncio.to_thread(process.wait, 10)

    def process(self) -> psutil.Process:
        assert self.launched is not None
        return psutil.Process(self.launched.pid)

    async def _leave(self) -> None:
        await self.client.close()
        self._client = None

    async def messages(self, contact: str) -> list[Message]:
        """The whole conversation, oldest first."""
        found: list[Message] = []
        before: str | None = None
        while True:
            page = await self.client.call(MessagesHistory(contact, before=before, limit=200))
            found = [*page.messages, *found]
            if page.before is None:
                return found
            before = page.before


async def until(events: Subscription, kind: type[E], *, within: float = 60, **wanted: object) -> E:
    """The first event of ``kind`` whose fields are ``wanted``."""
    async with asyncio.timeout(within):
        while True:
            event = await events.next()
            assert event is not None, "the daemon went away"
            if isinstance(event, kind) and all(getattr(event, key) == value for key, value in wanted.items()):
                return event


async def befriend(alice: Person, bob: Person) -> None:
    """By Alice's invite; returns when both know it."""
    changes = [await person.client.subscribe(ContactChanged) for person in (alice, bob)]
    invite = await alice.client.call(InvitesCreate())
    await bob.client.call(ContactsAdd(invite.link))
    async with asyncio.timeout(60):
        for events in changes:
            while (await until(events, ContactChanged)).contact.state != "accepted":
                pass


async def signals_on_chain(person: Person) -> int:
    calls = (await person.client.call(ChainCallsMade())).calls
    return sum(call.call == "send_signaling" for call in calls)
