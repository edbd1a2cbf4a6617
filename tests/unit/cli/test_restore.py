"""restore, as a script runs it: a process of its own, and nothing but the result on standard output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from stardust.cli.exits import Exit
from stardust.identity.accounts import AccountKey

STARDUST = str(Path(sys.executable).parent / "stardust")
NOBODY = "ws://127.0.0.1:1"


def test_json_is_one_document_also_while_the_chain_is_away(tmp_path: Path) -> None:
    (tmp_path / "phrase").write_text(AccountKey.create()[1])
    (tmp_path / "me.car").write_bytes(b"no backup")
    arguments = ["restore", "--json", "--from", str(tmp_path / "me.car"), "--node", NOBODY]
    arguments += ["--phrase-file", str(tmp_path / "phrase"), "--home", str(tmp_path / "new")]
    done = subprocess.run(
        [STARDUST, *arguments], capture_output=True, text=True, env={**os.environ, "STARDUST_PASSPHRASE": "p"}
    )
    assert done.returncode not in (Exit.OK, Exit.ERROR), done
    assert set(json.loads(done.stdout)) == {"error"}
    assert done.stderr == ""
    assert not (tmp_path / "new").exists()
