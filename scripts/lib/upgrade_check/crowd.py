"""Some hundred accounts, so that there is something to migrate; and callers, who try to do things."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

from stardust.chain.port import Chain
from stardust.chain.rpc import RpcChain
from stardust.errors import StardustError
from stardust.wire.signals import SignalKind
from tests.fakes.people import Person, join

AT_ONCE = 32
PROOF_BLOCKS = 200
"""How long the proofs of a registration are good."""
BUSY = 8
"""Of how many accounts there is everything that an account can have."""
CID = bytes.fromhex("01551220") + bytes(32)


async def gather(url: str, count: int) -> list[Person]:
    """So many registered accounts; the first ``BUSY`` with profile, backup, block, signal and notice."""
    chain = RpcChain([url])
    await chain.connect()
    try:
        room = asyncio.Semaphore(AT_ONCE)

        async def one() -> Person:
            person = await asyncio.to_thread(Person.fresh)
            async with room:
                await join(chain, person, ahead=PROOF_BLOCKS)
            return person

        people = await asyncio.gather(*(one() for _ in range(count)))
    finally:
        await chain.close()
    for person, neighbour in itertools.islice(itertools.pairwise(people), BUSY):
        await _live(url, person, neighbour)
    return people


async def _live(url: str, person: Person, neighbour: Person) -> None:
    chain = RpcChain([url], signer=person.device)
    await chain.connect()
    try:
        await asyncio.gather(
            chain.set_profile(b"profile of " + person.account.account),
            chain.set_chat_backup(CID, 1, bytes(32)),
            chain.send_signaling(neighbour.device.device, SignalKind.PING, b"\x07" * 64),
            chain.notify_offline_message(neighbour.account.account, CID),
            chain.block_user(neighbour.account.account),
        )
    finally:
        await chain.close()


@dataclass(frozen=True)
class Tried:
    """One call. ``error``: what the caller was told; None when it was done."""

    phase: str
    took_s: float
    error: StardustError | None


class Caller:
    """Makes one call after the other and remembers what it was told."""

    def __init__(self, name: str, chain: Chain) -> None:
        self.name = name
        self.phase = "before"
        self.tried: list[Tried] = []
        self._chain = chain
        self._task = asyncio.create_task(self._run(), name=name)

    async def _run(self) -> None:
        while True:
            phase, began = self.phase, time.monotonic()
            error: StardustError | None = None
            try:
                await self._chain.heartbeat()
            except StardustError as said:
                error = said
            self.tried.append(Tried(phase, time.monotonic() - began, error))
            await asyncio.sleep(PAUSE_S)

    def of(self, *phases: str) -> Sequence[Tried]:
        return [one for one in self.tried if one.phase in phases]

    async def next_of(self, phase: str, limit: float) -> None:
        """Until a call of this phase has ended. Whatever went wrong in the caller itself is raised."""
        self.phase = phase
        deadline = time.monotonic() + limit
        while not self.of(phase) and time.monotonic() < deadline:
            if self._task.done():
                self._task.result()
            await asyncio.sleep(0.2)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._chain.close()


PAUSE_S = 4.0
"""Between two calls: a credit comes back in that time."""
