"""Golden vectors of the local API (docs/api.md): a request for every method, results, errors, events."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from msgspec import inspect

from stardust.api.calls import CALLS, Call
from stardust.api.events import EVENTS, EventNotice
from stardust.api.frames import Failure, Success, to_error_object
from stardust.daemon.errors import UnknownContactError
from stardust.errors import StardustError

_BY_PATTERN = {"^[0-9a-f]{32}$": "10" * 16, "^[0-9a-f]{64}$": "20" * 32, "^/": "/a/path"}


def example(kind: Any) -> Any:
    """A value of ``kind``, always the same: texts are names, numbers small, optional fields given."""
    return msgspec.convert(_plain(inspect.type_info(kind), "text"), kind)


def _plain(info: inspect.Type, name: str) -> Any:
    """As JSON has it."""
    match info:
        case inspect.StructType():
            fields = {one.encode_name: _plain(one.type, one.encode_name) for one in info.fields}
            return {info.tag_field: info.tag, **fields} if info.tag_field else fields
        case inspect.UnionType():
            return _plain(next(one for one in info.types if not isinstance(one, inspect.NoneType)), name)
        case inspect.Metadata():
            return _plain(info.type, name)
        case inspect.VarTupleType() | inspect.ListType():
            return [_plain(info.item_type, name)]
        case inspect.LiteralType():
            return info.values[0]
        case inspect.StrType():
            return _BY_PATTERN[info.pattern] if info.pattern else f"a {name}"
        case inspect.BoolType():
            return True
        case inspect.IntType():
            return max(7, info.ge or 0)
        case inspect.FloatType():
            return 0.5
        case inspect.BytesType():
            return base64.b64encode(b"bytes").decode()
        case _:
            raise TypeError(f"no example of {info}")


def request(call: Call[Any]) -> bytes:
    """As the client writes it."""
    return msgspec.json.encode({"jsonrpc": "2.0", "id": 1, "method": call.method, "params": call})


def api() -> dict[str, Any]:
    errors = [
        UnknownContactError("There is no contact bob.", hint="see: stardust contact list"),
        StardustError(),
    ]
    return {
        "about": "docs/api.md. Frames are single lines of JSON.",
        "requests": {call.method: request(example(call)).decode() for call in CALLS},
        "results": {
            call.method: msgspec.json.encode(Success(1, example(call.result))).decode() for call in CALLS
        },
        "errors": [msgspec.json.encode(Failure(1, to_error_object(error))).decode() for error in errors],
        "events": {
            str(event.__struct_config__.tag): notice(EventNotice(1, "0badcafe:7", example(event))).decode()
            for event in EVENTS
        },
    }


def notice(params: EventNotice) -> bytes:
    """As the daemon writes it."""
    return msgspec.json.encode({"jsonrpc": "2.0", "method": "event", "params": params})
