"""Golden vectors of files that people keep: a vault, and account files made by polkadot-js. Recorded."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from stardust.daemon import vault
from stardust.daemon.home import Home
from tests.unit.identity.helpers import PHRASE, account, device
from tests.vectors.backups import fixed_key
from tests.vectors.plain import plain

PASSPHRASE = "correct horse ⭐"
KEYRING = Path(__file__).parents[1] / "e2e" / "keyring"


def secrets() -> vault.Secrets:
    return vault.Secrets(
        account=account("alice").account,
        scheme=account("alice").scheme.value,
        device=device("one").to_bytes(),
        database=bytes(range(32)),
        pickle=bytes(range(0x60, 0x80)),
        backup=fixed_key().to_bytes(),
    )


def record_vault() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        home = Home.at(Path(folder))
        vault.seal(home, secrets(), PASSPHRASE)
        data = home.vault.read_bytes()
    return {
        "about": "docs/protocol.md, vault: device.keys as this version writes it.",
        "passphrase": PASSPHRASE,
        "secrets": plain(secrets()),
        "file": data.hex(),
    }


def record_keystores() -> dict[str, Any]:
    """Needs Node.js and the packages of tests/e2e/keyring (that folder's tests install them)."""
    made = []
    for scheme in ("sr25519", "ed25519"):
        for call in ("exported", "older"):
            file = _keyring(call, uri=f"{PHRASE}//alice", type=scheme, passphrase=PASSPHRASE)["json"]
            made.append({"scheme": scheme, "written": call, "json": file})
    return {
        "about": "Account files of @polkadot/keyring for the test phrase with //alice; older: N = 32768.",
        "uri": f"{PHRASE}//alice",
        "passphrase": PASSPHRASE,
        "files": made,
    }


def _keyring(call: str, **request: Any) -> Any:
    done = subprocess.run(
        ["node", "keyring.mjs"],
        cwd=KEYRING,
        input=json.dumps({"call": call, **request}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)
