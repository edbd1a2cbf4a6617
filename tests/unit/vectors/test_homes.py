"""Files that people keep open again, also those that another program wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stardust.daemon import vault
from stardust.daemon.home import Home
from stardust.errors import WrongPassphraseError
from stardust.identity.accounts import AccountKey
from stardust.identity.keystore import import_keystore
from stardust.identity.records import Scheme
from tests.vectors.make import stored
from tests.vectors.plain import plain

VAULT = stored("vault")
KEYSTORES = stored("keystores")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path)
    home.vault.write_bytes(bytes.fromhex(VAULT["file"]))
    return home


def test_the_golden_vault_opens_under_its_passphrase_only(home: Home) -> None:
    assert plain(vault.unseal(home, VAULT["passphrase"])) == VAULT["secrets"]
    with pytest.raises(WrongPassphraseError):
        vault.unseal(home, VAULT["passphrase"] + " ")


@pytest.mark.parametrize("file", KEYSTORES["files"], ids=lambda file: f"{file['scheme']} {file['written']}")
def test_account_files_of_polkadot_js_open(file: dict[str, Any]) -> None:
    scheme = Scheme(file["scheme"])
    key = import_keystore(json.dumps(file["json"]).encode(), KEYSTORES["passphrase"])
    assert key == AccountKey.from_uri(KEYSTORES["uri"], scheme=scheme)
    assert file["json"]["address"]
