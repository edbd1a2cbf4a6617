"""JSON-RPC 2.0 as it stands on the wire: one JSON object a line, or one WebSocket text message.

Source: https://www.jsonrpc.org/specification. Batches are not supported; ``params``
are always an object.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from stardust.errors import LocalError, RemoteError, StardustError, UnavailableError, UsageError

API_VERSION: Final = 1
MAX_REQUEST: Final = 256 * 1024
"""Bytes of a request line."""
MAX_RESPONSE: Final = 16 * 1024 * 1024
"""Bytes of a response or event line."""
WS_PROTOCOL: Final = "stardust.api.v1"

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
FAILED: Final = -32000
"""The call was understood and failed; ``data`` says how."""

Family = Literal["usage", "local", "unavailable", "remote", "error"]

FAMILIES: Final[dict[Family, type[StardustError]]] = {
    "usage": UsageError,
    "local": LocalError,
    "unavailable": UnavailableError,
    "remote": RemoteError,
    "error": StardustError,
}


class ErrorData(msgspec.Struct, frozen=True):
    """What a program may rely on: the stable code, who has to act, and what to do."""

    code: str
    family: Family
    hint: str | None = None


class ErrorObject(msgspec.Struct, frozen=True):
    code: int
    message: str
    data: ErrorData


class Request(msgspec.Struct, frozen=True):
    jsonrpc: Literal["2.0"]
    id: int | str
    method: str
    params: msgspec.Raw = msgspec.Raw(b"{}")


class Success(msgspec.Struct, frozen=True):
    id: int | str
    result: Any
    jsonrpc: Literal["2.0"] = "2.0"


class Failure(msgspec.Struct, frozen=True):
    id: int | str | None
    error: ErrorObject
    jsonrpc: Literal["2.0"] = "2.0"


class Incoming(msgspec.Struct, frozen=True):
    """What a client reads: a response, or the notification ``event``."""

    id: int | str | None = None
    result: msgspec.Raw = msgspec.Raw()
    error: ErrorObject | None = None
    method: str | None = None
    params: msgspec.Raw = msgspec.Raw()


def family_of(error: StardustError) -> Family:
    for name, kind in FAMILIES.items():
        if name != "error" and isinstance(error, kind):
            return name
    return "error"


def to_error_object(error: StardustError, *, code: int = FAILED) -> ErrorObject:
    return ErrorObject(code, str(error), ErrorData(error.code, family_of(error), error.hint))


def from_error_object(error: ErrorObject) -> StardustError:
    """The same error on the client's side: class of its family, and its own stable code."""
    rebuilt = FAMILIES[error.data.family](error.message, hint=error.data.hint)
    rebuilt.code = error.data.code
    return rebuilt
