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


FIREWALL = ROOT / "docs" / "systemd" / "firewall.nft"


def test_metrics_are_open_to_the_monitoring_machine_alone() -> None:
    """They have no password, and the service's node has them on all addresses."""
    accepted = [line.strip() for line in FIREWALL.read_text().splitlines() if "9615" in line]
    assert accepted == ["ip saddr @monitors tcp dport 9615 accept"]
    assert "policy drop;" in FIREWALL.read_text()


def test_the_page_shows_the_firewall_that_there_is() -> None:
    page = (ROOT / "docs" / "operators.md").read_text()
    shown = page.split("```nft\n")[1].split("```")[0]
    assert shown == FIREWALL.read_text().partition("flush ruleset\n\n")[2]


def test_nftables_understands_the_firewall() -> None:
    nft = shutil.which("nft") or shutil.which("/usr/sbin/nft")
    if nft is None:
        pytest.skip("no nft (Debian package nftables)")
    done = subprocess.run([nft, "--check", "-f", str(FIREWALL)], capture_output=True, text=True)
    if "Operation not permitted" in done.stderr:
        pytest.skip("nft checks for root only")
    assert done.returncode == 0, done.stderr
