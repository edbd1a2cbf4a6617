"""Sealed envelopes: for one device, from one device, once, and of few sizes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.errors import RemoteError
from stardust.identity.devices import DeviceKeys
from stardust.identity.records import DeviceRecord
from stardust.signaling.envelope import (
    BUCKETS,
    CLOCK_TOLERANCE_S,
    OVERHEAD,
    open_envelope,
    seal,
)
from stardust.signaling.errors import EnvelopeError, EnvelopeTooLargeError
from stardust.wire.signals import MAX_ENVELOPE, Signal, SignalKind

GENESIS = bytes(range(32))
NOW = 1_800_000_000
ALICE, BOB, EVE = DeviceKeys.create(), DeviceKeys.create(), DeviceKeys.create()


def public(keys: DeviceKeys) -> DeviceRecord:
    return keys.record(bytes(32), bytes(32))


def signal(payload: bytes = b"offer", *, expires: int = NOW + 60, sender: DeviceKeys = ALICE) -> Signal:
    return Signal(
        id=bytes(16),
        kind=SignalKind.OFFER,
        genesis=GENESIS,
        sender_account=bytes(32),
        sender_device=sender.device,
        receiver_device=BOB.device,
        expires=expires,
        payload=payload,
    )


@given(st.binary(max_size=2600))
def test_every_payload_comes_back_and_fits_an_envelope(payload: bytes) -> None:
    envelope = seal(signal(payload), ALICE, public(BOB))
    assert len(envelope) <= MAX_ENVELOPE
    assert open_envelope(envelope, BOB, GENESIS, NOW).payload == payload


def test_envelopes_have_few_sizes() -> None:
    sizes = {len(seal(signal(bytes(size)), ALICE, public(BOB))) for size in range(0, 2600, 100)}
    assert sizes == {bucket + OVERHEAD for bucket in BUCKETS}


def test_an_envelope_does_not_show_its_payload() -> None:
    assert b"192.168.1.17" not in seal(signal(b"192.168.1.17"), ALICE, public(BOB))


def test_nobody_else_can_open_it() -> None:
    with pytest.raises(EnvelopeError):
        open_envelope(seal(signal(), ALICE, public(BOB)), EVE, GENESIS, NOW)


def test_it_is_worth_nothing_on_another_chain() -> None:
    with pytest.raises(EnvelopeError):
        open_envelope(seal(signal(), ALICE, public(BOB)), BOB, bytes(32), NOW)


def test_a_device_cannot_sign_in_the_name_of_another() -> None:
    with pytest.raises(EnvelopeError, match="not signed"):
        open_envelope(seal(signal(sender=ALICE), EVE, public(BOB)), BOB, GENESIS, NOW)


def test_a_signal_for_another_device_cannot_be_passed_on() -> None:
    # Bob seals what Alice once signed for him, to Eve.
    with pytest.raises(EnvelopeError):
        open_envelope(seal(signal(), ALICE, public(EVE)), EVE, GENESIS, NOW)


@pytest.mark.parametrize("apart", [-10 * 60, 10 * 60])
def test_clocks_ten_minutes_apart_do_not_matter(apart: int) -> None:
    assert open_envelope(seal(signal(), ALICE, public(BOB)), BOB, GENESIS, NOW + apart)


@pytest.mark.parametrize("expires", [NOW - CLOCK_TOLERANCE_S - 1, NOW + 10_000])
def test_an_old_one_and_one_valid_for_ever_are_refused(expires: int) -> None:
    with pytest.raises(EnvelopeError):
        open_envelope(seal(signal(expires=expires), ALICE, public(BOB)), BOB, GENESIS, NOW)


def test_what_is_too_large_is_refused_before_it_is_sent() -> None:
    with pytest.raises(EnvelopeTooLargeError):
        seal(signal(bytes(2900)), ALICE, public(BOB))


@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    envelope = bytearray(seal(signal(), ALICE, public(BOB)))
    envelope[data.draw(st.integers(0, len(envelope) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(RemoteError):
        open_envelope(bytes(envelope), BOB, GENESIS, NOW)


@given(st.binary(max_size=MAX_ENVELOPE + 10))
def test_garbage_is_refused(garbage: bytes) -> None:
    with pytest.raises(RemoteError):
        open_envelope(garbage, BOB, GENESIS, NOW)
