"""The statement store and a rendezvous side by side: who watches both finds nothing twice."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from stardust.signaling import statement, statements
from stardust.signaling.beats import open_beat
from stardust.signaling.envelope import open_envelope
from stardust.signaling.followed import Followed
from stardust.signaling.listening import Listened
from stardust.signaling.presence import PresenceService
from stardust.signaling.rendezvous import RendezvousTransport
from stardust.signaling.service import SignalingService
from stardust.signaling.statements import StatementTransport
from stardust.signaling.topics import beat_topic, epoch_of, first_contact_topic, pair_topic
from stardust.wire.signals import SignalKind
from tests.fakes.grounds import GENESIS, fresh_resident
from tests.fakes.ledger import FakeLedger
from tests.fakes.people import Resident
from tests.fakes.rendezvous import Raw, rendezvous
from tests.fakes.statement_node import StatementNode, statement_nodes


@dataclass
class Scene:
    """Alice sends by a node that takes statements and drops them, then by a rendezvous."""

    alice: Resident
    bob: Resident
    node: StatementNode
    watcher: Raw
    ways: tuple[StatementTransport, RendezvousTransport]
    listened: Listened
    beats: PresenceService

    async def send(self, *, heard: bool) -> None:
        """An offer of Alice to Bob, from whom she has ``heard`` or not."""
        alice, bob = self.alice, self.bob
        service = SignalingService(
            alice.chain,
            alice.account.account,
            alice.keys,
            self.ways,
            listened=self.listened,
            heard=[bob.keys.device] if heard else [],
        )
        await service.send(bob.certified, SignalKind.OFFER, b"hello")

    def seen_by_the_node(self) -> list[statement.Statement]:
        return [statement.decode(one) for one in self.node.submitted]


@pytest.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(statements, "BACK_S", 0.3)
    ledger, listened, followed = FakeLedger(genesis=GENESIS), Listened(), Followed()

    alice, bob = await fresh_resident(ledger), await fresh_resident(ledger)
    async with statement_nodes(GENESIS) as (node,), rendezvous() as (_, url), Raw(url) as watcher:
        node.store.drops = True
        ways = (
            StatementTransport(alice.chain, alice.keys, [node.url], listened),
            RendezvousTransport(lambda: GENESIS, alice.keys, [url], listened),
        )
        beats = PresenceService(lambda: GENESIS, alice.keys, ways, followed)
        yield Scene(alice, bob, node, watcher, ways, listened, beats)
        await beats.close()
        for way in ways:
            await way.close()


async def test_a_signal_that_both_stores_have_seen_has_nothing_in_common(scene: Scene) -> None:
    bob, epoch = scene.bob, epoch_of(time.time())
    await scene.watcher.subscribe(first_contact_topic(GENESIS, bob.keys.device, epoch, "rendezvous"))
    await scene.send(heard=False)
    arrived = await scene.watcher.arrival()
    seen = scene.seen_by_the_node()
    assert seen
    assert {one.topics[0] for one in seen} == {
        first_contact_topic(GENESIS, bob.keys.device, epoch, "statements")
    }
    assert arrived.topic not in {topic for one in seen for topic in one.topics}
    assert arrived.envelope not in [one.data for one in seen]
    opened = [open_envelope(one, bob.keys, GENESIS, time.time()) for one in (arrived.envelope, seen[0].data)]
    assert opened[0] == opened[1]


async def test_pairs_too_have_another_topic_in_each_store(scene: Scene) -> None:
    bob, epoch = scene.bob, epoch_of(time.time())
    key = bob.keys.pair_key(scene.alice.keys.device, GENESIS)
    await scene.watcher.subscribe(pair_topic(key, bob.keys.device, epoch, "rendezvous"))
    await scene.send(heard=True)
    assert (await scene.watcher.arrival()).envelope not in [one.data for one in scene.seen_by_the_node()]
    assert {one.topics[0] for one in scene.seen_by_the_node()} == {
        pair_topic(key, bob.keys.device, epoch, "statements")
    }


async def test_a_beat_that_both_stores_have_seen_has_nothing_in_common(scene: Scene) -> None:
    key, epoch = os.urandom(32), epoch_of(time.time())
    await scene.watcher.subscribe(beat_topic(key, epoch, "rendezvous"))
    scene.beats.start()
    scene.beats.announce(key)
    arrived = await scene.watcher.arrival()
    seen = scene.seen_by_the_node()
    assert {one.topics[0] for one in seen} == {beat_topic(key, epoch, "statements")}
    assert arrived.envelope not in [one.data for one in seen]
    device = scene.alice.keys.device
    opened = [open_beat(one, device, key, GENESIS, time.time()) for one in (arrived.envelope, seen[0].data)]
    assert opened[0] == opened[1]
