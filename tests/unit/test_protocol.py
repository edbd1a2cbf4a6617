"""docs/protocol.md and docs/backup-format.md say what the source and the golden vectors say."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from stardust.backup import errors
from stardust.errors import StardustError, WrongPassphraseError
from stardust.wire.describe import MARKED, all_forms, rewritten

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors"
PROTOCOL = ROOT / "docs" / "protocol.md"
PAGES = [PROTOCOL, ROOT / "docs" / "backup-format.md"]

EXAMPLE = re.compile(r"^```(hex|json|text) (\w+\.json) (/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A block of code that names a file of vectors and a JSON pointer (RFC 6901) in it."""
FIGURE = re.compile(r"^\| (.+?) \| .+? \| `([a-z_.]+)\.([A-Z_]+)` \|$", re.MULTILINE)
"""A row of a table: value, what it is, and where it stands in the source."""


def cases(pattern: re.Pattern[str]) -> list[tuple[str, ...]]:
    return [found for page in PAGES for found in pattern.findall(page.read_text(encoding="utf-8"))]


def vector(file: str, pointer: str) -> Any:
    value = json.loads((VECTORS / file).read_text(encoding="utf-8"))
    for key in pointer.split("/")[1:]:
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


@pytest.mark.parametrize(("kind", "file", "pointer", "shown"), cases(EXAMPLE))
def test_examples_are_the_golden_vectors(kind: str, file: str, pointer: str, shown: str) -> None:
    wanted = vector(file, pointer)
    assert (json.loads(shown) if kind == "json" else "".join(shown.split())) == wanted


@pytest.mark.parametrize(("value", "module", "name"), cases(FIGURE))
def test_figures_are_those_of_the_source(value: str, module: str, name: str) -> None:
    actual = getattr(importlib.import_module(f"stardust.{module}"), name)
    if isinstance(actual, bytes):
        assert value == f"`{actual.decode()}`"
    elif isinstance(actual, tuple):
        assert value == str(actual)
    else:
        assert float(value.replace(",", "")) == actual


def test_the_tables_of_forms_are_made_from_the_forms() -> None:
    page = PROTOCOL.read_text(encoding="utf-8")
    assert page == rewritten(page), "run: python -m stardust.wire.describe docs/protocol.md"


def test_every_form_has_its_table() -> None:
    shown: dict[str, list[str]] = {}
    for module, names in MARKED.findall(PROTOCOL.read_text(encoding="utf-8")):
        shown.setdefault(module, []).extend(names.split())
    for module, forms in all_forms().items():
        assert sorted(shown.get(module, [])) == sorted(forms)


def test_every_file_of_vectors_is_named() -> None:
    table = PROTOCOL.read_text(encoding="utf-8").split("\n## Golden vectors\n")[1].split("\n## ")[0]
    named = set(re.findall(r"`(\w+\.json)`", table))
    assert named == {path.name for path in VECTORS.glob("*.json")}


def test_examples_and_figures_were_found() -> None:
    assert len(cases(EXAMPLE)) > 10
    assert len(cases(FIGURE)) > 30


def test_every_error_of_a_backup_is_named_with_its_code() -> None:
    page = (ROOT / "docs" / "backup-format.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"\| `(\w+Error)` \| `(\w+)` \|", page))
    # What refuses to make or name one; the table is about reading.
    making = {"BackupTooLargeError", "NotAnchorableError"}
    own = {
        name: kind.code
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, StardustError) and kind.__module__ == errors.__name__
    }
    assert {name: code for name, code in own.items() if name not in making}.items() <= shown.items()
    assert set(shown) - set(own) == {"WrongPassphraseError"}
    assert shown["WrongPassphraseError"] == WrongPassphraseError.code
