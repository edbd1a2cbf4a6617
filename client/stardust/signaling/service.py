"""Signaling over several transports: seals what goes out; checks, merges and limits what comes in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from nacl.utils import random

from stardust.chain.port import Chain
from stardust.errors import StardustError, UnavailableError
from stardust.identity.devices import DeviceKeys
from stardust.identity.records import CertifiedDevice
from stardust.signaling.envelope import seal
from stardust.signaling.listening import Listened
from stardust.signaling.policy import PALLET, Policy
from stardust.signaling.port import ReceivedSignal, Spent, Transport, TransportHealth
from stardust.signaling.public import WHAT_TO_DO, why_public
from stardust.signaling.reception import Reception
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.signals import Signal, SignalKind

LIFETIME_S: Final = 120
PING_LIFETIME_S: Final = 600
"""For who comes back in the meantime."""

UNTAKEN_S: Final = 600.0
"""Seconds for which a reason counts why a signal was not taken, if none is tried meanwhile."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Untaken:
    """Why a transport did not take what was last given to it."""

    problem: str
    at: float
    """Monotonic seconds."""
    by_chain: bool
    """Something was wrong with the chain: over when that is."""


class SignalingService:
    """Keeps the interface ``Signaling``. ``transports`` in the order of preference; ``listened`` is told
    whom this device has written to; ``heard``: devices that were heard from before; ``spent``: which
    signals were acted on before a restart; ``asked_free``: the settings ask for a way off chain, so that it
    is worth a warning when signals go there.

    ``start`` once; ``close`` ends everything."""

    def __init__(
        self,
        chain: Chain,
        account: AccountId,
        keys: DeviceKeys,
        transports: Sequence[Transport],
        *,
        listened: Listened | None = None,
        heard: Iterable[DeviceId] = (),
        spent: Spent | None = None,
        asked_free: bool = False,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._chain = chain
        self._account = account
        self._keys = keys
        self._transports = {transport.name: transport for transport in transports}
        self._wall_clock = wall_clock
        self._listened = listened or Listened()
        self._policy = Policy(self._transports, heard)
        self._reception = Reception(
            chain,
            keys,
            self._listened,
            spent=spent,
            on_received=self._policy.received,
            wall_clock=wall_clock,
        )
        self._listening: asyncio.Task[None] | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._asked_free, self._told = asked_free, False
        self._untaken: dict[str, _Untaken] = {}
        """By name of a transport."""

    def start(self) -> None:
        """Listens from now on; needs a running event loop."""
        if self._listening is None:
            self._listening = asyncio.create_task(
                self._reception.run(tuple(self._transports.values())), name="signals"
            )

    async def close(self) -> None:
        tasks = [*self._sending, *([self._listening] if self._listening else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._listening = None
        for transport in self._transports.values():
            await transport.close()

    async def send(
        self, to: CertifiedDevice, kind: SignalKind, payload: bytes, *, urgent: bool = False
    ) -> None:
        """Returns when a transport took it. Raises ``UnavailableError`` or ``SignalRefusedError`` when
        none does."""
        device = to.record.device
        signal = Signal(
            id=random(16),
            kind=kind,
            genesis=self._chain.genesis,
            sender_account=self._account,
            sender_device=self._keys.device,
            receiver_device=device,
            expires=int(self._wall_clock()) + (PING_LIFETIME_S if kind is SignalKind.PING else LIFETIME_S),
            payload=payload,
        )
        route = self._policy.route(device, kind, urgent=urgent, now=time.monotonic())
        self._listened.expect(device)
        if route.strangers_too:
            self._spawn(self._publish(route.strangers_too, signal, to, known=False))
        ways = [route.first_of, *((name,) for name in route.also)]
        tasks = [self._spawn(self._publish(way, signal, to, known=route.known)) for way in ways if way]
        problem: StardustError = UnavailableError("There is no way to send signals.")
        for done in asyncio.as_completed(tasks):
            try:
                await done
                return
            except StardustError as error:
                problem = error
        raise problem

    async def _publish(
        self, names: tuple[str, ...], signal: Signal, to: CertifiedDevice, *, known: bool
    ) -> None:
        """By the first of ``names`` that takes it; raises what the last one raised."""
        problem: StardustError = UnavailableError("There is no way to send signals.")
        for name in names:
            # Sealed anew for each transport, so that nobody can tell that two envelopes are one signal; also
            # who does not take one may have seen it.
            envelope = seal(signal, self._keys, to.record)
            try:
                await self._transports[name].publish(
                    to.record.device, signal.kind, envelope, known=known, expires=signal.expires
                )
                self._untaken.pop(name, None)
                await self._tell(name)
                return
            except StardustError as error:
                log.info("a signal was not taken", transport=name, problem=str(error))
                by_chain = name == PALLET and not self._chain_is_well()
                self._untaken[name] = _Untaken(str(error), time.monotonic(), by_chain)
                problem = error
        raise problem

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name="signal")
        self._sending.add(task)
        task.add_done_callback(self._sent)
        return task

    def _sent(self, task: asyncio.Task[None]) -> None:
        """What failed was logged; whoever waits for it has it too."""
        self._sending.discard(task)
        if not task.cancelled():
            task.exception()

    async def received(self) -> AsyncIterator[ReceivedSignal]:
        while True:
            yield await self._reception.next()

    async def health(self) -> tuple[TransportHealth, ...]:
        return tuple([self._with_problem(await one.health()) for one in self._transports.values()])

    def _with_problem(self, health: TransportHealth) -> TransportHealth:
        """Of a transport that works and did not take the last signal, also why."""
        untaken = self._untaken.get(health.name)
        if untaken is None or not health.usable:
            return health
        if time.monotonic() - untaken.at >= UNTAKEN_S or (untaken.by_chain and self._chain_is_well()):
            del self._untaken[health.name]
            return health
        detail = f"{health.detail}; the last signal was not taken: {untaken.problem}"
        return replace(health, detail=detail, failed=True)

    def _chain_is_well(self) -> bool:
        status = self._chain.status()
        return status.connected and status.problem is None

    async def _tell(self, taken_by: str) -> None:
        """Once for each time that signals go on chain against the settings."""
        if taken_by != PALLET:
            self._told = False
        elif self._asked_free and not self._told and (why := why_public(await self.health())):
            self._told = True
            log.warning("signals go on chain", problem=why, hint=WHAT_TO_DO)
