"""What msgspec refused, as words for a person: which value it is, and what it has to be.

msgspec names a value by its place (``$[3]``) and what it should be by type (``Expected `str` of
length <= 64``). Here the place becomes the field's name, and a pattern becomes the ``description``
of its ``msgspec.Meta``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import inspect

Refused = msgspec.MsgspecError | UnicodeDecodeError | RecursionError
"""What decoding bytes from outside raises."""

_PLACE: Final = re.compile(r" - at `(?:key` in `)?\$([^`]*)`$")
_STEP: Final = re.compile(r"\.([\w-]+)|\[(\d+|\.\.\.)\]")
_TYPES: Final = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "bytes": "bytes",
    "null": "nothing",
}
_UNITS: Final = {"str": "characters", "bytes": "bytes", "array": "entries"}


def explain(error: Refused, form: Any) -> str:
    """``error``, raised for a value of the type ``form``, as a part of a sentence: ``nickname may have
    at most 64 characters``."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "it holds text that is not UTF-8"
    if not isinstance(error, msgspec.ValidationError):
        return "its end is missing" if "truncated" in str(error) else "it is damaged"
    text = str(error)
    place = _PLACE.search(text)
    label, description = _find(form, place[1] if place else "")
    return _words(_PLACE.sub("", text), label, description)


def _find(form: Any, place: str) -> tuple[str, str | None]:
    """What a person calls the value at ``place``, and the description of what it has to be."""
    node: inspect.Type | None = _info(form)
    names: list[str] = []
    item = False
    for name, index in _STEP.findall(place):
        node, step = _step(_plain(node), name, index)
        item = not step
        names += [step] if step else []
    label = ".".join(names) or "it"
    return (f"an entry of {label}" if item and names else label), _described(node)


@cache
def _info(form: Any) -> inspect.Type:
    return inspect.type_info(form)


def _step(node: inspect.Type | None, name: str, index: str) -> tuple[inspect.Type | None, str]:
    """One step into ``node``: what is there, and its name; an entry of a list has none."""
    match node:
        case inspect.StructType(fields=fields):
            for at, field in enumerate(fields, start=1 if node.tag is not None else 0):
                if name == field.encode_name or (node.array_like and index == str(at)):
                    return field.type, field.encode_name
        case inspect.ListType() | inspect.VarTupleType() | inspect.SetType() | inspect.FrozenSetType():
            return node.item_type, ""
    return None, name


def _plain(node: inspect.Type | None) -> inspect.Type | None:
    """Without ``None |`` and descriptions around it; None where it could be several things."""
    match node:
        case inspect.Metadata():
            return _plain(node.type)
        case inspect.UnionType():
            others = [one for one in node.types if not isinstance(one, inspect.NoneType)]
            return _plain(others[0]) if len(others) == 1 else None
    return node


def _described(node: inspect.Type | None) -> str | None:
    match node:
        case inspect.Metadata():
            return (node.extra_json_schema or {}).get("description") or _described(node.type)
        case inspect.UnionType():
            return next(filter(None, map(_described, node.types)), None)
    return None


def _words(refusal: str, label: str, description: str | None) -> str:
    if (found := re.match(r"Object contains unknown field `(.*)`", refusal)) is not None:
        return f"{_inside(label, found[1])} is not known"
    if (found := re.match(r"Object missing required field `(.*)`", refusal)) is not None:
        return f"{_inside(label, found[1])} is missing"
    if (found := re.match(r"Expected `(str|bytes|array)` of length (<=|>=) (\d+)$", refusal)) is not None:
        return _length(label, found[1], found[2], int(found[3]))
    if (found := re.match(r"Expected `(?:int|float)` (<=|>=|<|>) (\S+)$", refusal)) is not None:
        bound = {"<=": "at most", ">=": "at least", "<": "less than", ">": "more than"}[found[1]]
        return f"{label} has to be {bound} {found[2]}"
    if description is not None:
        return f"{label} has to be {description}"
    if (found := re.match(r"Invalid enum value (.*)$", refusal)) is not None:
        return f"{label} cannot be {found[1]}"
    if (found := re.match(r"Expected `([^`]*)`, got `\w+`$", refusal)) is not None:
        wanted = [_TYPES.get(one, one) for one in found[1].split(" | ") if one != "null"]
        return f"{label} has to be {' or '.join(wanted)}"
    if refusal.startswith("Expected `array` of "):
        return "a part of it is missing"
    return f"{label} is not as it has to be"


def _inside(label: str, name: str) -> str:
    return name if label == "it" else f"{label}.{name}"


def _length(label: str, kind: str, relation: str, bound: int) -> str:
    if relation == ">=" and bound == 1:
        return f"{label} must not be empty"
    unit = _UNITS[kind]
    return f"{label} may have at most {bound:,} {unit}" if relation == "<=" else f"{label} is too short"
