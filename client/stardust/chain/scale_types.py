"""scalecodec's types of one runtime, each compound one made once.

scalecodec makes a new class whenever it meets ``Vec<…>``, ``Option<…>`` or the like: reading the metadata
leaves 4,600 of them, of 3 KB each, and each block that is read makes more until they are collected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scalecodec.base import RuntimeConfigurationObject


class ScaleTypes(RuntimeConfigurationObject):  # type: ignore[misc]
    """Give it to ``SubstrateInterface`` as ``runtime_config``."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}
        super().__init__()

    def get_decoder_class(self, type_string: str | dict[str, Any]) -> Any:
        if not isinstance(type_string, str):
            return super().get_decoder_class(type_string)
        found = self._made.get(type_string)
        if found is None:
            found = super().get_decoder_class(type_string)
            if found is not None and self._is_made_for(type_string, found):
                self._made[type_string] = found
        return found

    def _is_made_for(self, type_string: str, found: Any) -> bool:
        """Not one that other runtimes share: such a one has to be told each time who uses it. Runtimes
        that come later know all types of those before, but for names with ``<`` and ``::``."""
        own = "<" in type_string or "::" in type_string
        known = type_string.lower() in self.type_registry["types"]
        return own and not known and found.__name__ == type_string

    def clear_type_registry(self) -> None:
        self._made.clear()
        super().clear_type_registry()

    def update_type_registry_types(self, types_dict: Mapping[str, Any]) -> None:
        """What was made may have another base now."""
        super().update_type_registry_types(types_dict)
        self._made.clear()

    def add_portable_registry(self, metadata: Any, prefix: str | None = None) -> None:
        super().add_portable_registry(metadata, prefix)
        self._made.clear()
