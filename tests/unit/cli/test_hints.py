"""What an error tells a person to type has to exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from stardust.cli.main import stardust

CLIENT = Path(__file__).resolve().parents[3] / "client" / "stardust"
NAMED = re.compile(r"(?:hint=f?\"[^\"]*?|: |Go on with: |or: )stardust ((?:[a-z-]+)(?: [a-z-]+)*)")


def named_commands() -> set[str]:
    texts = (path.read_text() for path in CLIENT.rglob("*.py") if path.name != "main.py")
    return {found for text in texts for found in NAMED.findall(text)}


def resolve(words: list[str]) -> click.Command:
    """The command that the words name; words after a whole command are its arguments."""
    command: click.Command = stardust
    context = click.Context(stardust)
    for word in words:
        if not isinstance(command, click.Group):
            break
        found = command.get_command(context, word)
        assert found is not None, f"there is no command {word!r} in: stardust {' '.join(words)}"
        command = found
    return command


@pytest.mark.parametrize("text", sorted(named_commands()))
def test_every_command_that_a_hint_names_exists(text: str) -> None:
    words = text.split()
    flags = [word for word in words if word.startswith("--")]
    command = resolve([word for word in words if not word.startswith("--")])
    known = {option for parameter in command.params for option in parameter.opts}
    assert set(flags) <= known | {"--help"}


def test_hints_were_found() -> None:
    assert len(named_commands()) > 8
