"""Writes the reference part of docs/api.md: ``python -m stardust.api.describe docs/api.md``."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from stardust.api import calls, events, types
from stardust.docnotes import field_notes, one_line

BEGIN: Final = "<!-- from here on: python -m stardust.api.describe docs/api.md -->"


def _annotations(kind: type) -> dict[str, str]:
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        found |= vars(base).get("__annotations__", {})
    return found


def _type_name(annotation: str) -> str:
    """The annotation as a reader of JSON wants it."""
    text = re.sub(r"\bt\.", "", annotation)
    text = re.sub(r"Annotated\[(.+), msgspec\.Meta\((.*?)\)\]", r"\1 (\2)", text)
    text = re.sub(r"tuple\[(.+?), \.\.\.\]", r"list of \1", text)
    text = text.replace("None", "null").replace("bool", "boolean").replace("str", "string")
    text = re.sub(r"\bbytes\b(?!=)", "base64", text).replace("_length", " length")
    return text.replace("|", "or").replace('"', "`")


def _fields(kind: Any, notes: dict[tuple[str, str], str]) -> list[str]:
    annotations = _annotations(kind)
    rows = []
    for field in msgspec.structs.fields(kind):
        default = "" if field.required else f" = {msgspec.json.encode(field.default).decode()}"
        note = one_line(notes.get((kind.__name__, field.name)))
        rows.append(f"| `{field.name}`{default} | {_type_name(annotations[field.name])} | {note} |")
    return ["", "| field | type | |", "|---|---|---|", *rows] if rows else []


def _section(title: str, text: str | None, fields: list[str]) -> list[str]:
    return ["", f"### {title}", "", one_line(text), *fields]


def reference() -> str:
    """The sections methods, events and types."""
    lines = [BEGIN, "", "## Methods"]
    notes = field_notes(calls)
    for call in calls.CALLS:
        result = call.result.__name__
        text = f"{one_line(call.__doc__)} → [{result}](#{result.lower()})"
        lines += _section(call.method, text, _fields(call, notes))
    lines += ["", "## Events"]
    notes = field_notes(events)
    for event in events.EVENTS:
        lines += _section(str(event.__struct_config__.tag), event.__doc__, _fields(event, notes))
    lines += ["", "## Types"]
    notes = field_notes(types)
    for name, kind in vars(types).items():
        if isinstance(kind, type) and issubclass(kind, types.Result) and kind is not types.Result:
            lines += _section(name, kind.__doc__, _fields(kind, notes))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def main() -> None:
    path = Path(sys.argv[1])
    intro = path.read_text(encoding="utf-8").split(BEGIN)[0]
    path.write_text(intro + reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
