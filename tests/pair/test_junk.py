"""Junk that comes by one way, in the name of a contact, takes nothing from the other ways."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from stardust.signaling import reception
from stardust.signaling.envelope import open_envelope, seal
from stardust.signaling.listening import Listened
from stardust.signaling.port import Arrival, ReceivedSignal, Transport, TransportHealth
from stardust.signaling.reception import AT_ONCE, PER_S
from stardust.signaling.service import SignalingService
from stardust.wire.ids import DeviceId
from stardust.wire.signals import Signal, SignalKind
from tests.fakes.grounds import GENESIS, fresh_resident
from tests.fakes.ledger import FakeLedger
from tests.fakes.people import Resident

FLOOD = 400
JUNK = bytes(1200)


@dataclass
class Way:
    """A transport that brings what a test puts in."""

    name: str
    arrivals: asyncio.Queue[Arrival] = field(default_factory=asyncio.Queue)

    async def publish(
        self, to: DeviceId, kind: SignalKind, envelope: bytes, *, known: bool, expires: int
    ) -> None:
        raise AssertionError("nothing is sent here")

    async def subscribe(self, device: DeviceId) -> AsyncIterator[Arrival]:
        assert device
        while True:
            yield await self.arrivals.get()

    async def health(self) -> TransportHealth:
        return TransportHealth(self.name, True, "in this process")

    async def close(self) -> None:
        pass

    def bring(self, *envelopes: bytes, by: Resident, source: str = "") -> None:
        for envelope in envelopes:
            self.arrivals.put_nowait(Arrival(envelope, by.keys.device, source))


@dataclass
class Scene:
    """Alice is a contact of Bob, who listens on these ways."""

    alice: Resident
    bob: Resident
    service: SignalingService
    statements: Way
    rendezvous: Way
    pallet: Way
    opened: int = 0

    def __post_init__(self) -> None:
        self._received = self.service.received()

    async def next(self, within: float = 10.0) -> ReceivedSignal:
        async with asyncio.timeout(within):
            return await anext(self._received)

    def sealed(self, payload: bytes, identifier: bytes | None = None) -> bytes:
        """A signal of Alice to Bob, sealed anew."""
        signal = Signal(
            id=identifier or payload.rjust(16, b"\x00"),
            kind=SignalKind.OFFER,
            genesis=GENESIS,
            sender_account=self.alice.account.account,
            sender_device=self.alice.keys.device,
            receiver_device=self.bob.keys.device,
            expires=int(time.time()) + 60,
            payload=payload,
        )
        return seal(signal, self.alice.keys, self.bob.certified.record)

    async def quiet(self) -> None:
        """Until all that was brought was taken from the ways."""
        async with asyncio.timeout(10):
            while any(not way.arrivals.empty() for way in (self.statements, self.rendezvous, self.pallet)):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)


@pytest.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    ledger = FakeLedger()

    alice, bob = await fresh_resident(ledger), await fresh_resident(ledger)
    ways = [Way(name) for name in ("statements", "rendezvous", "pallet")]
    transports: Sequence[Transport] = ways
    service = SignalingService(
        bob.chain, bob.account.account, bob.keys, transports, listened=Listened([alice.keys.device])
    )
    statements, rendezvous, pallet = ways
    scene = Scene(alice, bob, service, statements, rendezvous, pallet)

    def counted(envelope: bytes, *more: Any) -> Signal:
        scene.opened += 1
        return open_envelope(envelope, *more)

    monkeypatch.setattr(reception, "open_envelope", counted)
    service.start()
    yield scene
    await service.close()


@pytest.mark.parametrize("other", ["statements", "pallet"])
async def test_junk_of_a_rendezvous_takes_nothing_from_the_other_ways(scene: Scene, other: str) -> None:
    began = time.monotonic()
    scene.rendezvous.bring(*[JUNK] * FLOOD, by=scene.alice)
    await scene.quiet()
    assert 0 < scene.opened <= AT_ONCE + PER_S * (time.monotonic() - began + 1)
    way: Way = getattr(scene, other)
    for number in range(AT_ONCE // 2):
        way.bring(scene.sealed(b"%d" % number), by=scene.alice)
        assert (await scene.next()).payload == b"%d" % number


async def test_junk_of_one_rendezvous_takes_nothing_from_another(scene: Scene) -> None:
    scene.rendezvous.bring(*[JUNK] * FLOOD, by=scene.alice, source="wss://bad")
    await scene.quiet()
    envelope = scene.sealed(b"hello")
    scene.rendezvous.bring(envelope, by=scene.alice, source="wss://bad")
    scene.rendezvous.bring(envelope, by=scene.alice, source="wss://good")
    assert (await scene.next()).payload == b"hello"


async def test_work_for_one_contact_is_bounded_by_each_way(scene: Scene) -> None:
    began = time.monotonic()
    for way in (scene.statements, scene.rendezvous, scene.pallet):
        way.bring(*[JUNK] * FLOOD, by=scene.alice)
    await scene.quiet()
    assert 0 < scene.opened <= 3 * (AT_ONCE + PER_S * (time.monotonic() - began + 1))


async def test_what_is_brought_again_takes_nothing_of_what_a_contact_may_send(scene: Scene) -> None:
    """One signal in ever new envelopes, as only its sender could make them, is the dearest repetition."""
    for _ in range(AT_ONCE):
        scene.rendezvous.bring(scene.sealed(b"old", bytes(16)), by=scene.alice)
    assert (await scene.next()).payload == b"old"
    await scene.quiet()
    for number in range(AT_ONCE - 2):
        scene.statements.bring(scene.sealed(b"%d" % number), by=scene.alice)
        assert (await scene.next()).payload == b"%d" % number


async def test_a_contact_is_heard_no_more_often_by_all_ways_together(scene: Scene) -> None:
    began, heard = time.monotonic(), 0
    for number in range(AT_ONCE):
        for way in (scene.statements, scene.rendezvous, scene.pallet):
            way.bring(scene.sealed(b"%s %d" % (way.name.encode(), number)), by=scene.alice)
    with contextlib.suppress(TimeoutError):
        while True:
            await scene.next(within=1.5)
            heard += 1
    assert AT_ONCE <= heard <= AT_ONCE + PER_S * (time.monotonic() - began + 1)
