from __future__ import annotations

from stardust.daemon.people import MAX_STRANGERS, People
from stardust.identity.records import CertifiedDevice, DeviceRecord, Scheme
from stardust.wire.ids import AccountId, DeviceId

STRANGER = AccountId(b"\x09" * 32)


def device(number: int, account: AccountId = STRANGER) -> CertifiedDevice:
    key = number.to_bytes(32, "big")
    record = DeviceRecord(DeviceId(key), key, key, bytes(1216))
    return CertifiedDevice(account, record, 1, bytes(64), Scheme.ED25519, bytes(64))


def test_a_revoked_device_of_a_stranger_is_not_trusted_any_more() -> None:
    people = People(AccountId(bytes(32)))
    people.meet(STRANGER, [device(1), device(2)])
    people.meet(STRANGER, [device(2)])
    assert people.trusted(device(1).record.device) is None
    assert people.account_of(device(1).record.device) is None
    assert people.stranger_devices(STRANGER) == (device(2),)
    people.meet(STRANGER, [])
    assert people.trusted(device(2).record.device) is None


def test_the_strangers_met_lately_are_kept() -> None:
    people = People(AccountId(bytes(32)))
    for number in range(MAX_STRANGERS + 1):
        people.meet(AccountId(number.to_bytes(32, "big")), [device(number)])
    assert people.trusted(device(0).record.device) is None
    assert people.trusted(device(1).record.device) is not None
