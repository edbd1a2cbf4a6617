"""What every ``Chain`` does, in memory and over a real node."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import count

import pytest

from stardust.chain.errors import CallFailedError, CallRefusedError, Refusal
from stardust.chain.port import Chain, ChainEvent, EventKind
from stardust.chain.rpc import RpcChain
from stardust.errors import StardustError
from stardust.identity.records import Scheme
from stardust.identity.work import check_work, solve
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.signals import SignalKind
from tests.fakes.chain import FakeChain
from tests.fakes.ledger import FakeLedger
from tests.fakes.people import Person, join, proof
from tests.fixtures.devchain import DevChain

NOBODY = AccountId(b"\x09" * 32)


class World:
    """Makes clients of one chain."""

    def __init__(self, make: Callable[[Person], Chain], stack: AsyncExitStack) -> None:
        self._make = make
        self._stack = stack

    async def client(self, person: Person) -> Chain:
        chain = self._make(person)
        self._stack.push_async_callback(chain.close)
        await chain.connect()
        return chain

    async def member(self, scheme: Scheme = Scheme.SR25519) -> tuple[Person, Chain]:
        person = Person.fresh(scheme)
        chain = await self.client(person)
        await join(chain, person)
        return person, chain


@pytest.fixture(params=["fake", pytest.param("rpc", marks=pytest.mark.chain)])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "fake":
        ledger = FakeLedger()
        make: Callable[[Person], Chain] = lambda person: FakeChain(ledger, person.device)  # noqa: E731
    else:
        node: DevChain = request.getfixturevalue("dev_chain")
        make = lambda person: RpcChain([node.url], signer=person.device)  # noqa: E731
    async with AsyncExitStack() as stack:
        yield World(make, stack)


async def next_event(
    events: AsyncIterator[ChainEvent], kind: EventKind, *, within: float = 20, **fields: object
) -> ChainEvent:
    async with asyncio.timeout(within):
        async for event in events:
            if event.kind is kind and all(getattr(event, name) == value for name, value in fields.items()):
                return event
    raise AssertionError("the events ended")


async def exhaust(chain: Chain) -> None:
    """Spends every credit, also those that come meanwhile."""
    for _ in range(200):
        await chain.heartbeat()


@pytest.mark.parametrize("scheme", list(Scheme))
async def test_an_empty_account_joins_with_its_device(world: World, scheme: Scheme) -> None:
    person, chain = await world.member(scheme)
    info = await chain.account(person.account.account)
    assert info is not None
    assert info.revision == 1
    (stored,) = await chain.devices(person.account.account)
    assert stored.record.device == person.device.device
    assert stored.scheme is scheme
    assert stored.added == info.since
    assert await chain.owner(person.device.device) == person.account.account


async def test_the_receipt_says_where_the_call_stands_and_what_it_cost(world: World) -> None:
    person = Person.fresh()
    chain = await world.client(person)
    receipt = await join(chain, person)
    head = await chain.head()
    assert (receipt.call, receipt.fee) == ("register", 0)
    assert 0 < receipt.block <= head.number
    assert len(receipt.block_hash) == 32
    assert receipt.size > 0
    assert chain.calls() == (receipt,)


async def test_a_chain_for_tests_says_so(world: World) -> None:
    assert not await (await world.client(Person.fresh())).is_live()


async def test_strangers_are_unknown(world: World) -> None:
    chain = await world.client(Person.fresh())
    assert await chain.account(NOBODY) is None
    assert await chain.devices(NOBODY) == ()
    assert await chain.owner(DeviceId(NOBODY)) is None
    assert await chain.profile(NOBODY) == b""
    assert await chain.peer_info(DeviceId(NOBODY)) == b""
    assert await chain.backup(NOBODY) is None
    assert await chain.active(NOBODY) is None
    assert await chain.allowance(NOBODY) == 0
    assert not (await chain.presence(NOBODY)).online


async def test_a_registration_works_once(world: World) -> None:
    person = Person.fresh()
    chain = await world.client(person)
    device, work = await proof(chain, person.account, person.device)
    await chain.register(device, work)
    with pytest.raises(CallRefusedError) as refused:
        await chain.register(device, work)
    assert refused.value.reason is Refusal.STALE


async def test_a_registration_without_work_is_refused(world: World) -> None:
    person = Person.fresh()
    chain = await world.client(person)
    device, work = await proof(chain, person.account, person.device)
    difficulty, _ = await chain.work()
    lazy = next(n for n in count(work + 1) if not check_work(chain.genesis, device, n, difficulty))
    with pytest.raises(CallRefusedError) as refused:
        await chain.register(device, lazy)
    assert refused.value.reason is Refusal.BAD_PROOF
    assert await chain.account(person.account.account) is None


async def test_a_registration_with_a_false_certificate_is_refused(world: World) -> None:
    person = Person.fresh()
    chain = await world.client(person)
    device, _ = await proof(chain, person.account, person.device)
    false = replace(device, certificate=bytes(64))
    difficulty, _ = await chain.work()
    work = solve(chain.genesis, false, difficulty)
    assert work is not None
    with pytest.raises(CallRefusedError) as refused:
        await chain.register(false, work)
    assert refused.value.reason is Refusal.BAD_PROOF


async def test_a_device_is_added_and_revokes_itself(world: World) -> None:
    person, chain = await world.member()
    second = Person(person.account, Person.fresh().device)
    await chain.add_device(*await proof(chain, person.account, second.device, ahead=20))
    devices = await chain.devices(person.account.account)
    assert {one.record.device for one in devices} == {person.device.device, second.device.device}
    await (await world.client(second)).revoke_device(second.device.device)
    assert await chain.owner(second.device.device) is None
    assert len(await chain.devices(person.account.account)) == 1


async def test_the_account_revokes_a_device_and_leaves(world: World) -> None:
    person, chain = await world.member()
    await chain.revoke_device(person.device.device, person.account)
    assert await chain.devices(person.account.account) == ()
    await chain.deregister(person.account)
    assert await chain.account(person.account.account) is None


async def test_a_device_cannot_call_for_nobody(world: World) -> None:
    chain = await world.client(Person.fresh())
    with pytest.raises(CallFailedError) as failed:
        await chain.heartbeat()
    assert failed.value.name == "NotRegistered"


async def test_calls_that_are_stopped_do_not_leave(world: World) -> None:
    person, chain = await world.member()
    assert await chain.final_owner(person.device.device) == person.account.account
    await chain.revoke_device(person.device.device, person.account)
    async with asyncio.timeout(60):  # until the block is final
        while await chain.final_owner(person.device.device) is not None:  # noqa: ASYNC110 - it does not tell
            await asyncio.sleep(0.1)
    made = chain.calls()
    chain.stop_calls(StardustError("stopped"))
    with pytest.raises(StardustError, match="stopped"):
        await chain.heartbeat()
    assert chain.calls() == made
    await chain.add_device(*await proof(chain, person.account, person.device))
    chain.stop_calls(None)
    await chain.heartbeat()


async def test_a_device_cannot_revoke_another(world: World) -> None:
    _, chain = await world.member()
    other, _ = await world.member()
    with pytest.raises(CallFailedError) as failed:
        await chain.revoke_device(other.device.device)
    assert failed.value.name == "UnknownDevice"


@pytest.mark.parametrize("profile", [b"Ada", b"0x41", b"\xff\x00\xfe", b"", "é😀".encode() * 50])
async def test_profiles_come_back_byte_for_byte(world: World, profile: bytes) -> None:
    person, chain = await world.member()
    await chain.set_profile(profile)
    assert await chain.profile(person.account.account) == profile
    await chain.register_peer_info(profile[:128])
    assert await chain.peer_info(person.device.device) == profile[:128]


async def test_presence_follows_heartbeats(world: World) -> None:
    person, chain = await world.member()
    events = chain.events()
    beat = await chain.heartbeat()
    presence = await chain.presence(person.account.account)
    assert (presence.online, presence.last_seen) == (True, beat.block)
    await chain.go_offline()
    assert not (await chain.presence(person.account.account)).online
    online = await next_event(events, EventKind.USER_ONLINE, account=person.account.account)
    offline = await next_event(events, EventKind.USER_OFFLINE, account=person.account.account)
    assert online.block == beat.block < offline.block


async def test_a_signal_reaches_the_inbox_and_the_events_of_its_receiver(world: World) -> None:
    ada, hers = await world.member()
    bob, his = await world.member()
    events = his.events()
    payload = bytes(range(256)) * 16
    receipt = await hers.send_signaling(bob.device.device, SignalKind.CANDIDATE, payload)
    event = await next_event(events, EventKind.SIGNAL_SENT, device=bob.device.device)
    (signal,) = await his.inbox(bob.device.device)
    assert (signal.kind, signal.payload) == (SignalKind.CANDIDATE, payload)
    assert (signal.sender_device, signal.sender) == (ada.device.device, ada.account.account)
    assert (signal.id, event.block, signal.at) == (event.id, receipt.block, receipt.block)
    await his.clear_signaling(signal.id)
    assert await his.inbox(bob.device.device) == ()


async def test_an_inbox_takes_four_signals_of_one_sender(world: World) -> None:
    _, hers = await world.member()
    bob, _ = await world.member()
    for _ in range(4):
        await hers.send_signaling(bob.device.device, SignalKind.PING, b"x")
    with pytest.raises(CallFailedError) as failed:
        await hers.send_signaling(bob.device.device, SignalKind.PING, b"x")
    assert failed.value.name == "SenderLimit"


async def test_calls_may_be_under_way_at_the_same_time(world: World) -> None:
    _, hers = await world.member()
    bob, his = await world.member()
    send = hers.send_signaling
    receipts = await asyncio.gather(*(send(bob.device.device, SignalKind.PING, bytes([n])) for n in range(4)))
    signals = await his.inbox(bob.device.device)
    assert {signal.payload for signal in signals} == {bytes([n]) for n in range(4)}
    assert len({(receipt.block_hash, receipt.call) for receipt in receipts}) >= 1


async def test_a_call_that_fails_does_not_hold_up_the_next(world: World) -> None:
    _, hers = await world.member()
    bob, his = await world.member()
    results = await asyncio.gather(
        hers.send_signaling(DeviceId(NOBODY), SignalKind.PING, b"x"),
        hers.send_signaling(bob.device.device, SignalKind.PING, b"y"),
        return_exceptions=True,
    )
    assert isinstance(results[0], CallFailedError)
    assert results[0].name == "UnknownReceiver"
    assert [signal.payload for signal in await his.inbox(bob.device.device)] == [b"y"]


async def test_a_blocked_sender_is_refused(world: World) -> None:
    ada, hers = await world.member()
    bob, his = await world.member()
    await his.block_user(ada.account.account)
    assert await his.blocked(bob.account.account) == (ada.account.account,)
    with pytest.raises(CallFailedError) as failed:
        await hers.send_signaling(bob.device.device, SignalKind.OFFER, b"x")
    assert failed.value.name == "Blocked"
    await his.unblock_user(ada.account.account)
    await hers.send_signaling(bob.device.device, SignalKind.OFFER, b"x")


async def test_only_accounts_can_be_blocked(world: World) -> None:
    ada, _ = await world.member()
    _, his = await world.member()
    for nobody in (NOBODY, AccountId(ada.device.device)):
        with pytest.raises(CallFailedError) as failed:
            await his.block_user(nobody)
        assert failed.value.name == "UnknownAccount"


async def test_any_call_and_renewing_are_signs_of_life(world: World) -> None:
    person, chain = await world.member()
    assert await chain.active(NOBODY) is None
    for call in (chain.renew, chain.heartbeat, chain.renew):
        receipt = await call()
        active = await chain.active(person.account.account)
        # Exact to the interval in which a credit comes back.
        assert active in (receipt.block - 1, receipt.block)


async def test_throwing_a_device_out_needs_no_credit(world: World) -> None:
    person, chain = await world.member()
    with pytest.raises(CallRefusedError) as refused:
        await exhaust(chain)
    assert refused.value.reason is Refusal.ALLOWANCE
    assert (await chain.revoke_device(person.device.device, person.account)).fee == 0
    assert (await chain.deregister(person.account)).fee == 0
    assert await chain.account(person.account.account) is None


async def test_a_notice_waits_until_it_is_cleared(world: World) -> None:
    _, hers = await world.member()
    bob, his = await world.member()
    events = his.events()
    await hers.notify_offline_message(bob.account.account, b"\x01U\x12 cid")
    event = await next_event(events, EventKind.OFFLINE_MESSAGE_NOTIFIED, account=bob.account.account)
    (notice,) = await his.notices(bob.account.account)
    assert (notice.cid, notice.id) == (b"\x01U\x12 cid", event.id)
    await his.clear_notifications(notice.id)
    assert await his.notices(bob.account.account) == ()


async def test_the_sequence_of_backups_only_grows(world: World) -> None:
    person, chain = await world.member()
    await chain.set_chat_backup(b"cid", 5, b"\x07" * 32)
    head = await chain.backup(person.account.account)
    assert head is not None
    assert (head.cid, head.sequence, head.digest) == (b"cid", 5, b"\x07" * 32)
    with pytest.raises(CallFailedError) as failed:
        await chain.set_chat_backup(b"old", 5, b"\x07" * 32)
    assert failed.value.name == "StaleBackup"
    await chain.clear_chat_backup()
    assert await chain.backup(person.account.account) is None
    with pytest.raises(CallFailedError) as failed:
        await chain.set_chat_backup(b"old", 5, b"\x07" * 32)
    assert failed.value.name == "StaleBackup"
    await chain.set_chat_backup(b"new", 6, b"\x07" * 32)


async def test_calls_beyond_the_allowance_are_refused(world: World) -> None:
    person, chain = await world.member()
    with pytest.raises(CallRefusedError) as refused:
        await exhaust(chain)
    assert refused.value.reason is Refusal.ALLOWANCE
    assert len(chain.calls()) > 16
    assert await chain.allowance(person.account.account) == 0


async def test_several_readers_get_every_event_once_and_in_order(world: World) -> None:
    person, chain = await world.member()
    readers = [chain.events(), chain.events()]
    for profile in (b"1", b"2", b"3"):
        await chain.set_profile(profile)
    await chain.heartbeat()
    for events in readers:
        blocks = []
        async with asyncio.timeout(20):
            async for event in events:
                if event.account == person.account.account:
                    blocks.append((event.kind, event.block))
                    if event.kind is EventKind.USER_ONLINE:
                        break
        assert [kind for kind, _ in blocks] == [EventKind.PROFILE_SET] * 3 + [EventKind.USER_ONLINE]
        assert [block for _, block in blocks] == sorted({block for _, block in blocks})
