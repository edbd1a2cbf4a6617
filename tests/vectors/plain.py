"""Values as golden vectors show them: what JSON has, and bytes in hexadecimal."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any

import msgspec


def plain(value: Any) -> Any:
    """Forms and dataclasses as objects with their name under ``form``."""
    if isinstance(value, bytes | bytearray | msgspec.Raw):
        return bytes(value).hex()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, msgspec.Struct):
        fields = {name: plain(getattr(value, name)) for name in value.__struct_fields__}
        return {"form": type(value).__name__, **fields}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"form": type(value).__name__, **fields}
    if isinstance(value, dict):
        return {plain(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
