from __future__ import annotations

import dataclasses

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from hypothesis import given
from hypothesis import strategies as st

from stardust.errors import LocalError, UntrustedError
from stardust.identity.devices import DeviceKeys, sealing_key, verify_device
from stardust.wire.ids import DeviceId
from tests.unit.identity.helpers import device, record

SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


def test_keys_come_back_from_their_bytes() -> None:
    keys = DeviceKeys.create()
    again = DeviceKeys.from_bytes(keys.to_bytes())
    assert again.to_bytes() == keys.to_bytes()
    assert again.record(bytes(32), bytes(32)) == keys.record(bytes(32), bytes(32))


def test_what_is_sealed_to_the_record_opens_with_the_keys_only() -> None:
    sealed = SUITE.encrypt(b"hello", sealing_key(record("one")))
    assert SUITE.decrypt(sealed, device("one").sealing) == b"hello"
    with pytest.raises(InvalidTag):
        SUITE.decrypt(sealed, device("two").sealing)


def test_a_device_signs_for_itself_only() -> None:
    signature = device("one").sign(b"message")
    assert verify_device(device("one").device, b"message", signature)
    assert not verify_device(device("two").device, b"message", signature)
    assert not verify_device(device("one").device, b"other", signature)


@given(key=st.binary(max_size=40), signature=st.binary(max_size=80))
def test_malformed_keys_and_signatures_are_false(key: bytes, signature: bytes) -> None:
    assert not verify_device(DeviceId(key), b"message", signature)


def test_no_secret_stands_in_the_repr() -> None:
    keys = device("one")
    text = repr(keys)
    secret = keys.to_bytes()
    assert all(
        part.hex() not in text and repr(part) not in text
        for part in (secret[1:33], secret[33:97], secret[97:])
    )


@pytest.mark.parametrize("data", [b"", bytes(129), b"\x01" + bytes(10), b"\x02" + bytes(128)])
def test_damaged_keys_are_refused(data: bytes) -> None:
    with pytest.raises(LocalError):
        DeviceKeys.from_bytes(data)


@pytest.mark.parametrize("sealing", [b"", bytes(1215), b"\xff" * 1216])
def test_a_false_sealing_key_is_refused(sealing: bytes) -> None:
    with pytest.raises(UntrustedError):
        sealing_key(dataclasses.replace(record("one"), sealing=sealing))
