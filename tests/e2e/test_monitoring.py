"""Alarms, dashboard and the operators' page speak of metrics that the running programs export."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from children import ROOT
from network.local import Network
from stardust.rendezvous.metrics import text_of
from stardust.rendezvous.server import Rendezvous
from tests.e2e.statements import statement
from tests.fakes.people import Person

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]
MONITORING = ROOT / "docs" / "monitoring"
METRIC = re.compile(r"\b(?:substrate|stardust_rendezvous)_\w+")


def expressions(node: Any) -> Iterator[str]:
    """All PromQL of a dashboard."""
    if isinstance(node, dict):
        if isinstance(node.get("expr"), str):
            yield node["expr"]
        for value in node.values():
            yield from expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from expressions(value)


def wanted() -> set[str]:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    pages = (MONITORING / "rules.yml", ROOT / "docs" / "operators.md")
    text = "\n".join([*(page.read_text() for page in pages), *expressions(dashboard)])
    return set(METRIC.findall(text))


def named(text: str) -> set[str]:
    """Of a scrape, also what has no value yet."""
    return set(re.findall(r"^# HELP (\w+)", text, re.MULTILINE)) | set(
        re.findall(r"^(\w+)", text, re.MULTILINE)
    )


async def test_rules_and_dashboard_name_only_metrics_that_exist(network: Network) -> None:
    refused = statement(Person.fresh().device, bytes(32), b"no allowance")
    forged = refused[:-1] + bytes([refused[-1] ^ 1])  # some counters appear with their first count
    for sent in (refused, forged):
        await asyncio.to_thread(network["rpc"].ask, "statement_submit", f"0x{sent.hex()}")
    exported = named(text_of(Rendezvous()))
    async with httpx.AsyncClient(trust_env=False) as http:
        for node in network.nodes.values():
            exported |= named((await http.get(node.metrics)).text)
    assert wanted() - exported == set()
