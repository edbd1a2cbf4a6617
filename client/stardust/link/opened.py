"""The open connection of a link: its heartbeat, the link's own words on it, its figures."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import structlog

from stardust.errors import StardustError
from stardust.link import framing
from stardust.link.engine import Connection
from stardust.link.heartbeat import GiveUp, Heartbeat, SendPing
from stardust.link.port import LinkQuality
from stardust.signaling.intake import RateLimit

PINGS_AT_ONCE: Final = 20
PINGS_PER_S: Final = 10.0
"""A peer of ours sends one in two seconds."""

log = structlog.get_logger(__name__)


class OpenConnection:
    """Times in monotonic seconds."""

    def __init__(self, attempt: bytes, connection: Connection, route: str, now: float) -> None:
        self.attempt = attempt
        self.route = route
        self._connection = connection
        self._since = now
        self._sent = self._received = 0
        self._heartbeat = Heartbeat(last_heard=now)
        self._pings = RateLimit(PINGS_AT_ONCE, PINGS_PER_S, capacity=1)
        self._saying: asyncio.Task[None] | None = None

    def quality(self) -> LinkQuality:
        rtt = self._heartbeat.rtt_s
        return LinkQuality(
            rtt_ms=None if rtt is None else rtt * 1000,
            bytes_sent=self._sent,
            bytes_received=self._received,
            opened_ms_ago=(time.monotonic() - self._since) * 1000,
        )

    async def send(self, payload: bytes) -> None:
        """Raises what the connection raises."""
        await self._connection.send(framing.frame(payload))
        self._sent += len(payload)

    def tick(self, now: float) -> str | None:
        """At least each second. Why the connection is to be given up, if it is."""
        match self._heartbeat.tick(now):
            case SendPing(number):
                self._say(framing.Ping(number))
            case GiveUp(reason):
                return reason
        return None

    def message(self, message: bytes, now: float) -> bytes | str | None:
        """A frame of the layer above; or why the connection is to be given up; or None for a word of
        the link itself. Raises ``DecodeError``."""
        word = framing.parse(message)
        self._heartbeat.heard(now)
        match word:
            case framing.Ping(number):
                if not self._pings.allow(b"", now):
                    return "the other device asks without end whether this one is there"
                self._say(framing.Pong(number))
            case framing.Pong(number):
                self._heartbeat.pong(number, now)
            case bytes():
                self._received += len(word)
                return word
        return None

    def _say(self, word: framing.Ping | framing.Pong) -> None:
        """One at a time: a peer that takes nothing must not pile up what it is told."""
        if self._saying is None or self._saying.done():
            self._saying = asyncio.create_task(self._send_word(word), name="link-word")

    async def _send_word(self, word: framing.Ping | framing.Pong) -> None:
        try:
            await self._connection.send(framing.control(word))
        except StardustError as error:
            log.debug("no heartbeat could be sent", reason=str(error))

    async def ended(self) -> None:
        """Waits for what was being said; the connection is closed already."""
        if self._saying is not None:
            self._saying.cancel()
            await asyncio.gather(self._saying, return_exceptions=True)
