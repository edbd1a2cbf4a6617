"""What ``scripts/upgrade`` makes of a Wasm."""

from __future__ import annotations

import subprocess
from hashlib import blake2b
from pathlib import Path

import pytest
import zstandard

from children import ROOT, PartFailedError
from network.upgrades import hash_of, read_code

WASM = b"\0asm\1\0\0\0" + bytes(1000)


def test_code_is_the_compressed_wasm_and_root_authorizes_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "runtime.wasm"
    path.write_bytes(WASM)
    code = read_code(path)
    assert zstandard.decompress(code[8:]) == WASM
    assert hash_of(code) == "0x" + blake2b(code, digest_size=32).hexdigest()


@pytest.mark.parametrize("content", [b"", b"asm", b"\x7fELF"])
def test_what_is_no_wasm_is_not_put_on_chain(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "runtime.wasm"
    path.write_bytes(content)
    with pytest.raises(PartFailedError, match="is no Wasm"):
        read_code(path)


def test_it_says_so_in_a_sentence() -> None:
    command = [str(ROOT / "scripts" / "upgrade"), "hash", str(ROOT / "README.md")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
