from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.errors import UsageError
from stardust.identity.accounts import AccountKey, verify
from stardust.identity.address import from_address, to_address
from stardust.identity.derivation import DEV_PHRASE, normalise_phrase
from stardust.identity.errors import BadAddressError, BadPhraseError, DevAccountError
from stardust.identity.records import Scheme
from stardust.wire.ids import AccountId
from tests.unit.identity.helpers import PHRASE, account

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
ALICE_STASH = "5GNJqTPyNqANBkUVMN1LPPrxXnFouWXoe2wNSmmEoLctxiZY"
ALICE_ED25519 = "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu"


@pytest.mark.parametrize(
    ("uri", "scheme", "address"),
    [
        ("//Alice", Scheme.SR25519, ALICE),
        ("//Alice//stash", Scheme.SR25519, ALICE_STASH),
        ("//Alice", Scheme.ED25519, ALICE_ED25519),
        (f"{DEV_PHRASE}//Alice", Scheme.SR25519, ALICE),
    ],
)
def test_development_accounts_have_the_well_known_addresses(uri: str, scheme: Scheme, address: str) -> None:
    assert AccountKey.from_uri(uri, scheme=scheme, dev=True).address == address


@pytest.mark.parametrize("uri", ["//Alice", "", DEV_PHRASE, f" {DEV_PHRASE.upper()} //x", "///password"])
def test_development_accounts_are_refused_elsewhere(uri: str) -> None:
    with pytest.raises(DevAccountError):
        AccountKey.from_uri(uri)


@pytest.mark.parametrize("words", [12, 24])
@pytest.mark.parametrize("scheme", Scheme)
def test_a_new_account_comes_back_from_its_phrase(words: int, scheme: Scheme) -> None:
    key, phrase = AccountKey.create(words=words, scheme=scheme)
    assert len(phrase.split()) == words
    assert AccountKey.from_uri(f"  {phrase.upper()} ", scheme=scheme) == key


@pytest.mark.parametrize(
    "phrase",
    [
        "legal winner",
        PHRASE + " zoo",
        PHRASE.replace("yellow", "zoo"),
        PHRASE.replace("yellow", "yelow"),
        "x" * 2000,
    ],
)
def test_what_is_no_phrase_is_refused(phrase: str) -> None:
    with pytest.raises(UsageError) as raised:
        AccountKey.from_uri(phrase)
    assert phrase not in str(raised.value)
    assert "yelow" not in f"{raised.value} {raised.value.hint}"


def test_a_phrase_is_read_whatever_its_case_and_spaces() -> None:
    assert normalise_phrase(f"\n{PHRASE.title()}\t") == PHRASE
    with pytest.raises(BadPhraseError):
        normalise_phrase("one two three")


@pytest.mark.parametrize("uri", [f"{PHRASE}//18446744073709551616", f"{PHRASE}//0x01", f"{PHRASE}//a/"])
def test_paths_that_wallets_read_differently_are_refused(uri: str) -> None:
    with pytest.raises(UsageError):
        AccountKey.from_uri(uri)


def test_ed25519_has_no_soft_derivation() -> None:
    with pytest.raises(UsageError, match="soft"):
        AccountKey.from_uri(f"{PHRASE}/soft", scheme=Scheme.ED25519)


@pytest.mark.parametrize("scheme", Scheme)
@given(message=st.binary(max_size=200), at=st.integers(0, 511))
def test_a_signature_holds_for_its_message_only(scheme: Scheme, message: bytes, at: int) -> None:
    key = account(scheme=scheme)
    signature = key.sign(message)
    assert verify(scheme, key.account, message, signature)
    assert not verify(scheme, key.account, message + b"x", signature)
    flipped = bytearray(signature)
    flipped[at // 8] ^= 1 << at % 8
    # sr25519's marker bit is the highest one of the last byte: without it there is no signature at all.
    assert not verify(scheme, key.account, message, bytes(flipped))


@pytest.mark.parametrize("scheme", Scheme)
@given(key=st.binary(max_size=40), signature=st.binary(max_size=80))
def test_malformed_keys_and_signatures_are_false_not_an_exception(
    scheme: Scheme, key: bytes, signature: bytes
) -> None:
    assert not verify(scheme, AccountId(key), b"message", signature)


def test_secrets_are_not_in_the_repr() -> None:
    for scheme in Scheme:
        key = account(scheme=scheme)
        assert key.secret.hex() not in repr(key)
        assert repr(key.secret) not in repr(key)


def test_subkeys_follow_from_the_phrase_and_differ_by_label_and_account() -> None:
    one = account().subkey("backup")
    assert one == account().subkey("backup")
    others = {
        account().subkey("other"),
        account("x").subkey("backup"),
        account(scheme=Scheme.ED25519).subkey("backup"),
    }
    assert len(others | {one}) == 4
    assert one.hex() == "dcb089e9e4722930cfde72a71484dbdd5636a1fd6824439b6b67848402d875ce"


@given(st.binary(min_size=32, max_size=32))
def test_addresses_come_back(raw: bytes) -> None:
    key = AccountId(raw)
    assert from_address(to_address(key)) == key


@given(
    st.text(max_size=80)
    | st.sampled_from([ALICE[:-1], ALICE + "1", ALICE.replace("G", "H"), "0x" + "00" * 32])
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadAddressError):
        from_address(text)


def test_an_address_of_another_network_is_refused() -> None:
    with pytest.raises(BadAddressError):
        from_address("15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5")  # //Alice on Polkadot
