"""Fresh keys of a network: one of root's, and of each validator an account and what it signs with."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from children import PartFailedError
from stardust.identity.accounts import AccountKey
from stardust.identity.derivation import new_phrase
from stardust.identity.records import Scheme

SESSION_KEYS = {"aura": Scheme.SR25519, "gran": Scheme.ED25519}
"""Key type in a node's keystore → scheme: the one makes blocks, the other votes on them."""


@dataclass(frozen=True)
class SecretKey:
    """A key and the phrase of 12 words that it comes from."""

    phrase: str = field(repr=False)
    address: str

    @classmethod
    def fresh(cls, scheme: Scheme = Scheme.SR25519) -> SecretKey:
        phrase = new_phrase()
        return cls(phrase, AccountKey.from_uri(phrase, scheme=scheme).address)


@dataclass(frozen=True)
class ValidatorKeys:
    """``account``: in whose name it validates; signs changes of the session keys, so it can be kept
    elsewhere. ``session``: what the running node needs."""

    account: SecretKey
    session: dict[str, SecretKey]

    @classmethod
    def fresh(cls) -> ValidatorKeys:
        session = {kind: SecretKey.fresh(scheme) for kind, scheme in SESSION_KEYS.items()}
        return cls(SecretKey.fresh(), session)


class KeyTool:
    """``stardust-node key``: the files of a node are the node's own business."""

    def __init__(self, binary: Path) -> None:
        self.binary = binary

    def insert(self, keystore: Path, chain: Path, keys: ValidatorKeys) -> None:
        """Puts the session keys into ``keystore``."""
        for kind, key in keys.session.items():
            # Not as an argument, which everybody on the machine could read.
            with tempfile.NamedTemporaryFile("w", dir=keystore.parent) as secret:
                secret.write(key.phrase)
                secret.flush()
                where = ["--keystore-path", str(keystore), "--chain", str(chain)]
                what = ["--key-type", kind, "--scheme", SESSION_KEYS[kind].value, "--suri", secret.name]
                self._run("insert", *where, *what)

    def node_key(self, file: Path, chain: Path) -> str:
        """Makes the key behind a node's peer id; the peer id."""
        self._run("generate-node-key", "--chain", str(chain), "--file", str(file))
        file.chmod(0o600)
        return self._run("inspect-node-key", "--file", str(file)).strip()

    def _run(self, *arguments: str) -> str:
        done = subprocess.run([str(self.binary), "key", *arguments], capture_output=True, text=True)
        if done.returncode:
            raise PartFailedError(f"stardust-node key {arguments[0]} failed: {done.stderr.strip()}")
        return done.stdout


def write_secret(path: Path, text: str) -> None:
    """A file that only its owner can read, from its first moment on."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text + "\n")
