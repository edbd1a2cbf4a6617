"""Writes the tables of forms in docs/protocol.md: ``python -m stardust.wire.describe docs/protocol.md``.

Where the page says ``<!-- forms: items Text Void -->``, what stands until ``<!-- end -->``
is replaced by tables of these forms of ``stardust.wire.items``.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import msgspec
from msgspec import inspect as shape

from stardust.docnotes import field_notes, one_line
from stardust.wire.codec import Decoder, Form

MODULES: Final = ("codec", "links", "descriptions", "signals", "rendezvous", "presence", "frames", "items")
MARKED: Final = re.compile(r"<!-- forms: (\w+) ([\w ]+) -->\n.*?<!-- end -->", re.DOTALL)


def all_forms() -> dict[str, set[str]]:
    """The names of all forms, by module."""
    return {name: set(_forms(_module(name))) for name in MODULES}


def rewritten(page: str) -> str:
    """``page`` with all tables made anew."""
    return MARKED.sub(lambda found: _tables(found[0], found[1], found[2].split()), page)


def _tables(block: str, module: str, names: list[str]) -> str:
    begin = block.split("\n", 1)[0]
    return "\n".join([begin, *(_table(_module(module), name) for name in names), "<!-- end -->"])


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"stardust.wire.{name}")


def _forms(module: ModuleType) -> dict[str, type[Form]]:
    return {
        name: kind
        for name, kind in vars(module).items()
        if isinstance(kind, type)
        and issubclass(kind, Form)
        and kind is not Form
        and kind.__module__ == module.__name__
    }


def _table(module: ModuleType, name: str) -> str:
    form = _forms(module)[name]
    notes = field_notes(module)
    described = shape.type_info(form)
    assert isinstance(described, shape.StructType)
    limit = _limit(module, form)
    rows = [f"| 0 | | `{described.tag}` | tag |"]
    for number, field in enumerate(described.fields, 1):
        note = one_line(notes.get((name, field.name)))
        rows.append(f"| {number} | `{field.name}` | {_type(field.type)}{_default(field)} | {note} |")
    head = f"**{name}**: {one_line(form.__doc__)}" + (f" At most {limit:,} bytes." if limit else "")
    return "\n".join(["", head, "", "| | field | form | |", "|---|---|---|---|", *rows, ""])


def _limit(module: ModuleType, form: type[Form]) -> int | None:
    """What the decoder of exactly this form takes."""
    decoders = (one for one in vars(module).values() if isinstance(one, Decoder))
    return next((decoder.limit for decoder in decoders if decoder.form is form), None)


def _default(field: shape.Field) -> str:
    if field.required:
        return ""
    shown = [] if field.default == () else field.default
    return f", default {msgspec.json.encode(shown).decode()}"


def _type(kind: shape.Type) -> str:
    match kind:
        case shape.BytesType():
            return f"bin, {_size(kind, 'byte')}"
        case shape.StrType():
            pattern = f", `{kind.pattern}`".replace("|", "\\|") if kind.pattern else ""
            return f"str, {_size(kind, 'character')}{pattern}"
        case shape.IntType():
            return f"int, {kind.ge:,} to {_bound(kind.le)}"
        case shape.BoolType():
            return "bool"
        case shape.LiteralType():
            return " or ".join(f"`{value}`" for value in sorted(kind.values, key=str))
        case shape.EnumType():
            return "int: " + ", ".join(f"{one.value} {one.name}" for one in kind.cls)
        case shape.UnionType():
            return " or ".join(_type(one) for one in sorted(kind.types, key=_is_nil))
        case shape.VarTupleType():
            return f"array, {_size(kind, 'element')}, of ({_type(kind.item_type)})"
        case shape.TupleType():
            return "array of " + " and ".join(f"({_type(one)})" for one in kind.item_types)
        case shape.StructType():
            return kind.cls.__name__
        case shape.NoneType():
            return "nil"
        case _:
            return "an encoded form"


def _is_nil(kind: shape.Type) -> bool:
    return isinstance(kind, shape.NoneType)


def _bound(value: int | None) -> str:
    assert value is not None, "every integer on the wire has a bound"
    exponent = (value + 1).bit_length() - 1
    if value > 2**31:
        return f"2^{exponent} - 1" if value + 1 == 2**exponent else f"2^{value.bit_length() - 1}"
    return f"{value:,}"


def _size(kind: Any, unit: str) -> str:
    least, most = kind.min_length or 0, kind.max_length
    assert most is not None, "everything on the wire has a bound"
    if least == most:
        return f"{most:,} {unit}{'' if most == 1 else 's'}"
    return f"{least:,} to {most:,} {unit}s"


def main() -> None:
    path = Path(sys.argv[1])
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
