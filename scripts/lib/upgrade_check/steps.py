"""The steps. What has to hold is noted as it is found out, and shown at the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench.people import introduce
from demo.chains import SLOT_MILLIS, LocalNetwork
from demo.person import Person, end_all, say
from demo.screen import DemoFailedError, Screen, require
from jsonrpc import NoAnswerError
from network.local import RPC
from network.node import Node
from stardust.api.calls import SystemStatus
from stardust.api.types import Status
from stardust.chain.connection import MIGRATION_KEY
from stardust.chain.errors import ChainUpgradingError
from stardust.chain.light.rpc import LightRpc
from stardust.chain.rpc import RpcChain
from upgrade_check import state
from upgrade_check.comparison import compare, find_migration
from upgrade_check.crowd import BUSY, Caller, gather
from upgrade_check.results import Results
from upgrade_check.runtimes import build, enact
from upgrade_check.talk import EVERY_S, LATE_S, Talk

ACCOUNTS: Final = 300
"""Beside the two who chat. With 8 in a block, the chain takes no calls for more than a minute."""
WORK_BITS: Final = 8
"""Of a registration here, instead of 16: the work is not what is looked at."""
BASELINE_S: Final = 20.0
OLD_S: Final = 30.0
"""How long people talk on with a client that is too old."""
UPGRADE_S: Final = 400.0
CALL_S: Final = 120.0
TOO_OLD: Final = "is too new for this client"


class Check:
    """Owns all processes of the run; ``stop`` ends them whatever happened."""

    def __init__(self, folder: Path, screen: Screen) -> None:
        self.folder = folder
        self.screen = screen
        self.results = Results(screen)
        self.wasm: list[Path] = []
        self._chain: LocalNetwork | None = None
        self.talk: Talk | None = None
        self.callers: list[Caller] = []
        self.alice = Person("alice", folder / "alice", "correct horse battery staple")
        self.bob = Person("bob", folder / "bob", "tr0ub4dor and three")
        self.root_key = folder / "root.phrase"

    @property
    def chain(self) -> LocalNetwork:
        if self._chain is None:
            raise DemoFailedError("the network is not running")
        return self._chain

    @property
    def rpc(self) -> Node:
        return self.chain.network[RPC]

    async def run(self) -> None:
        with self.screen.step("Build the two runtimes that come next"):
            await self.build()
        with self.screen.step(f"Start the network; {ACCOUNTS} accounts come on chain"):
            await self.start()
        with self.screen.step("Two people meet and talk, one by the light client, one by a node"):
            await self.meet()
        with self.screen.step("The chain gets runtime 2, whose storage is migrated block by block"):
            await self.migrate()
        with self.screen.step("The chain gets runtime 3, for which these clients are too old"):
            await self.outgrow()
        with self.screen.step("What became of the messages"):
            await self.hear_out()

    # 1
    async def build(self) -> None:
        for patches in (1, 2):
            wasm, took = await build(patches)
            self.wasm.append(wasm)
            self.screen.say(f"runtime {patches + 1}: {wasm.name}, {took:.0f} s")
            self.results.figures.append(
                (f"building runtime {patches + 1} (or finding it in the cache)", f"{took:.0f} s")
            )

    # 2
    async def start(self) -> None:
        self._chain = LocalNetwork(self.folder, {state.prefix("WorkDifficulty"): f"0x{WORK_BITS:02x}"})
        self.screen.say(await asyncio.to_thread(self.chain.wait))
        require(
            state.spec_version(self.rpc) == 1,
            "the runtime of chain-spec/ is not number 1: renumber the patches",
        )
        self.root_key.touch(mode=0o600)
        self.root_key.write_text("//Alice\n")
        began = time.monotonic()
        crowd = await gather(self.rpc.url, ACCOUNTS)
        took = time.monotonic() - began
        self.screen.say(
            f"{len(crowd)} registered in {took:.0f} s, {BUSY} of them with all that an account can have"
        )
        light = RpcChain(
            (str(self.chain.network.light_spec),), signer=crowd[-1].device, opener=LightRpc.open, final=True
        )
        by_node = RpcChain([self.rpc.url], signer=crowd[-2].device)
        for name, chain_of in (("by a node", by_node), ("by the light client", light)):
            await chain_of.connect()
            self.callers.append(Caller(name, chain_of))

    # 3
    async def meet(self) -> None:
        for person, way in ((self.alice, self.chain.options()), (self.bob, ["--node", self.rpc.url])):
            await person.stardust("init", "--name", person.name.capitalize(), *way)
            await person.up()
            await person.stardust("login")
        await introduce(self.alice, self.bob)
        await say(self.alice, self.bob, "Is this link open?")
        for caller in self.callers:
            await caller.next_of("before", CALL_S)
        self.talk = Talk(self.alice, self.bob)
        await self.talk.start()
        await self.talk.run_for(BASELINE_S, "before")
        self.screen.say(f"each says something every {EVERY_S} s")

    # 4
    async def migrate(self) -> None:
        began_at = self.rpc.best()
        self._phase("migration")
        enacting = asyncio.create_task(enact(self.rpc.url, self.wasm[0], self.root_key))
        await self._until(lambda: self._everywhere(2), "runtime 2 on every node", enacting)
        self.results.note("every node runs runtime 2", True, f"{len(self._nodes())} nodes")
        await self._until(lambda: not self._migrating(), "the end of the migration", enacting)
        await enacting
        for caller in self.callers:
            await caller.next_of("after", CALL_S)
        self._phase("after")
        migration = await asyncio.to_thread(find_migration, self.rpc, began_at)
        self.results.figures.append(
            ("the chain took no calls for", f"{migration.blocks} blocks of {SLOT_MILLIS // 1000} s")
        )
        compare(migration, self.results)
        self._judge_calls()
        assert self.talk is not None
        await self.talk.run_for(BASELINE_S, "after")
        await self._until(self._final, "finality to catch up")
        for person in (self.alice, self.bob):
            status = await self._status(person, lambda one: one.chain.spec_version == 2 and not one.problems)
            said = "; ".join(one.message for one in status.problems) or "no problems"
            well = status.chain.connected and status.chain.spec_version == 2 and not status.problems
            self.results.note(
                f"{person.name}'s status is fine", well, f"runtime {status.chain.spec_version}, {said}"
            )

    def _phase(self, name: str) -> None:
        assert self.talk is not None
        self.talk.phase = name
        for caller in self.callers:
            caller.phase = name

    def _nodes(self) -> list[Node]:
        return list(self.chain.network.nodes.values())

    def _everywhere(self, version: int) -> bool:
        return all(state.spec_version(node) == version for node in self._nodes())

    def _migrating(self) -> bool:
        return any(node.ask("state_getStorage", MIGRATION_KEY) is not None for node in self._nodes())

    def _final(self) -> bool:
        return self.rpc.best() - self.rpc.finalized() <= 5

    async def _until(
        self, holds: Callable[[], bool], what: str, work: asyncio.Task[None] | None = None
    ) -> None:
        """While people talk and ``work`` goes on; what goes wrong there is raised."""
        deadline = time.monotonic() + UPGRADE_S
        while not await asyncio.to_thread(_answered, holds):
            if self.talk is not None:
                self.talk.check()
            if work is not None and work.done():
                work.result()
            require(time.monotonic() < deadline, f"waited {UPGRADE_S:.0f} s in vain for {what}")
            await asyncio.sleep(0.3)

    def _judge_calls(self) -> None:
        for caller in self.callers:
            told = [one for one in caller.of("migration") if one.error is not None]
            clear = all(isinstance(one.error, ChainUpgradingError) for one in told)
            said = "; ".join(dict.fromkeys(str(one.error) for one in told)) or "nothing was refused"
            self.results.note(f"calls {caller.name} are told of the upgrade", clear and bool(told), said)
            after = caller.of("after")
            failed = [str(one.error) for one in after if one.error is not None]
            self.results.note(
                f"calls {caller.name} are done again after it",
                bool(after) and not failed,
                str(failed or "done"),
            )

    async def _status(self, person: Person, fine: Callable[[Status], bool]) -> Status:
        """When it is ``fine``, or after a while."""
        deadline = time.monotonic() + CALL_S
        while True:
            status = await person.api.call(SystemStatus())
            if fine(status) or time.monotonic() > deadline:
                return status
            await asyncio.sleep(0.5)

    # 5
    async def outgrow(self) -> None:
        for caller in self.callers:
            await caller.stop()
        self._phase("too old")
        enacting = asyncio.create_task(enact(self.rpc.url, self.wasm[1], self.root_key))
        await self._until(lambda: self._everywhere(3), "runtime 3 on every node", enacting)
        await enacting
        for person in (self.alice, self.bob):
            status = await self._status(person, lambda one: TOO_OLD in (one.chain.problem or ""))
            self.results.note(
                f"{person.name}'s status says it",
                TOO_OLD in str(status.chain.problem),
                str(status.chain.problem),
            )
            try:
                await person.stardust("login")
                said = "it was done"
            except DemoFailedError as error:
                said = str(error)
            self.results.note(
                f"a command of {person.name}'s that needs the chain says it", TOO_OLD in said, said
            )
        assert self.talk is not None
        await self.talk.run_for(OLD_S, "too old")

    # 6
    async def hear_out(self) -> None:
        assert self.talk is not None
        talk = self.talk
        await talk.end()
        total = len(talk.said)
        for what, wrong in (
            ("no message was lost", talk.lost()),
            ("no message came twice", talk.doubled()),
            (f"no message took more than {LATE_S:.0f} s", talk.late()),
            ("the links never broke", talk.breaks),
        ):
            self.results.note(what, not wrong, ", ".join(wrong[:5]) or f"{total} messages")
        for person, other in ((self.alice, self.bob), (self.bob, self.alice)):
            bodies = [message.body for message in await person.history(other.name)]
            for speaker in (self.alice, self.bob):
                wanted = [text for text in talk.said if text.startswith(f"{speaker.name} ")]
                stored = [
                    body for body in bodies if body in talk.said and body.startswith(f"{speaker.name} ")
                ]
                self.results.note(
                    f"{person.name}'s history has what {speaker.name} said, once and in order",
                    stored == wanted,
                    f"{len(stored)} of {len(wanted)}",
                )
            logs = "".join(path.read_text() for path in (person.home / "log").iterdir())
            self.results.note(
                f"{person.name}'s daemon logged no traceback", "Traceback" not in logs, f"{len(logs):,} bytes"
            )

    async def stop(self) -> None:
        """Ends every process of the run."""
        for caller in self.callers:
            await caller.stop()
        await end_all((self.alice, self.bob), self.screen)
        if self._chain is not None:
            self._chain.stop()


def _answered(holds: Callable[[], bool]) -> bool:
    """A node that does not answer counts as "not yet"."""
    try:
        return holds()
    except NoAnswerError:
        return False
