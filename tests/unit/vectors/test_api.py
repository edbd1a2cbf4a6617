"""Frames of the local API are read as other programs write them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from stardust.api.calls import CALLS, Call
from stardust.api.events import EVENTS, Event, EventNotice
from stardust.api.frames import ErrorObject, Incoming, Request, from_error_object, to_error_object
from stardust.errors import StardustError, UsageError
from tests.vectors.api import example
from tests.vectors.make import stored

VECTORS = stored("api")


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.method)
def test_golden_requests_and_results_are_read(call: type[Call[Any]]) -> None:
    request = msgspec.json.decode(VECTORS["requests"][call.method], type=Request)
    assert request.method == call.method
    assert msgspec.json.decode(request.params, type=call) == example(call)
    answer = msgspec.json.decode(VECTORS["results"][call.method], type=Incoming)
    assert answer.id == request.id
    assert msgspec.json.decode(answer.result, type=call.result) == example(call.result)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__struct_config__.tag)
def test_golden_events_are_read(event: type[Event]) -> None:
    incoming = msgspec.json.decode(VECTORS["events"][event.__struct_config__.tag], type=Incoming)
    notice = msgspec.json.decode(incoming.params, type=EventNotice)
    assert incoming.method == "event"
    assert notice.event == example(event)


def test_golden_errors_keep_code_family_and_hint() -> None:
    errors: list[ErrorObject] = []
    for line in VECTORS["errors"]:
        error = msgspec.json.decode(line, type=Incoming).error
        assert error is not None
        errors.append(error)
    rebuilt = [from_error_object(error) for error in errors]
    assert [type(error) for error in rebuilt] == [UsageError, StardustError]
    assert [to_error_object(error) for error in rebuilt] == errors
