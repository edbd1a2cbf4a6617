"""The state of everything, the doctor, what the chain cost, and the end."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from importlib.metadata import version
from pathlib import Path

from stardust.api import calls
from stardust.api.frames import API_VERSION
from stardust.api.types import (
    BackupInfo,
    ChainCall,
    ChainCalls,
    Doctor,
    Empty,
    Problem,
    Status,
    TransportInfo,
)
from stardust.daemon import views
from stardust.daemon.api_server import Scope
from stardust.daemon.core import Core
from stardust.daemon.errors import LOGIN_AGAIN, DeviceRevokedError
from stardust.daemon.live import Live, problem_of
from stardust.daemon.people import Relation
from stardust.daemon.records import Summary
from stardust.errors import LocalError
from stardust.identity.address import to_address
from stardust.signaling.port import TransportHealth
from stardust.signaling.public import WHAT_TO_DO, why_public


class SystemService:
    def __init__(
        self,
        core: Core,
        live: Live,
        *,
        backup: Callable[[], Awaitable[BackupInfo]],
        websocket: Callable[[], str | None],
        stop: Callable[[], None],
    ) -> None:
        self._core = core
        self._live = live
        self._backup = backup
        self._websocket = websocket
        self._stop = stop
        self._started = time.monotonic()

    async def status(self, _: calls.SystemStatus, __: Scope) -> Status:
        core = self._core
        summaries, unreadable = await self._summaries()
        transports = await core.signaling.health()
        people = core.people.all()
        return Status(
            version=version("stardust-messenger"),
            api=API_VERSION,
            pid=os.getpid(),
            home=str(core.home.path),
            uptime_ms=int((time.monotonic() - self._started) * 1000),
            memory_bytes=resident_bytes(),
            address=to_address(core.account),
            device=core.keys.device.hex(),
            registered=core.registered,
            revoked=core.revoked,
            online=core.chain_keeper.present or core.presence.way is not None,
            chain=views.chain(core.chain_keeper.status()),
            transports=tuple(TransportInfo(one.name, one.usable, one.detail) for one in transports),
            links=self._live.link_infos(),
            contacts=sum(person.relation is Relation.ACCEPTED for person in people),
            requests=sum(person.relation is Relation.REQUEST_RECEIVED for person in people),
            unread=None if unreadable else sum(summary.unread for summary in summaries),
            waiting=None if unreadable else sum(summary.waiting for summary in summaries),
            backup=await self._backup(),
            websocket=self._websocket(),
            problems=self._problems(transports, unreadable),
            presence=core.config.presence.announce,
            presence_detail=self._presence_detail(),
        )

    async def _summaries(self) -> tuple[Collection[Summary], LocalError | None]:
        """Of all conversations; none, and why, when the history cannot be read."""
        try:
            return (await self._core.thread.run(self._core.records.summaries)).values(), None
        except LocalError as error:
            return (), error

    def _presence_detail(self) -> str:
        core = self._core
        match core.config.presence.announce:
            case "contacts":
                return f"beats, by {core.presence.way}" if core.presence.way else core.presence.problem
            case "public":
                return "heartbeats on the chain" if core.chain_keeper.present else "not on the chain yet"
            case _:
                return ""

    def _problems(
        self, transports: Sequence[TransportHealth], unreadable: LocalError | None
    ) -> tuple[Problem, ...]:
        core, found = self._core, list(self._live.problems.values())
        if unreadable is not None:
            found.insert(0, problem_of(unreadable))
        status = core.chain_keeper.status()
        if not status.connected:
            text = status.problem or "Not connected to the chain yet: it takes some seconds after the start."
            found.append(Problem("chain_unavailable", text, "see: stardust doctor"))
        elif status.problem:
            found.append(Problem("chain_odd", status.problem, "see: stardust doctor"))
        if status.connected and core.revoked:
            found.append(Problem(DeviceRevokedError.code, str(DeviceRevokedError()), LOGIN_AGAIN))
        elif status.connected and not core.registered:
            found.append(Problem("not_registered", "This device is not on chain yet.", "run: stardust login"))
        if core.config.asks_free and (why := why_public(transports)):
            found.append(Problem("signals_on_chain", why, WHAT_TO_DO))
        return tuple(dict.fromkeys(found))

    async def doctor(self, _: calls.SystemDoctor, __: Scope) -> Doctor:
        from stardust.daemon import doctor  # its HTTP client is needed for nothing else

        core = self._core
        status = await core.chain_keeper.settled(doctor.FIRST_WORD)
        findings = await doctor.examine(
            core.home,
            core.config,
            core.chain,
            status,
            core.signaling,
            core.presence,
            lambda: core.thread.run(core.records.summaries),
            registered=core.registered,
            revoked=core.revoked,
        )
        return Doctor(findings)

    async def shutdown(self, _: calls.SystemShutdown, __: Scope) -> Empty:
        self._stop()
        return Empty()

    async def chain_calls(self, _: calls.ChainCallsMade, __: Scope) -> ChainCalls:
        receipts = self._core.chain.calls()
        return ChainCalls(tuple(ChainCall(one.call, one.block, one.size, one.fee) for one in receipts))


def resident_bytes() -> int:
    """Of this process; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
