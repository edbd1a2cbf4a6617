"""What every signaling transport keeps, and the service on top of it, over a chain in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from stardust.signaling.envelope import seal
from stardust.signaling.errors import SignalRefusedError
from stardust.signaling.pallet import PalletTransport
from stardust.signaling.port import Arrival, ReceivedSignal
from stardust.signaling.service import SignalingService
from stardust.wire.ids import DeviceId
from stardust.wire.signals import Signal, SignalKind
from tests.fakes.ledger import FakeLedger
from tests.fakes.people import Resident, resident


async def take(source: AsyncIterator[Arrival], count: int) -> list[bytes]:
    got = []
    async with asyncio.timeout(5):
        async for arrival in source:
            got.append(arrival.envelope)
            if len(got) == count:
                break
    return got


async def test_waiting_envelopes_come_first_then_new_ones() -> None:
    ledger = FakeLedger()
    alice, bob = await resident(ledger, "Alice"), await resident(ledger, "Bob")
    sender, receiver = PalletTransport(alice.chain), PalletTransport(bob.chain)
    await publish(sender, bob.keys.device, SignalKind.OFFER, b"one")
    inbox = receiver.subscribe(bob.keys.device)
    assert await take(inbox, 1) == [b"one"]
    rest = receiver.subscribe(bob.keys.device)
    await publish(sender, bob.keys.device, SignalKind.ANSWER, b"two")
    assert (await take(rest, 2))[-1] == b"two"
    await receiver.close()


async def test_what_was_read_is_cleared_so_that_the_next_finds_room() -> None:
    ledger = FakeLedger()
    alice, bob = await resident(ledger, "Alice"), await resident(ledger, "Bob")
    sender, receiver = PalletTransport(alice.chain), PalletTransport(bob.chain)
    inbox = receiver.subscribe(bob.keys.device)
    for number in range(12):  # far more than one sender may leave unread
        while True:
            try:
                await publish(sender, bob.keys.device, SignalKind.PING, bytes([number]))
                break
            except SignalRefusedError:
                await asyncio.sleep(0.2)
        assert await take(inbox, 1) == [bytes([number])]
    await receiver.close()


async def test_a_blocked_sender_is_told_so_in_a_sentence() -> None:
    ledger = FakeLedger()
    alice, bob = await resident(ledger, "Alice"), await resident(ledger, "Bob")
    await bob.chain.block_user(alice.account.account)
    with pytest.raises(SignalRefusedError, match="does not take anything"):
        await publish(PalletTransport(alice.chain), bob.keys.device, SignalKind.OFFER, b"hello")


async def test_health_tells_when_the_chain_is_away() -> None:
    alice = await resident(FakeLedger(), "Alice")
    transport = PalletTransport(alice.chain)
    assert (await transport.health()).usable
    alice.chain.go_away()
    assert not (await transport.health()).usable


async def publish(transport: PalletTransport, to: DeviceId, kind: SignalKind, envelope: bytes) -> None:
    await transport.publish(to, kind, envelope, known=False, expires=int(time.time()) + 60)


class Talker:
    def __init__(self, who: Resident) -> None:
        self.who = who
        self.service = SignalingService(
            who.chain, who.account.account, who.keys, [PalletTransport(who.chain)]
        )
        self._received = self.service.received()
        self.service.start()

    async def next(self, within: float = 5.0) -> ReceivedSignal:
        async with asyncio.timeout(within):
            return await anext(self._received)


async def test_a_signal_arrives_once_with_its_checked_sender() -> None:
    ledger = FakeLedger()
    alice, bob = await resident(ledger, "Alice"), await resident(ledger, "Bob")
    talker = Talker(bob)
    sender = SignalingService(alice.chain, alice.account.account, alice.keys, [PalletTransport(alice.chain)])
    try:
        await sender.send(bob.certified, SignalKind.OFFER, b"hello")
        got = await talker.next()
        assert (got.account, got.kind, got.payload) == (alice.account.account, SignalKind.OFFER, b"hello")
        assert got.device == alice.certified
    finally:
        await talker.service.close()


async def test_the_same_envelope_again_is_one_signal() -> None:
    ledger = FakeLedger()
    alice, bob = await resident(ledger, "Alice"), await resident(ledger, "Bob")
    eve = await resident(ledger, "Eve")
    talker = Talker(bob)
    sender = SignalingService(alice.chain, alice.account.account, alice.keys, [PalletTransport(alice.chain)])
    try:
        await sender.send(bob.certified, SignalKind.OFFER, b"hello")
        (stored,) = await bob.chain.inbox(bob.keys.device)
        await talker.next()
        # A watcher of the chain brings the very same bytes again.
        await eve.chain.send_signaling(bob.keys.device, SignalKind.OFFER, stored.payload)
        with pytest.raises(TimeoutError):
            await talker.next(within=1.0)
    finally:
        await talker.service.close()


async def test_a_device_cannot_speak_for_an_account_that_is_not_its_own() -> None:
    ledger = FakeLedger()
    alice, bob = await resident(ledger, "Alice"), await resident(ledger, "Bob")
    eve = await resident(ledger, "Eve")
    talker = Talker(bob)
    forged = Signal(
        id=bytes(16),
        kind=SignalKind.OFFER,
        genesis=ledger.genesis,
        sender_account=alice.account.account,
        sender_device=eve.keys.device,
        receiver_device=bob.keys.device,
        expires=int(time.time()) + 60,
        payload=b"it is me, Alice",
    )
    try:
        envelope = seal(forged, eve.keys, bob.certified.record)
        await eve.chain.send_signaling(bob.keys.device, SignalKind.OFFER, envelope)
        await eve.chain.send_signaling(bob.keys.device, SignalKind.OFFER, b"garbage")
        with pytest.raises(TimeoutError):
            await talker.next(within=1.0)
    finally:
        await talker.service.close()


async def test_a_revoked_device_is_not_believed_any_more() -> None:
    ledger = FakeLedger()
    alice, bob = await resident(ledger, "Alice"), await resident(ledger, "Bob")
    talker = Talker(bob)
    sender = SignalingService(alice.chain, alice.account.account, alice.keys, [PalletTransport(alice.chain)])
    try:
        await sender.send(bob.certified, SignalKind.OFFER, b"before")
        await talker.next()
        await alice.chain.revoke_device(alice.keys.device, alice.account)
        await asyncio.sleep(0.2)
        eve = await resident(ledger, "Eve")
        fresh = Signal(
            id=bytes([7]) * 16,
            kind=SignalKind.OFFER,
            genesis=ledger.genesis,
            sender_account=alice.account.account,
            sender_device=alice.keys.device,
            receiver_device=bob.keys.device,
            expires=int(time.time()) + 60,
            payload=b"after",
        )
        envelope = seal(fresh, alice.keys, bob.certified.record)
        await eve.chain.send_signaling(bob.keys.device, SignalKind.OFFER, envelope)
        with pytest.raises(TimeoutError):
            await talker.next(within=1.0)
    finally:
        await talker.service.close()
