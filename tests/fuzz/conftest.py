"""Tells at the end what the decoders were given and what they made of it, over all processes of xdist."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fuzz.decoders import DECODERS


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of xdist hands its counts over."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["decoders"] = {name: decoder.counts.told() for name, decoder in DECODERS.items()}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    for name, told in getattr(node, "workeroutput", {}).get("decoders", {}).items():
        DECODERS[name].counts.add(told)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tried = [decoder for decoder in DECODERS.values() if decoder.counts.tried]
    if not tried:
        return
    terminalreporter.section("decoders: inputs")
    terminalreporter.write_line(f"{'':28} {'tried':>9} {'accepted':>9} {'refused':>9}")
    for decoder in tried:
        counts = decoder.counts
        numbers = f"{counts.tried:9,} {counts.accepted:9,} {counts.refused:9,}"
        terminalreporter.write_line(f"{decoder.name:28} {numbers}")
    total = sum(decoder.counts.tried for decoder in tried)
    terminalreporter.write_line(f"{len(tried)} decoders, {total:,} inputs")
