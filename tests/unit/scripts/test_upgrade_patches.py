"""The runtimes of ``scripts/upgrade-check`` can still be made from this source."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PATCHES = sorted((ROOT / "tests" / "upgrade").glob("*.patch"))


def test_the_patches_fit_the_pallet_one_after_the_other() -> None:
    """When the pallet has changed under them: make them anew (CONTRIBUTING.md)."""
    assert [path.name for path in PATCHES] == ["1-migration.patch", "2-transactions.patch"]
    patch = b"".join(path.read_bytes() for path in PATCHES)
    done = subprocess.run(["git", "apply", "--check", "-"], input=patch, cwd=ROOT, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
