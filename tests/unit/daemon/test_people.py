"""Whose signals are expected: contacts first, nobody who is blocked, strangers met lately; and which of
their devices are believed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from stardust.daemon.parts import listened_for
from stardust.daemon.people import MAX_STRANGERS, People, Person, Relation
from stardust.identity.records import CertifiedDevice, DeviceRecord, Scheme
from stardust.identity.trust import observe
from stardust.wire.ids import AccountId, DeviceId

OWN = AccountId(bytes(32))
STRANGER = AccountId(b"\x09" * 32)


def certified(number: int) -> CertifiedDevice:
    key = bytes([number]) * 32
    record = DeviceRecord(DeviceId(key), key, key, bytes(1216))
    return CertifiedDevice(AccountId(key), record, 600, bytes(64), Scheme.ED25519, bytes(64), 1)


def person(number: int, relation: Relation = Relation.ACCEPTED) -> Person:
    device = certified(number)
    return Person(device.account, relation, observe(None, [device.record]).trust, (device,))


def device(number: int) -> DeviceId:
    return certified(number).record.device


def test_contacts_come_first_and_the_blocked_not_at_all() -> None:
    people = People(OWN, [person(1, Relation.REQUEST_SENT), person(2), replace(person(3), blocked=True)])
    people.meet(certified(4).account, [certified(4)])
    assert people.expected() == (device(2), device(1), device(4))


def test_every_change_is_told_once() -> None:
    people, told = People(OWN), list[tuple[DeviceId, ...]]()
    people.watch(lambda: told.append(people.expected()))
    people.replace_all([person(1), person(2)])
    people.put(person(3))
    people.meet(certified(4).account, [certified(4)])
    people.remove(person(1).account)
    people.remove(person(1).account)
    assert [len(one) for one in told] == [2, 3, 4, 3]


async def test_what_is_listened_for_follows_people_from_any_thread() -> None:
    people = People(OWN, [person(1)])
    listened = listened_for(people)
    assert listened.devices == {device(1)}
    changed = asyncio.create_task(listened.changed(listened.devices))
    await asyncio.to_thread(people.put, person(2))
    async with asyncio.timeout(5):
        assert await changed == {device(1), device(2)}


async def test_whom_was_written_to_is_listened_for_whoever_they_are() -> None:
    listened = listened_for(People(OWN))
    listened.expect(device(9))
    assert listened.devices == {device(9)}


def of_stranger(number: int, account: AccountId = STRANGER) -> CertifiedDevice:
    key = number.to_bytes(32, "big")
    record = DeviceRecord(DeviceId(key), key, key, bytes(1216))
    return CertifiedDevice(account, record, 1, bytes(64), Scheme.ED25519, bytes(64))


def test_a_revoked_device_of_a_stranger_is_not_trusted_any_more() -> None:
    people = People(OWN)
    people.meet(STRANGER, [of_stranger(1), of_stranger(2)])
    people.meet(STRANGER, [of_stranger(2)])
    assert people.trusted(of_stranger(1).record.device) is None
    assert people.account_of(of_stranger(1).record.device) is None
    assert people.stranger_devices(STRANGER) == (of_stranger(2),)
    people.meet(STRANGER, [])
    assert people.trusted(of_stranger(2).record.device) is None


def test_the_strangers_met_lately_are_kept() -> None:
    people = People(OWN)
    for number in range(MAX_STRANGERS + 1):
        people.meet(AccountId(number.to_bytes(32, "big")), [of_stranger(number)])
    assert people.trusted(of_stranger(0).record.device) is None
    assert people.trusted(of_stranger(1).record.device) is not None
