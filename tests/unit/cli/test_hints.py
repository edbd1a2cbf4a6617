"""What an error tells a person to type has to exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.cli.commands import check_command

CLIENT = Path(__file__).resolve().parents[3] / "client" / "stardust"
NAMED = re.compile(r"(?:hint=f?\"[^\"]*?|: |Go on with: |or: )stardust ((?:[a-z-]+)(?: [a-z-]+)*)")


def named_commands() -> set[str]:
    texts = (path.read_text() for path in CLIENT.rglob("*.py") if path.name != "main.py")
    return {found for text in texts for found in NAMED.findall(text)}


@pytest.mark.parametrize("text", sorted(named_commands()))
def test_every_command_that_a_hint_names_exists(text: str) -> None:
    check_command(text.split())


def test_hints_were_found() -> None:
    assert len(named_commands()) > 8
