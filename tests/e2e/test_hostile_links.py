"""A peer that breaks the rules below our own protocol, on real WebRTC."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiortc.rtcsctptransport import SCTP_DATA_FIRST_FRAG, SCTP_DATA_LAST_FRAG, DataChunk

from stardust.link import framing, heartbeat
from stardust.link.aiortc_engine import AiortcConnection, AiortcEngine
from stardust.link.association import MAX_HELD
from stardust.link.engine import Callbacks, IceConfig
from stardust.link.errors import LinkFailedError
from stardust.link.port import FrameReceived, LinkClosed, LinkOpened, LinkState
from stardust.signaling.port import ReceivedSignal
from stardust.wire.codec import encode
from stardust.wire.descriptions import Description, Offer
from stardust.wire.signals import SignalKind
from tests.e2e.sides import ALICE, BOB, Side, two_sides
from tests.fakes.signaling import FakeExchange

pytestmark = [pytest.mark.timeout(120)]

NOWHERE = Description("abcd", "a" * 24, bytes(32), "actpass", 5000, 65536, ())
PIECE = 1100
"""Bytes that fit one packet."""


async def opened(alice: Side, bob: Side) -> tuple[Any, Any]:
    """The SCTP associations of Alice and of Bob."""
    await alice.links.want(BOB)
    await alice.until(LinkOpened)
    await bob.until(LinkOpened)
    return association(alice), association(bob)


def association(side: Side) -> Any:
    (peer,) = side.links._peers.values()
    connection = peer._connections[peer._negotiation.current]
    assert isinstance(connection, AiortcConnection)
    return connection._peer.sctp


def held(sctp: Any) -> int:
    """Bytes that wait to become a message."""
    return sum(len(chunk.user_data) for one in sctp._inbound_streams.values() for chunk in one.reassembly)


async def send_pieces(sctp: Any, stream: int, count: int, *, flags: int = 0) -> None:
    """Pieces of messages as aiortc itself would queue them; with ``flags`` 0 none of them completes one."""
    for _ in range(count):
        chunk = DataChunk(flags)
        chunk.tsn, chunk.stream_id, chunk.stream_seq, chunk.protocol = sctp._local_tsn, stream, 0, 53
        chunk.user_data = bytes(PIECE)
        chunk._abandoned = chunk._acked = chunk._retransmit = chunk._in_flight = False
        chunk._misses = chunk._sent_count = 0
        chunk._sent_time = chunk._expiry = chunk._max_retransmits = None
        chunk._book_size = PIECE
        sctp._local_tsn = (sctp._local_tsn + 1) % 2**32
        sctp._outbound_queue.append(chunk)
    await sctp._transmit()


async def test_pieces_on_a_stream_that_nobody_opened_are_forgotten() -> None:
    async with two_sides(FakeExchange()) as (alice, bob):
        hostile, victim = await opened(alice, bob)
        for _ in range(4):
            await send_pieces(hostile, 7, 300)
            async with asyncio.timeout(20):
                while hostile._outbound_queue or hostile._sent_queue:
                    assert held(victim) == 0
                    await asyncio.sleep(0.02)
        await send_pieces(hostile, 9, 1, flags=SCTP_DATA_FIRST_FRAG | SCTP_DATA_LAST_FRAG)
        assert bob.links.state(ALICE.record.device) is LinkState.OPEN
        assert await alice.links.send(BOB.record.device, b"all is well")
        got = await bob.until(FrameReceived)
        assert isinstance(got, FrameReceived)
        assert got.frame == b"all is well"
        assert set(victim._inbound_streams) == {association_stream(victim)}


def association_stream(sctp: Any) -> int:
    (stream,) = sctp._data_channels
    return int(stream)


async def test_a_message_without_end_ends_the_link_before_it_fills_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # No ping gets past such a message: on a slow machine the heartbeat would be faster.
    monkeypatch.setattr(heartbeat, "DEAD_S", 3600.0)
    async with two_sides(FakeExchange()) as (alice, bob):
        hostile, victim = await opened(alice, bob)
        sending = asyncio.create_task(endless(hostile))
        peak = 0
        async with asyncio.timeout(100):
            while bob.links.state(ALICE.record.device) is LinkState.OPEN:
                peak = max(peak, held(victim))
                await asyncio.sleep(0.01)
        sending.cancel()
        assert held(victim) <= MAX_HELD + PIECE
        assert 0 < peak <= MAX_HELD + PIECE
        closed = await bob.until(LinkClosed)
        assert closed == LinkClosed(ALICE.record.device, "the other side sends messages without end")


async def endless(sctp: Any) -> None:
    stream = association_stream(sctp)
    await send_pieces(sctp, stream, 1, flags=SCTP_DATA_FIRST_FRAG)
    while True:
        if len(sctp._outbound_queue) < 400:
            await send_pieces(sctp, stream, 200)
        await asyncio.sleep(0.005)


async def test_an_offer_that_leads_nowhere_leaves_the_open_link_working() -> None:
    exchange = FakeExchange()
    async with two_sides(exchange) as (alice, bob):
        await opened(alice, bob)
        offer = encode(Offer(b"12345678", NOWHERE))
        signal = ReceivedSignal(bytes(16), SignalKind.OFFER, ALICE.account, ALICE, offer)
        exchange.queue(BOB.record.device).put_nowait(signal)
        await asyncio.sleep(1)
        assert bob.links._peers[ALICE.record.device].busy
        for sender, receiver, to in ((alice, bob, BOB), (bob, alice, ALICE)):
            assert await sender.links.send(to.record.device, b"hello?")
            got = await receiver.until(FrameReceived)
            assert isinstance(got, FrameReceived)
            assert got.frame == b"hello?"


async def test_pings_that_are_never_read_pile_nothing_up() -> None:
    async with two_sides(FakeExchange()) as (alice, bob):
        hostile, victim = await opened(alice, bob)

        async def deaf(chunk: object) -> None:
            """Takes nothing and acknowledges nothing."""

        hostile._receive_data_chunk = deaf
        (channel,) = hostile._data_channels.values()
        async with asyncio.timeout(30):
            while bob.links.state(ALICE.record.device) is LinkState.OPEN:
                for number in range(50):
                    channel.send(framing.control(framing.Ping(number)))
                await asyncio.sleep(0.02)
        closed = await bob.until(LinkClosed)
        assert isinstance(closed, LinkClosed)
        assert "asks without end" in closed.reason
        assert len(victim._data_channel_queue) + len(victim._outbound_queue) < 100


async def test_a_connection_that_is_closed_while_it_answers_says_so() -> None:
    """What aiortc raises then is no fault of the program, and leaves no traceback."""
    callbacks = Callbacks(opened=lambda _: None, message=lambda _: None, lost=lambda _: None)
    engine = AiortcEngine(IceConfig())
    theirs, mine = (engine.connection(callbacks, relay_only=False) for _ in range(2))
    offer = await theirs.offer()
    answering = asyncio.create_task(mine.answer(offer))
    await asyncio.sleep(0)
    await mine.close()
    with pytest.raises(LinkFailedError):
        await answering
    with pytest.raises(LinkFailedError):
        await mine.offer()
    await theirs.close()
