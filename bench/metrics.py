"""What a node exports for Prometheus, as numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx

_LINE = re.compile(r"^(?P<name>\w+)\{(?P<labels>[^}]*)\} (?P<value>\S+)$", re.MULTILINE)
_CHAIN = re.compile(r',?chain="[^"]*"')
PREFIX = "substrate_"

Metrics = Mapping[str, float]


def parse(text: str) -> Metrics:
    """By name without ``PREFIX``, and labels but that of the chain: ``name`` or ``name{label="…"}``."""
    found = {}
    for line in _LINE.finditer(text):
        labels = _CHAIN.sub("", line["labels"])
        name = line["name"].removeprefix(PREFIX)
        found[f"{name}{{{labels}}}" if labels else name] = float(line["value"])
    return found


def read(url: str) -> Metrics:
    return parse(httpx.get(url, timeout=30, trust_env=False).text)


def since(before: Metrics, after: Metrics, name: str) -> float:
    """By how much ``name`` has grown."""
    return after.get(name, 0.0) - before.get(name, 0.0)


def mean(before: Metrics, after: Metrics, histogram: str) -> float:
    """Of what ``histogram`` has seen in between; 0 when nothing."""
    count = since(before, after, f"{histogram}_count")
    return since(before, after, f"{histogram}_sum") / count if count else 0.0
