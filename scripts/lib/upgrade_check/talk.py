"""Two people who say something at a steady pace, and what became of each message."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from demo.person import Person
from demo.screen import DemoFailedError
from stardust.api.calls import MessagesSend
from stardust.api.client import Subscription
from stardust.api.events import LinkChanged, MessageReceived

EVERY_S = 0.5
"""Between two messages of one person."""
LATE_S = 5.0
"""A message that takes longer is late: over an open link it takes a fraction of a second, and a link
that broke takes longer to be made again."""
LAST_S = 60.0
"""How long the last ones may take to arrive."""


@dataclass
class Said:
    """One message; times are those of this process, in seconds."""

    text: str
    phase: str
    at: float
    arrived: list[float] = field(default_factory=list)

    @property
    def took_s(self) -> float:
        return self.arrived[0] - self.at


class Talk:
    """Between people who are contacts of each other by their names, over a link that is open."""

    def __init__(self, left: Person, right: Person) -> None:
        self._people = (left, right)
        self._tasks: list[asyncio.Task[None]] = []
        self._speaking = True
        self.phase = "before"
        """Of what is said from now on."""
        self.said: dict[str, Said] = {}
        self.breaks: list[str] = []
        """Every moment at which a link was not open, in words."""

    async def start(self) -> None:
        for speaker, hearer in (self._people, self._people[::-1]):
            heard = await hearer.api.subscribe(MessageReceived, LinkChanged)
            self._tasks.append(asyncio.create_task(self._hear(hearer, heard)))
            self._tasks.append(asyncio.create_task(self._speak(speaker, hearer)))

    async def _speak(self, speaker: Person, hearer: Person) -> None:
        number = 0
        while self._speaking:
            number += 1
            text = f"{speaker.name} {number}"
            self.said[text] = Said(text, self.phase, time.monotonic())
            await speaker.api.call(MessagesSend(contact=hearer.name, body=text))
            await asyncio.sleep(EVERY_S)

    async def _hear(self, hearer: Person, heard: Subscription) -> None:
        while (event := await heard.next()) is not None:
            if isinstance(event, MessageReceived) and event.message.body in self.said:
                self.said[event.message.body].arrived.append(time.monotonic())
            elif isinstance(event, LinkChanged) and event.link.state != "open":
                self.breaks.append(f"{hearer.name}'s link was {event.link.state} ({self.phase})")

    async def run_for(self, seconds: float, phase: str) -> None:
        """They go on talking; whatever goes wrong in it is raised."""
        self.phase = phase
        await asyncio.sleep(seconds)
        self.check()

    def check(self) -> None:
        for task in self._tasks:
            if task.done() and not task.cancelled():
                raise task.exception() or DemoFailedError("a daemon of the two ended")

    async def end(self) -> None:
        """They say nothing more; returns when everything has arrived, or will not."""
        self._speaking = False
        deadline = time.monotonic() + LAST_S
        while any(not one.arrived for one in self.said.values()) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # what became of it
    def lost(self) -> list[str]:
        return [one.text for one in self.said.values() if not one.arrived]

    def doubled(self) -> list[str]:
        return [one.text for one in self.said.values() if len(one.arrived) > 1]

    def late(self) -> list[str]:
        return [
            f"{one.text} ({one.took_s:.1f} s, {one.phase})"
            for one in self.said.values()
            if one.arrived and one.took_s > LATE_S
        ]

    def figures(self) -> list[tuple[str, int, float, float]]:
        """Phase, messages, p50 and the longest in seconds."""
        found = []
        for phase in dict.fromkeys(one.phase for one in self.said.values()):
            took = sorted(one.took_s for one in self.said.values() if one.phase == phase and one.arrived)
            if took:
                found.append((phase, len(took), took[len(took) // 2], took[-1]))
        return found
