"""One person: a home folder, a passphrase, a daemon, and the ``stardust`` command to use them."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.screen import DemoFailedError, Screen, require
from stardust.api.calls import MessagesGet, MessagesHistory, MessagesMarkRead, MessagesSend
from stardust.api.client import Client, Subscription
from stardust.api.events import AnyEvent, MessageReceived, MessageStateChanged
from stardust.api.types import Message

STARDUST = str(Path(sys.executable).parent / "stardust")
WAIT_S = 60.0
COMMAND_S = 180.0
"""Seconds that a command may take."""


class Person:
    """Everything goes through the real command or the daemon's local API."""

    def __init__(self, name: str, home: Path, passphrase: str) -> None:
        self.name = name
        self.home = home
        self.passphrase_file = home.with_name(f"{home.name}.passphrase")
        self.passphrase_file.touch(mode=0o600)
        self.passphrase_file.write_text(passphrase + "\n")
        self.client: Client | None = None

    async def stardust(self, *arguments: str) -> Any:
        """Runs ``stardust --json ...``; its result, or ``DemoFailedError`` with its sentence."""
        child = await asyncio.create_subprocess_exec(
            STARDUST,
            *arguments,
            "--home",
            str(self.home),
            "--json",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "STARDUST_PASSPHRASE_FILE": str(self.passphrase_file)},
        )
        command = f"stardust {' '.join(itertools.takewhile(str.isalpha, arguments))} (as {self.name})"
        try:
            out, err = await asyncio.wait_for(child.communicate(), COMMAND_S)
        except TimeoutError:
            raise DemoFailedError(f"{command} did not end within {COMMAND_S:.0f} s.") from None
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode:
            raise DemoFailedError(f"{command}: {_sentence(out) or err.decode(errors='replace').strip()}")
        return json.loads(out)

    async def up(self) -> None:
        """Starts the daemon and connects to its API."""
        await self.stardust("up")
        self.client = await Client.connect(self.home)

    async def down(self) -> None:
        await self.leave()
        await self.stardust("down")

    async def leave(self) -> None:
        """Closes this program's own connection to the API."""
        if self.client is not None:
            await self.client.close()
            self.client = None

    @property
    def api(self) -> Client:
        if self.client is None:
            raise DemoFailedError(f"{self.name}'s daemon is not running")
        return self.client

    async def kill(self, pid: int) -> None:
        """SIGKILL, as a power cut would do it; returns when the process is gone."""
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while is_running(pid):
            require(time.monotonic() < deadline, f"process {pid} survived SIGKILL")
            await asyncio.sleep(0.02)
        await self.leave()

    async def history(self, contact: str) -> list[Message]:
        """The whole conversation, oldest first."""
        messages: list[Message] = []
        before: str | None = None
        while True:
            page = await self.api.call(MessagesHistory(contact=contact, before=before, limit=200))
            messages = [*page.messages, *messages]
            if page.before is None:
                return messages
            before = page.before


async def end_all(people: Iterable[Person], screen: Screen) -> None:
    """Ends their daemons whatever happened; what stood in the way is shown."""
    for person in people:
        try:
            await person.leave()
            if person.home.exists():
                await person.stardust("down")
        except Exception as error:
            screen.say(f"[dim]{person.name}: {error}[/]")


def is_running(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1]
    except OSError:
        return False
    return not state.startswith("Z")


def _sentence(out: bytes) -> str:
    """What a command that failed says in its JSON, and its advice; empty when it says nothing."""
    try:
        error = json.loads(out)["error"]
        return " ".join(filter(None, (error["message"], error["hint"] and f"({error['hint']})")))
    except (ValueError, KeyError, TypeError):
        return ""


async def wait_for(events: Subscription, wanted: Any, what: str, limit: float = WAIT_S) -> AnyEvent:
    """The first event for which ``wanted(event)`` holds."""

    async def search() -> AnyEvent:
        while (event := await events.next()) is not None:
            if wanted(event):
                return event
        raise DemoFailedError(f"the daemon went away while waiting for {what}")

    try:
        return await asyncio.wait_for(search(), limit)
    except TimeoutError:
        raise DemoFailedError(f"waited {limit:.0f} s in vain for {what}") from None


@dataclass(frozen=True)
class Said:
    """A message that was stored on the other side."""

    id: str
    took_s: float
    """From the call that wrote it to the acknowledgement."""


async def say(sender: Person, receiver: Person, text: str) -> Said:
    """Sends ``text`` and waits until it is delivered, and stored at ``receiver`` as it was written."""
    states = await sender.api.subscribe(MessageStateChanged)
    arrivals = await receiver.api.subscribe(MessageReceived)
    began = time.monotonic()
    message = await sender.api.call(MessagesSend(contact=receiver.name, body=text))
    await wait_for(
        states,
        lambda e: isinstance(e, MessageStateChanged) and e.id == message.id and e.state == "delivered",
        f"“{text}” to be delivered",
    )
    took = time.monotonic() - began
    got = await wait_for(
        arrivals,
        lambda e: isinstance(e, MessageReceived) and e.message.id == message.id,
        f"“{text}” to arrive",
    )
    require(isinstance(got, MessageReceived) and got.message.body == text, "another text arrived")
    await states.close()
    await arrivals.close()
    return Said(message.id, took)


async def see_read(sender: Person, receiver: Person, said: Said) -> str:
    """``receiver`` reads everything; what ``sender`` then knows of the message, as a line of receipts."""
    states = await sender.api.subscribe(MessageStateChanged)
    await receiver.api.call(MessagesMarkRead(contact=sender.name))
    await wait_for(
        states,
        lambda e: isinstance(e, MessageStateChanged) and e.id == said.id and e.state == "read",
        "the receipt of a message that was read",
    )
    await states.close()
    known = await sender.api.call(MessagesGet(id=said.id))
    stages = {"sent": known.sent_to_peer_at, "delivered": known.delivered_at, "read": known.read_at}
    missing = [stage for stage, at in stages.items() if at is None]
    require(not missing, f"a message that was read lacks its receipt: {', '.join(missing)}")
    return " → ".join(stages)
