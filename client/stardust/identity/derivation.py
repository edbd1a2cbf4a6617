"""From a recovery phrase to a key, as polkadot-js and substrate do it.

``phrase//hard/soft///password``: the mini-secret is PBKDF2 over the phrase's
*entropy* (not its text as in BIP-39), then each junction derives a child key
(substrate ``sp_core::crypto::DeriveJunction``, schnorrkel hard and simple soft
derivation; for ed25519 blake2b-256 over ``Ed25519HDKD``, hard only).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Final

import bip39
import sr25519
from nacl.signing import SigningKey

from stardust.errors import UsageError
from stardust.identity.errors import BadPhraseError, DevAccountError
from stardust.identity.records import Scheme

DEV_PHRASE: Final = "bottom drive obey lake curtain smoke basket hold race lonely fit walk"
MAX_URI: Final = 1024

_URI: Final = re.compile(r"(?P<phrase>[^/]*)(?P<path>(?://?[^/]+)*)(?:///(?P<password>.*))?", re.DOTALL)
_JUNCTION: Final = re.compile(r"(//?)([^/]+)")


@dataclass(frozen=True, slots=True)
class SecretPair:
    """A derived key. ``secret``: 64 bytes (schnorrkel key and nonce) for sr25519, the seed for ed25519."""

    public: bytes
    secret: bytes = field(repr=False)
    known: bool = False
    """It was derived from the development phrase, which everybody has."""


def new_phrase(words: int = 12) -> str:
    """A fresh English BIP-39 phrase of 12 or 24 words, from the system's randomness."""
    if words not in (12, 24):
        raise UsageError("A recovery phrase has 12 or 24 words.")
    phrase: str = bip39.bip39_generate(words, "en")
    return phrase


def normalise_phrase(text: str) -> str:
    """``text`` in lower case with single spaces; ``BadPhraseError`` if it is no valid phrase."""
    phrase = " ".join(text.lower().split())
    if (words := len(phrase.split())) not in (12, 24):
        raise BadPhraseError(hint=f"It has 12 or 24 words; this one has {words}.")
    if not bip39.bip39_validate(phrase, "en"):
        raise BadPhraseError(hint="A word is misspelt or in the wrong place.")
    return phrase


def derive(uri: str, scheme: Scheme, *, dev: bool = False) -> SecretPair:
    """The key that ``uri`` (``phrase//hard/soft///password``) names.

    ``dev`` permits development accounts: an empty phrase (``//Alice``) or the
    well-known development phrase. Raises ``BadPhraseError``, ``DevAccountError``, ``UsageError``.
    """
    match = _URI.fullmatch(unicodedata.normalize("NFC", uri)) if len(uri) <= MAX_URI else None
    if match is None:
        raise UsageError("This is not a key: a phrase, then //hard or /soft steps, then ///password.")
    phrase = " ".join(match["phrase"].split()) or DEV_PHRASE
    known = phrase.lower() == DEV_PHRASE
    if known and not dev:
        raise DevAccountError(
            hint="make one of your own: stardust init; on a development chain: stardust init --dev //Alice"
        )
    seed = bip39.bip39_to_mini_secret(normalise_phrase(phrase), match["password"] or "", "en")
    path = [(_chain_code(code), slashes == "//") for slashes, code in _JUNCTION.findall(match["path"])]
    pair = _derive_sr25519(seed, path) if scheme is Scheme.SR25519 else _derive_ed25519(seed, path)
    return replace(pair, known=known)


def _derive_sr25519(seed: bytes, path: list[tuple[bytes, bool]]) -> SecretPair:
    public, secret = sr25519.pair_from_seed(seed)
    for code, hard in path:
        step = sr25519.hard_derive_keypair if hard else sr25519.derive_keypair
        _, public, secret = step((code, public, secret), b"")
    return SecretPair(public, secret)


def _derive_ed25519(seed: bytes, path: list[tuple[bytes, bool]]) -> SecretPair:
    for code, hard in path:
        if not hard:
            raise UsageError("An ed25519 account has no soft steps (/name); use hard ones (//name).")
        seed = blake2b(_scale_text("Ed25519HDKD") + seed + code, digest_size=32).digest()
    return SecretPair(bytes(SigningKey(seed).verify_key), seed)


def _chain_code(code: str) -> bytes:
    number = code.isascii() and code.isdigit()
    if code.startswith("0x") or (number and len(code) > 19):
        # substrate reads these as text, polkadot-js as numbers: two different keys.
        raise UsageError("A derivation step cannot be a hexadecimal or a huge number.")
    if number:
        return int(code).to_bytes(32, "little")
    encoded = _scale_text(code)
    return blake2b(encoded, digest_size=32).digest() if len(encoded) > 32 else encoded.ljust(32, b"\0")


def _scale_text(text: str) -> bytes:
    data = text.encode()
    size = len(data)
    # SCALE compact length, one or two bytes: a URI is at most 1024 characters (4096 bytes).
    prefix = bytes([size << 2]) if size < 64 else (size << 2 | 1).to_bytes(2, "little")
    return prefix + data
