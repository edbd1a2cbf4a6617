"""docs/configuration.md names every key with its default, every variable, and an example that loads."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stardust.cli import secret
from stardust.daemon.config import Config, Section, TurnServer, load

PAGE = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
KEYS = PAGE.split("\n## config.toml\n")[1].split("\n## ")[0]
ROWS = dict(re.findall(r"^\| `([a-z_.]+)` \| (.+?) \|", KEYS, re.MULTILINE))
EXAMPLE = PAGE.split("```toml\n")[1].split("```")[0]


def defaults(section: type[Section], name: str = "") -> Iterator[tuple[str, Any]]:
    """(key, default) of all keys; sections that are optional as a whole give theirs too."""
    for field in msgspec.structs.fields(section):
        key = f"{name}{field.name}"
        if isinstance(field.default, Section):
            yield from defaults(type(field.default), f"{key}.")
            continue
        yield key, field.default
        if key == "network.turn":
            yield from defaults(TurnServer, f"{key}.")


def shown(default: Any) -> str:
    if default is msgspec.NODEFAULT:
        return "required"
    if default is None:
        return "none"
    return f"`{msgspec.json.encode(default).decode()}`"


def test_every_key_stands_on_the_page_with_its_default() -> None:
    assert {key: shown(default) for key, default in defaults(Config)} == ROWS


def test_the_example_loads_and_names_every_key(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(EXAMPLE, encoding="utf-8")
    config = msgspec.to_builtins(load(file))
    plain = tomllib.loads(EXAMPLE)
    for key, default in defaults(Config):
        value, written = config, plain
        for part in key.split("."):
            value, written = value[part], written[part]
        assert written == (list(value) if isinstance(value, tuple) else value)
        assert key == "ipfs.api" or value != default


@pytest.mark.parametrize(
    "variable",
    [
        "STARDUST_HOME",
        secret.FILE_VARIABLE,
        secret.VARIABLE,
        secret.ACCOUNT_FILE_VARIABLE,
        secret.ACCOUNT_VARIABLE,
        "STARDUST_CACHE",
    ],
)
def test_every_environment_variable_stands_on_the_page(variable: str) -> None:
    assert f"| `{variable}` |" in PAGE
