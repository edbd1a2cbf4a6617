from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.errors import WrongPassphraseError
from stardust.identity import keystore
from stardust.identity.accounts import AccountKey
from stardust.identity.errors import KeystoreError
from stardust.identity.keystore import export_keystore, import_keystore
from stardust.identity.records import Scheme
from tests.unit.identity.helpers import account


@pytest.fixture(scope="module")
def exported() -> dict[Scheme, bytes]:
    return {scheme: export_keystore(account(scheme=scheme), "pass", name="me") for scheme in Scheme}


@pytest.mark.parametrize("scheme", Scheme)
def test_a_file_opens_again(exported: dict[Scheme, bytes], scheme: Scheme) -> None:
    assert import_keystore(exported[scheme], "pass") == account(scheme=scheme)


def test_a_wrong_passphrase_is_named(exported: dict[Scheme, bytes]) -> None:
    with pytest.raises(WrongPassphraseError):
        import_keystore(exported[Scheme.SR25519], "pass ")


def test_no_secret_stands_in_the_file(exported: dict[Scheme, bytes]) -> None:
    for scheme in Scheme:
        blob = base64.b64decode(json.loads(exported[scheme])["encoded"])
        assert account(scheme=scheme).secret[:32] not in blob


def changed(data: bytes, **fields: Any) -> bytes:
    return json.dumps(json.loads(data) | fields).encode()


@pytest.mark.parametrize(
    ("n", "p", "r"),
    [
        (1 << 30, 1, 8),
        (1 << 18, 1, 8),
        (1 << 17, 2, 8),
        (1 << 17, 1, 16),
        (0, 1, 8),
        (3, 1, 8),
        (1 << 12, 1, 8),
    ],
)
def test_costly_or_odd_scrypt_parameters_are_refused_unread(
    exported: dict[Scheme, bytes], monkeypatch: pytest.MonkeyPatch, n: int, p: int, r: int
) -> None:
    monkeypatch.setattr(keystore, "_stretch", lambda *_: pytest.fail("must not be computed"))
    blob = bytearray(base64.b64decode(json.loads(exported[Scheme.SR25519])["encoded"]))
    struct.pack_into("<III", blob, 32, n, p, r)
    with pytest.raises(KeystoreError, match="scrypt"):
        import_keystore(changed(exported[Scheme.SR25519], encoded=base64.b64encode(blob).decode()), "pass")


@pytest.mark.parametrize(
    "fields",
    [
        {
            "encoding": {
                "content": ["pkcs8", "ecdsa"],
                "type": ["scrypt", "xsalsa20-poly1305"],
                "version": "3",
            }
        },
        {"encoding": {"content": ["pkcs8", "sr25519"], "type": ["none"], "version": "3"}},
        {
            "encoding": {
                "content": ["pkcs8", "sr25519"],
                "type": ["scrypt", "xsalsa20-poly1305"],
                "version": "2",
            }
        },
        {"encoded": "AAAA"},
        {"encoded": "not base64!"},
        {"encoded": None},
        {"address": account("other").address},
        {"address": "nobody"},
    ],
)
def test_other_kinds_and_damaged_files_are_refused(
    exported: dict[Scheme, bytes], fields: dict[str, Any]
) -> None:
    with pytest.raises(KeystoreError):
        import_keystore(changed(exported[Scheme.SR25519], **fields), "pass")


def test_a_file_of_the_other_scheme_than_it_says_is_refused(exported: dict[Scheme, bytes]) -> None:
    encoding = json.loads(exported[Scheme.ED25519])["encoding"]
    with pytest.raises(KeystoreError):
        import_keystore(changed(exported[Scheme.SR25519], encoding=encoding), "pass")


@given(st.binary(max_size=300))
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(KeystoreError):
        import_keystore(data, "pass")


def test_an_oversized_file_is_refused() -> None:
    with pytest.raises(KeystoreError, match="bytes"):
        import_keystore(b" " * 20_000, "pass")


def test_a_key_that_everybody_has_is_known_as_such_in_every_file() -> None:
    alice = AccountKey.from_uri("//Alice", dev=True)
    own = AccountKey.from_uri("//Alice//mine", dev=True)
    assert alice.known
    assert own.known
    assert not account().known
    for key in (alice, own):
        file = export_keystore(key, "pass")
        assert json.loads(file)["meta"]["isTesting"] is True
        assert import_keystore(file, "pass").known
    unmarked = changed(export_keystore(alice, "pass"), meta={"name": "alice"})
    assert import_keystore(unmarked, "pass") == alice
