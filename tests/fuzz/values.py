"""Values of any msgspec type, within the bounds that the type itself states."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

Strategy = st.SearchStrategy[Any]

LONGEST = 300
"""Of generated texts and bytes, unless a type wants more; the edges have golden vectors."""


@cache
def values(kind: Any) -> Strategy:
    """Instances of ``kind``, as a decoder of it gives them."""
    return _of(inspect.type_info(kind))


def _of(info: inspect.Type) -> Strategy:
    match info:
        case inspect.StructType():
            return _struct(info)
        case inspect.UnionType():
            return st.one_of(*(_of(one) for one in info.types))
        case inspect.VarTupleType():
            return _many(info).map(tuple)
        case inspect.TupleType():
            return st.tuples(*(_of(one) for one in info.item_types))
        case inspect.IntType():
            return st.integers(
                info.ge if info.ge is not None else -(2**63), info.le if info.le is not None else 2**63 - 1
            )
        case inspect.StrType():
            return _text(info)
        case inspect.BytesType():
            least = info.min_length or 0
            return st.binary(min_size=least, max_size=_longest(least, info.max_length))
        case inspect.EnumType():
            return st.sampled_from(list(info.cls))
        case inspect.LiteralType():
            return st.sampled_from(info.values)
        case _:
            return _simple(info)


def _simple(info: inspect.Type) -> Strategy:
    match info:
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.Metadata():
            return _of(info.type)
        case inspect.FloatType():
            return st.floats(allow_nan=False, allow_infinity=False)
        case inspect.RawType():
            leaves = st.none() | st.integers(-9, 9) | st.binary(max_size=9)
            trees = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3))
            return trees.map(lambda value: msgspec.Raw(msgspec.msgpack.encode(value)))
        case inspect.DictType():
            return st.dictionaries(_of(info.key_type), _of(info.value_type), max_size=4)
        case _:
            raise TypeError(f"no values of {info}")


def _struct(info: inspect.StructType) -> Strategy:
    fields = {field.name: _of(field.type) for field in info.fields}
    return st.builds(info.cls, **fields)


def _many(info: inspect.VarTupleType) -> Strategy:
    least = info.min_length or 0
    return st.lists(_of(info.item_type), min_size=least, max_size=max(least, min(4, info.max_length or 4)))


def _text(info: inspect.StrType) -> Strategy:
    if info.pattern is not None:
        longest = info.max_length or LONGEST
        return st.from_regex(info.pattern).map(lambda text: text[:longest]).filter(_matches(info))
    least = info.min_length or 0
    return st.text(min_size=least, max_size=_longest(least, info.max_length))


def _matches(info: inspect.StrType) -> Any:
    """A cut may break the pattern."""
    kind: Any = Annotated[str, msgspec.Meta(pattern=info.pattern, max_length=info.max_length)]

    def fits(text: str) -> bool:
        try:
            msgspec.convert(text, kind)
        except msgspec.ValidationError:
            return False
        return True

    return fits


def _longest(least: int, most: int | None) -> int:
    return max(least, min(LONGEST, most if most is not None else LONGEST))
