"""Prometheus' own program checks and tests the rules; Grafana's own model reads the dashboard."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

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


def lost(before: Any, after: Any, path: str = "") -> list[str]:
    """Paths in ``before`` that ``after`` has not, or otherwise; what is only in ``after`` does not count."""
    match before, after:
        case dict(), dict():
            kept = before.keys() & after.keys()
            inner = [one for key in sorted(kept) for one in lost(before[key], after[key], f"{path}/{key}")]
            return [f"{path}/{key}" for key in sorted(before.keys() - kept)] + inner
        case list(), list() if len(before) == len(after):
            pairs = enumerate(zip(before, after, strict=True))
            return [one for number, (a, b) in pairs for one in lost(a, b, f"{path}/{number}")]
    return [] if before == after else [path]


def test_grafana_understands_all_of_the_dashboard() -> None:
    """A field that the model of that release does not know is gone when it is written again."""
    register_default_plugins()
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    read = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(dashboard)))
    assert lost(dashboard, read) == []
    wrong = {**dashboard, "panels": [{**dashboard["panels"][1], "colour": "red"}]}
    assert lost(wrong, json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(wrong)))) == [
        "/panels/0/colour"
    ]
