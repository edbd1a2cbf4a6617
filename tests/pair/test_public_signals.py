"""Signals that go on chain against the settings are noticed by who wrote the settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from stardust.api.calls import SystemDoctor, SystemStatus
from stardust.daemon.config import Config, SignalingConfig
from stardust.signaling import statements
from stardust.signaling.listening import Listened
from stardust.signaling.pallet import PalletTransport
from stardust.signaling.port import TransportHealth
from stardust.signaling.rendezvous import RendezvousTransport
from stardust.signaling.service import SignalingService
from stardust.signaling.statements import StatementTransport
from stardust.wire.signals import SignalKind
from tests.fakes.daemons import World, person
from tests.fakes.grounds import GENESIS, fresh_resident
from tests.fakes.ledger import FakeLedger
from tests.fakes.people import Resident
from tests.fakes.statement_node import StatementNode, statement_nodes
from tests.fixtures.logs import CaptureLogs

NO_STORE = "No node that is configured has a statement store"


@pytest.fixture
async def node() -> AsyncIterator[StatementNode]:
    async with statement_nodes(GENESIS) as (node,):
        yield node


class Sender:
    """Alice, who sends to Bob by ``node``'s store, and by the pallet if that fails."""

    def __init__(
        self,
        stack: AsyncExitStack,
        node: StatementNode,
        alice: Resident,
        bob: Resident,
        capture_logs: CaptureLogs,
    ) -> None:
        self._bob, self._stack, self._alice, self._node = bob, stack, alice, node
        self._capture_logs = capture_logs

    def service(self, *, asked_free: bool, rendezvous: str | None = None) -> SignalingService:
        alice, listened = self._alice, Listened()
        free: list[Any] = [StatementTransport(alice.chain, alice.keys, [self._node.url], listened)]
        if rendezvous:
            free.append(RendezvousTransport(lambda: GENESIS, alice.keys, [rendezvous], listened))
        made = SignalingService(
            alice.chain,
            alice.account.account,
            alice.keys,
            [*free, PalletTransport(alice.chain)],
            listened=listened,
            asked_free=asked_free,
        )
        self._stack.push_async_callback(made.close)
        return made

    async def sent(self, service: SignalingService, times: int = 1) -> list[Any]:
        """The warnings meanwhile."""
        with self._capture_logs() as logs:
            for _ in range(times):
                await service.send(self._bob.certified, SignalKind.OFFER, b"hello")
        return [entry for entry in logs if entry["log_level"] == "warning"]


@pytest.fixture
async def sender(
    node: StatementNode, monkeypatch: pytest.MonkeyPatch, capture_logs: CaptureLogs
) -> AsyncIterator[Sender]:
    monkeypatch.setattr(statements, "BACK_S", 0.5)
    ledger = FakeLedger(genesis=GENESIS)
    async with AsyncExitStack() as stack:
        yield Sender(stack, node, await fresh_resident(ledger), await fresh_resident(ledger), capture_logs)


async def test_the_log_says_once_why_and_what_to_do(sender: Sender, node: StatementNode) -> None:
    node.has_store = False
    (warning,) = await sender.sent(sender.service(asked_free=True), times=3)
    assert NO_STORE in warning["problem"]
    assert "[signaling] in config.toml" in warning["hint"]


async def test_also_when_a_rendezvous_does_not_answer(sender: Sender, node: StatementNode) -> None:
    node.has_store = False
    service = sender.service(asked_free=True, rendezvous="ws://127.0.0.1:9")
    (warning,) = await sender.sent(service, times=2)
    assert "The rendezvous ws://127.0.0.1:9 cannot be reached" in warning["problem"]


async def test_who_did_not_ask_for_another_way_is_not_warned(sender: Sender, node: StatementNode) -> None:
    node.has_store = False
    assert await sender.sent(sender.service(asked_free=False)) == []


async def test_a_store_that_fails_again_is_told_again(sender: Sender, node: StatementNode) -> None:
    service = sender.service(asked_free=True)
    node.store.capacity = 0
    (full,) = await sender.sent(service, times=2)
    assert "The node's statement store is full" in full["problem"]
    node.store.capacity = 100
    assert await sender.sent(service) == []
    node.store.capacity = 0
    assert len(await sender.sent(service, times=2)) == 1


FAILED = TransportHealth("statements", False, f"{NO_STORE}.", failed=True)
PALLET = TransportHealth("pallet", True, "calls and events on the chain")


async def test_status_and_doctor_say_why_and_what_to_do(tmp_path: Path) -> None:
    world = World(ways=(FAILED, PALLET))
    config = Config(signaling=SignalingConfig(prefer="statements"))
    async with person(world, tmp_path / "alice", "Alice", config=config) as (_, client):
        (problem,) = (await client.call(SystemStatus())).problems
        async with asyncio.timeout(30):
            findings = (await client.call(SystemDoctor())).findings
        (found,) = [one for one in findings if one.name == "signals"]
        assert (problem.code, found.severity) == ("signals_on_chain", "warning")
        assert NO_STORE in problem.message
        assert (found.finding, found.advice) == (problem.message, problem.hint)


async def test_status_says_nothing_where_the_settings_leave_it_open(tmp_path: Path) -> None:
    async with person(World(ways=(FAILED, PALLET)), tmp_path / "alice", "Alice") as (_, client):
        assert (await client.call(SystemStatus())).problems == ()
