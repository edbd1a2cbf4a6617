"""Decoders of what people hand each other or type, and of keys at rest."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from collections.abc import Iterator
from unittest.mock import patch

from nacl import pwhash
from nacl.secret import SecretBox

from stardust.errors import DecodeError, LocalError, UntrustedError, UsageError, WrongPassphraseError
from stardust.identity import keystore
from stardust.identity.accounts import AccountKey
from stardust.identity.address import from_address
from stardust.identity.derivation import SecretPair
from stardust.identity.devices import DeviceKeys, sealing_key
from stardust.identity.errors import BadAddressError, InviteError, KeystoreError, ProfileError
from stardust.identity.invites import SIGNED, read_invite
from stardust.identity.profiles import SIGNED as SIGNED_PROFILE
from stardust.identity.profiles import open_profile
from stardust.identity.records import DeviceRecord, Scheme
from stardust.identity.safety import Comparison, SafetyNumber, Side
from stardust.identity.text import WrongVersionError, from_link, to_link
from stardust.identity.trust import Trust, observe
from stardust.wire.codec import encode
from stardust.wire.items import Profile, SignedProfile
from stardust.wire.links import INVITE_PREFIX, SignedInvite
from tests.fuzz.decoder import Decoder, golden, text
from tests.unit.identity.helpers import GENESIS, PHRASE, account, device, record
from tests.vectors.forms import PNG
from tests.vectors.make import stored

NOW = 1_800_000_000
ALICE, ONE = account("alice").account, device("one")
NUMBER = SafetyNumber(
    Side.of(GENESIS, account("alice").account, [record("a1")]),
    Side.of(GENESIS, account("bob").account, [record("b1")]),
)
_SCRYPT, _ARGON2 = hashlib.scrypt, pwhash.argon2id.kdf


@contextlib.contextmanager
def cheap_passphrases() -> Iterator[None]:
    """scrypt and Argon2id at their lowest cost: what they are asked to cost was checked before them."""

    def scrypt(password: bytes, *, salt: bytes, dklen: int, **cost: int) -> bytes:
        return _SCRYPT(password, salt=salt, n=2, r=1, p=1, dklen=dklen)

    def argon2id(size: int, password: bytes, salt: bytes, **cost: int) -> bytes:
        return bytes(_ARGON2(size, password, salt, opslimit=1, memlimit=8192))

    with patch.object(hashlib, "scrypt", scrypt), patch.object(pwhash.argon2id, "kdf", argon2id):
        yield


def _keystore(data: bytes) -> AccountKey:
    with cheap_passphrases():
        return keystore.import_keystore(data, "pass")


def _keystores() -> list[bytes]:
    with cheap_passphrases():
        own = [keystore.export_keystore(account("alice", scheme), "pass", name="me") for scheme in Scheme]
    return own + [json.dumps(one["json"]).encode() for one in stored("keystores")["files"]]


def _keystore_content(data: bytes) -> AccountKey:
    """Any content of the right size, sealed under the passphrase."""
    exported = json.loads(KEYSTORE)
    salt, n = bytes(32), keystore.SCRYPT_N
    with cheap_passphrases():
        key = keystore._stretch("pass", salt, n, 1)
    block = data[: keystore._BLOCK].ljust(keystore._BLOCK, b"\0")
    sealed = SecretBox(key).encrypt(block, bytes(24))
    blob = salt + keystore._PARAMETERS.pack(n, 1, 8) + bytes(sealed)
    return _keystore(json.dumps(exported | {"encoded": base64.b64encode(blob).decode()}).encode())


def _exported() -> bytes:
    with cheap_passphrases():
        return keystore.export_keystore(account("alice", Scheme.ED25519), "pass")


KEYSTORE = _exported()


def _keystore_contents() -> list[bytes]:
    key = account("alice", Scheme.ED25519)
    return [keystore._HEADER + key.secret + bytes(key.account) + keystore._DIVIDER + bytes(key.account)]


def _signed_invite(data: bytes) -> object:
    """Any body, signed by the device that signs invites."""
    body = data[:900]
    signed = SignedInvite(body, ONE.sign(SIGNED + body))
    return read_invite(to_link(INVITE_PREFIX, encode(signed)), now=NOW)


def _safety_code(data: bytes) -> object:
    if NUMBER.compare_code(text(data)) is Comparison.INVALID:
        raise DecodeError("not a safety code")
    return NUMBER.compare_digits(text(data))


def _profile(data: bytes) -> object:
    signed = SignedProfile(data, ONE.sign(SIGNED_PROFILE + data))
    return open_profile(signed, account=ALICE, device=ONE.device)


def _trust(data: bytes) -> object:
    trust = Trust.from_bytes(data)
    assert Trust.from_bytes(trust.to_bytes()) == trust
    return trust.standing, trust.change, trust.ticket


def _trusts() -> list[bytes]:
    first = observe(None, [record("one")]).trust
    return [first.to_bytes(), observe(first, [record("one"), record("two")]).trust.to_bytes()]


def _sealing_key(data: bytes) -> object:
    return sealing_key(DeviceRecord(ONE.device, bytes(32), bytes(32), data))


def _account(data: bytes) -> object:
    schemes = [AccountKey.from_uri(text(data), scheme=scheme) for scheme in Scheme]
    assert all(AccountKey.from_pair(_pair(key), key.scheme) == key for key in schemes)
    return schemes


def _pair(key: AccountKey) -> SecretPair:
    return SecretPair(key.account, key.secret)


DECODERS = (
    Decoder(
        "invite links",
        lambda data: read_invite(text(data), now=NOW),
        lambda: [one["link"].encode() for one in stored("invites")],
        refuses=(InviteError, WrongVersionError),
        covers=("identity.invites.read_invite", "identity.text.from_link"),
    ),
    Decoder(
        "contents of invites",
        _signed_invite,
        lambda: golden("edges", "link_payloads", "accepted", 0),
        refuses=(InviteError,),
        covers=("identity.invites.read_invite",),
    ),
    Decoder(
        "links",
        lambda data: from_link(INVITE_PREFIX, text(data), limit=256),
        lambda: [to_link(INVITE_PREFIX, bytes(size)).encode() for size in (0, 1, 2, 3, 256)],
        refuses=(DecodeError,),
        covers=("identity.text.from_link",),
    ),
    Decoder(
        "safety links",
        _safety_code,
        lambda: [NUMBER.code.encode(), *(one["code"].encode() for one in stored("safety"))],
        refuses=(DecodeError,),
        covers=("identity.text.from_link",),
    ),
    Decoder(
        "account files",
        _keystore,
        _keystores,
        refuses=(KeystoreError, WrongPassphraseError),
        covers=("identity.keystore.import_keystore",),
    ),
    Decoder(
        "contents of account files",
        _keystore_content,
        _keystore_contents,
        refuses=(KeystoreError,),
        covers=("identity.keystore.import_keystore",),
    ),
    Decoder(
        "signed profiles",
        _profile,
        lambda: [encode(Profile(ALICE, 3, "Zoë", "Two\nlines", avatar)) for avatar in (b"", PNG)],
        refuses=(ProfileError,),
        covers=("identity.profiles.open_profile",),
    ),
    Decoder(
        "trust",
        _trust,
        _trusts,
        refuses=(LocalError,),
        covers=("identity.trust.Trust.from_bytes", "identity.trust._STORED"),
    ),
    Decoder(
        "device keys",
        DeviceKeys.from_bytes,
        lambda: [device("one").to_bytes()],
        refuses=(LocalError,),
        covers=("identity.devices.DeviceKeys.from_bytes",),
    ),
    Decoder(
        "sealing keys",
        _sealing_key,
        lambda: [record("one").sealing],
        refuses=(UntrustedError,),
        covers=("identity.devices.sealing_key",),
    ),
    Decoder(
        "addresses",
        lambda data: from_address(text(data)),
        lambda: [account(name).address.encode() for name in ("alice", "bob")],
        refuses=(BadAddressError,),
        covers=("identity.address.from_address",),
    ),
    Decoder(
        "recovery phrases",
        _account,
        lambda: [PHRASE.encode(), f"{PHRASE}//work//7///password".encode(), f"{PHRASE}/soft".encode()],
        refuses=(UsageError,),
        covers=("identity.accounts.AccountKey.from_uri", "identity.accounts.AccountKey.from_pair"),
        cost=4,
    ),
)
