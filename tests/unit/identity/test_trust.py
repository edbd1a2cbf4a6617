from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.errors import LocalError, UsageError
from stardust.identity.records import DeviceRecord
from stardust.identity.trust import Change, Notice, Standing, Trust, accept, confirm, observe
from tests.unit.identity.helpers import record

ONE, TWO = record("one"), record("two")
ALTERED = dataclasses.replace(ONE, olm=bytes(32))


def known(*devices: DeviceRecord) -> Trust:
    return observe(None, devices).trust


def verified(*devices: DeviceRecord) -> Trust:
    trust = known(*devices)
    return confirm(trust, trust.ticket)


def test_the_first_list_is_believed_but_not_verified() -> None:
    decision = observe(None, [ONE])
    assert decision.notice is Notice.FIRST_CONTACT
    assert decision.trust.standing is Standing.FIRST_SEEN
    assert decision.trust.may_send


def test_an_account_without_devices_waits_for_its_first() -> None:
    empty = observe(None, [])
    assert (empty.notice, empty.trust.may_send) == (None, False)
    assert observe(empty.trust, [ONE]).trust.standing is Standing.FIRST_SEEN


def test_the_same_list_again_says_nothing() -> None:
    decision = observe(known(ONE, TWO), [TWO, ONE])
    assert decision.notice is None
    assert decision.trust == known(ONE, TWO)


def test_comparing_the_safety_number_verifies() -> None:
    assert verified(ONE).standing is Standing.VERIFIED
    assert verified(ONE).may_send


@pytest.mark.parametrize(
    ("after", "change"),
    [
        ([ONE, TWO], Change(added=(TWO.device,))),
        ([TWO], Change(added=(TWO.device,), removed=(ONE.device,))),
        ([ALTERED], Change(altered=(ONE.device,))),
        ([dataclasses.replace(ONE, sealing=TWO.sealing)], Change(altered=(ONE.device,))),
    ],
)
@pytest.mark.parametrize("before", [known(ONE), verified(ONE)])
def test_any_change_stops_sending_until_accepted(
    before: Trust, after: list[DeviceRecord], change: Change
) -> None:
    decision = observe(before, after)
    assert decision.notice is Notice.CHANGED
    assert decision.trust.standing is Standing.CHANGED
    assert not decision.trust.may_send
    assert decision.trust.change == change
    accepted = accept(decision.trust, decision.trust.ticket)
    assert accepted.standing is Standing.ACCEPTED
    assert accepted.may_send
    assert accepted.change is None


def test_a_removed_device_stops_sending_too() -> None:
    trust = observe(known(ONE, TWO), [ONE]).trust
    assert trust.change == Change(removed=(TWO.device,))
    assert not trust.may_send


def test_a_new_fallback_key_changes_nothing() -> None:
    rotated = dataclasses.replace(ONE, fallback=bytes(32))
    assert observe(verified(ONE), [rotated]).trust == verified(ONE)


def test_an_account_that_left_is_named_and_its_return_is_a_change() -> None:
    left = observe(verified(ONE), [])
    assert left.notice is Notice.LEFT
    assert not left.trust.may_send
    gone = accept(left.trust, left.trust.ticket)
    assert not gone.may_send
    assert observe(gone, [TWO]).notice is Notice.CHANGED


def test_a_change_that_is_undone_is_told() -> None:
    changed = observe(verified(ONE), [ONE, TWO]).trust
    back = observe(changed, [ONE])
    assert back.notice is Notice.CHANGED_BACK
    assert back.trust.standing is Standing.VERIFIED


def test_only_what_was_shown_can_be_accepted() -> None:
    shown = observe(known(ONE), [ONE, TWO]).trust
    since = observe(shown, [ALTERED])
    assert since.notice is Notice.CHANGED
    for decide in (accept, confirm):
        with pytest.raises(UsageError):
            decide(since.trust, shown.ticket)


def test_comparing_after_a_change_accepts_and_verifies() -> None:
    changed = observe(verified(ONE), [TWO]).trust
    again = confirm(changed, changed.ticket)
    assert again.standing is Standing.VERIFIED
    assert again.may_send


def test_nobody_can_be_verified_without_devices() -> None:
    with pytest.raises(UsageError):
        verified()


def test_accepting_where_nothing_changed_changes_nothing() -> None:
    assert accept(verified(ONE), b"") == verified(ONE)


LISTS = st.lists(st.sampled_from([ONE, TWO, record("three")]), unique_by=lambda one: one.device)


@given(st.lists(st.tuples(LISTS, st.sampled_from(["nothing", "accept", "confirm"])), max_size=8))
def test_nothing_is_ever_sent_to_devices_that_nobody_accepted(
    steps: list[tuple[list[DeviceRecord], str]],
) -> None:
    trust, agreed = None, None
    for devices, action in steps:
        trust = observe(trust, devices).trust
        seen = {bytes(device.device) for device in devices}
        if action == "accept" or (action == "confirm" and seen):
            trust = (accept if action == "accept" else confirm)(trust, trust.ticket)
            agreed = seen if agreed is not None or seen else None
        elif not agreed and trust.standing is Standing.FIRST_SEEN:
            agreed = seen or None
        assert trust == Trust.from_bytes(trust.to_bytes())
        assert trust.may_send == bool(seen and seen == agreed)


@pytest.mark.parametrize(
    "data", [b"", b"\x00", known(ONE).to_bytes()[:-1], b"\x92\x02" + known(ONE).to_bytes()[2:]]
)
def test_damaged_knowledge_is_refused(data: bytes) -> None:
    with pytest.raises(LocalError):
        Trust.from_bytes(data)
