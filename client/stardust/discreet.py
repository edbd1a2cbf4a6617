"""Values that may end up in a log or a traceback, without what must not be read there."""

from __future__ import annotations

from typing import ClassVar

import msgspec


class Discreet(msgspec.Struct, frozen=True):
    """A struct whose ``hidden`` fields stand in no repr: secrets, and what people write to each other."""

    hidden: ClassVar[frozenset[str]] = frozenset()

    def __repr__(self) -> str:
        shown = [name for name in self.__struct_fields__ if name not in self.hidden]
        fields = [f"{name}={getattr(self, name)!r}" for name in shown]
        return f"{type(self).__name__}({', '.join(fields + ['...'] * bool(self.hidden))})"
