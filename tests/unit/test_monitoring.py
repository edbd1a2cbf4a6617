"""Prometheus' own program checks and tests the rules."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from children import ROOT

MONITORING = ROOT / "docs" / "monitoring"


@pytest.mark.parametrize(
    "command",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "rules.yml"),
        ("test", "rules", "rules_test.yml"),
    ],
)
def test_rules_wake_when_they_should(command: tuple[str, ...]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool (Debian package prometheus)")
    done = subprocess.run([promtool, *command], cwd=MONITORING, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
