"""Alarms, dashboard and the operators' page speak of metrics that the running programs export."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from children import ROOT, Process, free_port
from jsonrpc import until
from network import spec
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


def service(binary: Path, folder: Path, metrics: int) -> list[str]:
    """The command of docs/systemd/stardust-node.service, with the places of a test."""
    unit = (ROOT / "docs" / "systemd" / "stardust-node.service").read_text()
    (command,) = re.findall(r"^ExecStart=((?:.*\\\n)*.*)$", unit, re.MULTILINE)
    moved = {
        "/usr/local/bin/stardust-node": str(binary),
        "/etc/stardust/chain.json": str(spec.LOCAL),
        "/var/lib/stardust": str(folder),
        "/tcp/30333": f"/tcp/{free_port()}",
    }
    for old, new in moved.items():
        assert old in command
        command = command.replace(old, new)
    ports = (f"--prometheus-port={metrics}", f"--rpc-port={free_port()}")
    return [*shlex.split(command.replace("\\\n", " ")), *ports]


def test_a_node_of_the_service_can_be_scraped_from_another_machine(node_binary: Path, tmp_path: Path) -> None:
    """Not only at ``localhost``."""
    port = free_port()
    key = ("key", "generate-node-key", "--chain", spec.LOCAL, "--file", tmp_path / "node-key")
    subprocess.run([node_binary, *key], check=True, capture_output=True)
    node = Process(service(node_binary, tmp_path, port), tmp_path / "log")

    def scrape(host: str) -> bool:
        try:
            answer = httpx.get(f"http://{host}:{port}/metrics", trust_env=False)
        except httpx.ConnectError:
            return False
        return "substrate_block_height" in answer.text

    try:
        until(lambda: scrape("127.0.0.1"), "metrics", 60, check=node.check)
        assert scrape("127.0.0.9")
    finally:
        node.stop()
