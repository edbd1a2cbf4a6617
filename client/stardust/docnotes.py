"""For the pages in ``docs/`` that are made from the source: what stands in it as text."""

from __future__ import annotations

import ast
import inspect
import re
from types import ModuleType


def field_notes(module: ModuleType) -> dict[tuple[str, str], str]:
    """(class, field) -> the string below the field, which Python itself does not keep."""
    notes: dict[tuple[str, str], str] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for field, after in zip(node.body, node.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
                and isinstance(after.value.value, str)
            ):
                notes[node.name, field.target.id] = after.value.value
    return notes


def one_line(text: str | None) -> str:
    """A docstring as a line of Markdown."""
    return re.sub(r"\s+", " ", (text or "").replace("``", "`")).strip()
