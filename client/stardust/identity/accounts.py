"""A person's account key: it certifies devices, and can stay cold the rest of the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Final

import sr25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from stardust.identity.address import to_address
from stardust.identity.derivation import DEV_PHRASE, SecretPair, derive, new_phrase
from stardust.identity.records import Scheme
from stardust.wire.ids import AccountId

WELL_KNOWN: Final = ("Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie", "One", "Two")
"""Names of substrate's ``sp_keyring``, each also with ``//stash``."""


@dataclass(frozen=True, slots=True)
class AccountKey:
    """An sr25519 or ed25519 key of a chain account; keeps the interface ``AccountSigner``."""

    account: AccountId
    scheme: Scheme
    secret: bytes = field(repr=False)
    """64 bytes (schnorrkel key and nonce) for sr25519, 32 bytes (seed) for ed25519."""
    known: bool = False
    """Everybody has this key: it is only good on a chain for development or for one machine."""

    @classmethod
    def create(cls, *, words: int = 12, scheme: Scheme = Scheme.SR25519) -> tuple[AccountKey, str]:
        """A new account and its recovery phrase, which is kept nowhere else."""
        phrase = new_phrase(words)
        return cls.from_uri(phrase, scheme=scheme), phrase

    @classmethod
    def from_uri(cls, uri: str, *, scheme: Scheme = Scheme.SR25519, dev: bool = False) -> AccountKey:
        """The account of ``phrase//hard/soft///password`` (see ``derivation.derive``)."""
        return cls.from_pair(derive(uri, scheme, dev=dev), scheme)

    @classmethod
    def from_pair(cls, pair: SecretPair, scheme: Scheme) -> AccountKey:
        return cls(AccountId(bytes(pair.public)), scheme, bytes(pair.secret), pair.known)

    @property
    def address(self) -> str:
        """SS58, prefix 42."""
        return to_address(self.account)

    def sign(self, message: bytes) -> bytes:
        """64 bytes: the signature that ``MultiSignature`` carries under this scheme."""
        if self.scheme is Scheme.ED25519:
            return SigningKey(self.secret).sign(message).signature
        signature: bytes = sr25519.sign((bytes(self.account), self.secret), message)
        return signature

    def subkey(self, label: str) -> bytes:
        """32 bytes for the purpose ``label``: HKDF-SHA256 (RFC 5869) over the account's secret.

        Without salt, ``info`` is ``stardust:subkey:v1:`` and the label. It follows from
        the recovery phrase and path alone, and survives export as a keystore file.
        """
        info = b"stardust:subkey:v1:" + label.encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self.secret)


@cache
def well_known() -> frozenset[AccountId]:
    """The accounts that everybody has a key of: ``//Alice`` and so on. About 40 ms the first time."""
    uris = [DEV_PHRASE] + [f"//{name}{more}" for name in WELL_KNOWN for more in ("", "//stash")]
    return frozenset(
        AccountKey.from_uri(uri, scheme=scheme, dev=True).account for uri in uris for scheme in Scheme
    )


def verify(scheme: Scheme, account: AccountId, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` is ``account``'s over exactly ``message``; False for malformed ones too."""
    if len(account) != 32 or len(signature) != 64:
        return False
    try:
        if scheme is Scheme.ED25519:
            VerifyKey(bytes(account)).verify(message, signature)
            return True
        return bool(sr25519.verify(signature, message, bytes(account)))
    except (CryptoError, ValueError):
        return False
