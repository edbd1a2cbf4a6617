"""``./scripts/build-node`` and the tests that need the node, on a machine without Rust."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from children import ROOT
from tests.fixtures.network import built_node

SCRIPT = ROOT / "scripts" / "build-node"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where built nodes are kept: none is. All programs of this machine are there, but cargo."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for folder in map(Path, os.environ["PATH"].split(os.pathsep)):
        for program in folder.iterdir() if folder.is_dir() else ():
            if program.name != "cargo" and not (programs / program.name).is_symlink():
                (programs / program.name).symlink_to(program)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("STARDUST_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "node"


def digest() -> str:
    """Of the node's source, as the script takes it."""
    (line,) = re.findall(r"^digest=.*$", SCRIPT.read_text(), re.MULTILINE)
    command = ["bash", "-c", f'{line}; echo "$digest"']
    done = subprocess.run(command, cwd=ROOT / "pallet" / "node", capture_output=True, text=True, check=True)
    return done.stdout.strip()


def put(cache: Path, name: str) -> Path:
    cache.mkdir(parents=True)
    binary = cache / f"stardust-node-{name}"
    binary.write_text("#!/bin/sh\necho stardust-node\n")
    binary.chmod(0o755)
    return binary


def test_a_node_that_is_built_is_used_without_rust(cache: Path) -> None:
    binary = put(cache, digest())
    try:
        assert built_node() == binary
    except pytest.skip.Exception as skipped:
        pytest.fail(f"skipped: {skipped}")


def test_a_node_of_other_source_is_not(cache: Path) -> None:
    put(cache, "0" * 16)
    with pytest.raises(pytest.skip.Exception, match="Rust is needed"):
        built_node()
