"""The Olm account of this device: its identity key and the fallback key of the device record.

There is no server for one-time keys: everybody starts a session with the fallback
key that stands on chain. The first messages of a session, until the other side has
answered in it, are therefore readable to who steals the fallback key later; each
answer replaces the keys (Olm specification, "The Olm Algorithm").
"""

from __future__ import annotations

from dataclasses import dataclass

import vodozemac

from stardust.session.errors import KeysDamagedError
from stardust.session.port import SessionStore

PICKLE_KEY_SIZE = 32


@dataclass(frozen=True, slots=True)
class OlmIdentity:
    """The public keys that go into the device record."""

    olm: bytes
    """32 bytes: curve25519 identity key."""
    fallback: bytes
    """32 bytes: curve25519 fallback key."""


def create_account(store: SessionStore, pickle_key: bytes) -> OlmIdentity:
    """Makes the account of a new device and saves it. The caller holds the transaction."""
    if store.load_account() is not None:
        raise KeysDamagedError("this device has encryption keys already")
    account = vodozemac.Account()
    account.generate_fallback_key()  # type: ignore[attr-defined]  # not in the stubs of 0.10
    store.save_account(account.pickle(pickle_key))
    return identity_of(account)


def load_account(store: SessionStore, pickle_key: bytes) -> vodozemac.Account:
    """Raises ``KeysDamagedError`` when there is none or it does not open under ``pickle_key``."""
    pickle = store.load_account()
    if pickle is None:
        raise KeysDamagedError("this device has no encryption keys yet")
    try:
        return vodozemac.Account.from_pickle(pickle, pickle_key)
    except vodozemac.PickleException as error:
        raise KeysDamagedError from error


def identity_of(account: vodozemac.Account) -> OlmIdentity:
    # The key is never marked as published: vodozemac would no longer tell it.
    keys = account.fallback_key  # type: ignore[attr-defined]  # not in the stubs of 0.10
    (fallback,) = keys.values()
    return OlmIdentity(olm=account.curve25519_key.to_bytes(), fallback=fallback.to_bytes())
