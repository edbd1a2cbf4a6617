"""Strict MessagePack for tagged structs, on top of msgspec.

A form is a ``msgspec.Struct`` with ``array_like=True`` and ``tag=<int>``: on the
wire an array whose first element is the tag. Unknown tags, wrong types, sizes
beyond the ``Meta`` limits and trailing fields are refused with ``DecodeError``.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec

from stardust.errors import DecodeError
from stardust.wire.explain import explain

Id16 = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Key32 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Signature64 = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
U32 = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
U63 = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]

T = TypeVar("T")

_ENCODER: Final = msgspec.msgpack.Encoder()


class Form(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Base of all wire forms. Subclasses give their ``tag``."""


def encode(form: Form) -> bytes:
    """The one encoding of ``form``."""
    return _ENCODER.encode(form)


class Decoder(Generic[T]):
    """Decodes one form or a union of forms, at most ``limit`` bytes long."""

    def __init__(self, form: Any, *, limit: int) -> None:
        self.form = form
        self.limit = limit
        """Bytes."""
        self._decoder = msgspec.msgpack.Decoder(form)

    def decode(self, data: bytes) -> T:
        """The form in ``data``; ``DecodeError`` when it is anything else."""
        if len(data) > self.limit:
            raise DecodeError(f"it has {len(data):,} bytes, at most {self.limit:,} are allowed")
        try:
            form: T = self._decoder.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise DecodeError(explain(error, self.form)) from None
        return form
