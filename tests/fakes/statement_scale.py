"""Statements by scalecodec, from the types in sp-statement-store 29.0.0: what a node decodes."""

from __future__ import annotations

from typing import Any

from scalecodec.base import RuntimeConfigurationObject, ScaleBytes
from scalecodec.type_registry import load_type_registry_preset

_HASH = "[u8; 32]"
_TYPES = {
    "Signed": {"type": "struct", "type_mapping": [["signature", "[u8; 64]"], ["signer", _HASH]]},
    "Secp": {"type": "struct", "type_mapping": [["signature", "[u8; 65]"], ["signer", "[u8; 33]"]]},
    "Proof": {
        "type": "enum",
        "type_mapping": [["sr25519", "Signed"], ["ed25519", "Signed"], ["secp256k1", "Secp"]],
    },
    "Field": {
        "type": "enum",
        "type_mapping": [
            ["proof", "Proof"],
            ["decryption_key", _HASH],
            ["expiry", "u64"],
            ["channel", _HASH],
            *([f"topic{n}", _HASH] for n in range(1, 5)),
            ["data", "Bytes"],
        ],
    },
    "Statement": "Vec<Field>",
}
ORDER = [name for name, _ in _TYPES["Field"]["type_mapping"]]  # type: ignore[index]

_runtime = RuntimeConfigurationObject()
_runtime.update_type_registry(load_type_registry_preset("legacy"))
_runtime.update_type_registry({"types": _TYPES})


def fields_of(encoded: bytes) -> list[tuple[str, Any]]:
    """Name and value of each field, in order. ``ValueError`` when it is no statement."""
    data = ScaleBytes(bytes(encoded))
    try:
        fields = _runtime.create_scale_object("Statement", data).decode(check_remaining=True)
    except Exception as error:
        raise ValueError(str(error)) from None
    named = [next(iter(field.items())) for field in fields]
    places = [ORDER.index(name) for name, _ in named]
    if places != sorted(set(places)):
        raise ValueError("Invalid field order or duplicate fields")
    return named


def encode(fields: list[tuple[str, Any]]) -> bytes:
    """The SCALE encoding; arrays and byte strings as ``0x…``."""
    statement = _runtime.create_scale_object("Statement")
    return bytes(statement.encode([{name: value} for name, value in fields]).data)
