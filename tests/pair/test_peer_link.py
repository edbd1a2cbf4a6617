"""One link on connections that do what the test says: nothing is left over, whatever ends when."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from stardust.identity.records import CertifiedDevice
from stardust.link import framing
from stardust.link.backlog import MAX_OF_ONE, Backlog
from stardust.link.engine import Callbacks, Connection
from stardust.link.errors import LinkFailedError
from stardust.link.manager import TICK_S, LinkManager
from stardust.link.opened import PINGS_AT_ONCE
from stardust.link.peer import PeerLink
from stardust.link.port import FrameReceived, LinkClosed, LinkEvent, LinkOpened, LinkState, LinkStateChanged
from stardust.wire.codec import encode
from stardust.wire.descriptions import Answer, Description, Offer
from stardust.wire.signals import SignalKind
from tests.e2e.sides import ALICE, BOB
from tests.fakes.signaling import FakeExchange, FakeSignaling

DESCRIPTION = Description("abcd", "a" * 24, bytes(32), "actpass", 5000, 65536, ())
HERS = Offer(b"hers....", DESCRIPTION)


@dataclass
class Scripted:
    """A connection; ``deaf``: what is sent waits for ever."""

    callbacks: Callbacks
    sent: list[bytes] = field(default_factory=list)
    closed: bool = False
    deaf: bool = False
    waiting: int = 0

    async def offer(self) -> Description:
        return await self._describe()

    async def answer(self, offer: Description) -> Description:
        return await self._describe()

    async def _describe(self) -> Description:
        await asyncio.sleep(0)
        if self.closed:
            raise LinkFailedError("closed")
        return DESCRIPTION

    async def take_answer(self, answer: Description) -> None:
        pass

    async def send(self, message: bytes) -> None:
        self.waiting += 1
        if self.deaf:
            await asyncio.Event().wait()
        self.waiting -= 1
        self.sent.append(message)

    async def close(self) -> None:
        self.closed = True


class Stage:
    """Alice, whose id is the smaller one, and her link to Bob."""

    def __init__(self) -> None:
        self.made: list[Scripted] = []
        self._more = asyncio.Event()
        self.signals: list[SignalKind] = []
        self.events: list[LinkEvent] = []
        self.link = PeerLink(
            ALICE.record.device, BOB, self, self.signal, self.events.append, Backlog(), relay_only=False
        )
        self.link.wanted = True

    async def makes(self, count: int) -> None:
        """So many connections at least."""
        async with asyncio.timeout(20):
            while len(self.made) < count:
                self._more.clear()
                await self._more.wait()

    async def prepare(self) -> None:
        pass

    def connection(self, callbacks: Callbacks, *, relay_only: bool) -> Connection:
        self.made.append(Scripted(callbacks))
        self._more.set()
        return self.made[-1]

    async def signal(
        self, to: CertifiedDevice, kind: SignalKind, payload: bytes, *, urgent: bool = False
    ) -> None:
        self.signals.append(kind)

    async def opened(self) -> Scripted:
        self.link.offered(HERS)
        await settled()
        self.made[0].callbacks.opened("direct")
        assert self.link.state is LinkState.OPEN
        return self.made[0]

    def frames(self) -> list[bytes]:
        return [event.frame for event in self.events if isinstance(event, FrameReceived)]

    def closings(self) -> list[str]:
        return [event.reason for event in self.events if isinstance(event, LinkClosed)]


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_offers_that_cross_in_one_moment_leave_one_connection_and_no_stale_offer() -> None:
    stage = Stage()
    stage.link.connect()
    stage.link.offered(HERS)
    await settled()
    assert stage.signals == [SignalKind.ANSWER]
    assert [one.closed for one in stage.made] == [True, False]
    await stage.link.close("end")
    assert all(one.closed for one in stage.made)


async def test_closing_in_the_moment_of_connecting_closes_what_was_made() -> None:
    stage = Stage()
    stage.link.connect()
    await stage.link.close("end")
    assert stage.signals == []
    assert all(one.closed for one in stage.made)


async def test_an_offer_that_comes_to_nothing_leaves_the_open_link_working() -> None:
    stage = Stage()
    open_one = await stage.opened()
    stage.link.offered(Offer(b"bogus..!", DESCRIPTION))
    await settled()
    assert await stage.link.send(b"on the open one")
    assert open_one.sent == [framing.frame(b"on the open one")]
    open_one.callbacks.message(framing.frame(b"still heard"))
    stage.made[1].callbacks.lost("no path")
    await settled()
    assert stage.link.state is LinkState.OPEN
    assert stage.made[1].closed
    open_one.callbacks.message(framing.frame(b"and afterwards"))
    assert stage.frames() == [b"still heard", b"and afterwards"]
    assert stage.closings() == []
    await stage.link.close("end")


async def test_the_new_connection_takes_over_once_it_is_open() -> None:
    stage = Stage()
    old = await stage.opened()
    stage.link.offered(Offer(b"restart!", DESCRIPTION))
    await settled()
    stage.made[1].callbacks.opened("relay")
    old.callbacks.message(framing.frame(b"late"))
    stage.made[1].callbacks.message(framing.frame(b"new"))
    await settled()
    assert old.closed
    assert stage.frames() == [b"new"]
    assert [event.route for event in stage.events if isinstance(event, LinkOpened)] == ["direct", "relay"]
    assert len(stage.closings()) == 1
    await stage.link.close("end")


async def test_what_was_open_may_end_first() -> None:
    stage = Stage()
    old = await stage.opened()
    stage.link.offered(Offer(b"restart!", DESCRIPTION))
    await settled()
    old.callbacks.lost("silent")
    assert not await stage.link.send(b"nowhere")
    stage.made[1].callbacks.opened("direct")
    states = [event.state for event in stage.events if isinstance(event, LinkStateChanged)]
    assert states == [LinkState.CONNECTING, LinkState.OPEN, LinkState.CONNECTING, LinkState.OPEN]
    assert stage.closings() == ["silent"]
    await stage.link.close("end")


async def test_pongs_do_not_pile_up_for_who_takes_nothing() -> None:
    stage = Stage()
    connection = await stage.opened()
    connection.deaf = True
    for number in range(PINGS_AT_ONCE):
        connection.callbacks.message(framing.control(framing.Ping(number)))
    await settled()
    assert connection.waiting == 1
    assert stage.link.state is LinkState.OPEN
    await stage.link.close("end")


async def test_a_flood_of_pings_ends_the_link() -> None:
    stage = Stage()
    connection = await stage.opened()
    for number in range(PINGS_AT_ONCE + 100):
        connection.callbacks.message(framing.control(framing.Ping(number)))
    assert stage.closings() == ["the other device asks without end whether this one is there"]
    await stage.link.close("end")


async def test_what_nobody_takes_is_bounded_by_its_bytes() -> None:
    stage = Stage()
    connection = await stage.opened()
    for _ in range(MAX_OF_ONE // 60_000 + 1):
        connection.callbacks.message(framing.frame(bytes(60_000)))
    assert sum(map(len, stage.frames())) <= MAX_OF_ONE
    assert stage.closings() == ["the other device sends faster than this one can store"]
    await stage.link.close("end")


async def test_an_answer_to_a_dropped_offer_is_not_acted_on() -> None:
    stage = Stage()
    stage.link.connect()
    await settled()
    attempt = stage.link._negotiation.attempt
    stage.link.offered(HERS)
    stage.link.answered(Answer(attempt, DESCRIPTION))
    await settled()
    assert [one.closed for one in stage.made] == [True, False]
    await stage.link.close("end")


async def test_a_device_that_is_shunned_is_neither_heard_nor_called() -> None:
    exchange, stage = FakeExchange(), Stage()
    links = LinkManager(
        ALICE.record.device, FakeSignaling(exchange, ALICE), stage, acceptable=lambda account, device: True
    )
    bob = FakeSignaling(exchange, BOB)
    links.start()
    await bob.send(ALICE, SignalKind.OFFER, encode(HERS))
    await stage.makes(1)
    stage.made[0].callbacks.opened("direct")
    assert links.state(BOB.record.device) is LinkState.OPEN
    links.shun(BOB.record.device, 3600.0)
    await bob.send(ALICE, SignalKind.OFFER, encode(Offer(b"again...", DESCRIPTION)))
    await links.want(BOB)
    await asyncio.sleep(2 * TICK_S)
    assert [one.closed for one in stage.made] == [True]
    assert links.state(BOB.record.device) is not LinkState.OPEN
    links.shun(BOB.record.device, 0.0)
    await links.want(BOB)
    await stage.makes(2)
    await links.close()
    assert all(one.closed for one in stage.made)
