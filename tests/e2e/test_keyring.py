"""Keys and account files against the real ``@polkadot/keyring``."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stardust.errors import WrongPassphraseError
from stardust.identity.accounts import AccountKey, verify
from stardust.identity.keystore import export_keystore, import_keystore
from stardust.identity.records import Scheme

FOLDER = Path(__file__).parent / "keyring"
PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
URIS = [
    PHRASE,
    f"{PHRASE}//work",
    f"{PHRASE}//work//7",
    f"{PHRASE}///a password",
    f"{PHRASE}//0///p//q",
    f"{PHRASE}//a name that is longer than thirty-two bytes",
]
SOFT = [f"{PHRASE}/soft", f"{PHRASE}//hard/soft/0///password"]


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.fail("Node.js 20 or newer with npm is needed for this test; install it")
    if not (FOLDER / "node_modules").exists():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr


def keyring(call: str, **request: Any) -> dict[str, Any]:
    done = subprocess.run(
        ["node", "keyring.mjs"],
        cwd=FOLDER,
        input=json.dumps({"call": call, **request}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize(
    ("uri", "scheme"), [(u, s) for s in Scheme for u in URIS] + [(u, Scheme.SR25519) for u in SOFT]
)
def test_a_phrase_and_path_give_the_key_that_polkadot_js_derives(uri: str, scheme: Scheme) -> None:
    key = AccountKey.from_uri(uri, scheme=scheme)
    answer = keyring("derive", uri=uri, type=scheme.value)
    assert answer == {"publicKey": "0x" + key.account.hex(), "address": key.address}


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize("call", ["exported", "older"])
def test_files_of_polkadot_js_open_here(scheme: Scheme, call: str) -> None:
    answer = keyring(call, uri=PHRASE, type=scheme.value, passphrase="correct horse")
    key = import_keystore(json.dumps(answer["json"]).encode(), "correct horse")
    assert key == AccountKey.from_uri(PHRASE, scheme=scheme)


@pytest.mark.parametrize("scheme", Scheme)
def test_a_wrong_passphrase_for_a_file_of_polkadot_js_is_named(scheme: Scheme) -> None:
    answer = keyring("exported", uri=PHRASE, type=scheme.value, passphrase="right")
    with pytest.raises(WrongPassphraseError):
        import_keystore(json.dumps(answer["json"]).encode(), "wrong")


@pytest.mark.parametrize("scheme", Scheme)
def test_our_files_open_in_polkadot_js_and_sign_there(scheme: Scheme) -> None:
    key = AccountKey.from_uri(f"{PHRASE}//work", scheme=scheme)
    keystore = json.loads(export_keystore(key, "correct horse", name="work"))
    answer = keyring("opened", json=keystore, passphrase="correct horse", message="0x68656c6c6f")
    assert answer["publicKey"] == "0x" + key.account.hex()
    assert verify(scheme, key.account, b"hello", bytes.fromhex(answer["signature"][2:]))


@pytest.mark.parametrize("scheme", Scheme)
def test_our_signatures_hold_in_polkadot_js(scheme: Scheme) -> None:
    key = AccountKey.from_uri(PHRASE, scheme=scheme)
    signature = "0x" + key.sign(b"hello").hex()
    request = {"address": key.address, "type": scheme.value, "message": "0x68656c6c6f"}
    assert keyring("verified", **request, signature=signature)["valid"]
