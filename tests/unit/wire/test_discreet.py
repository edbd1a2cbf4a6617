"""What must not be read in a log stands in no repr."""

from __future__ import annotations

import pytest

from stardust.api import calls, types
from stardust.backup import rows
from stardust.discreet import Discreet
from stardust.wire.items import Bundle, ContactRequest, Text
from stardust.wire.links import Invite

MARKER = "between us"
BYTES = MARKER.encode()


@pytest.mark.parametrize(
    "value",
    [
        Text(bytes(16), bytes(32), 0, MARKER),
        ContactRequest(BYTES, "Ann", MARKER),
        Invite(bytes(32), bytes(32), bytes(32), "Ann", BYTES, (), 0),
        Bundle(bytes(8), 0, (BYTES,)),  # type: ignore[arg-type]
        calls.IdentityLogin(MARKER),
        calls.IdentityRevokeDevice("20" * 32, MARKER),
        calls.MessagesSend("bob", MARKER),
        calls.MessagesSearch(MARKER),
        calls.ContactsAdd(MARKER),
        types.Message("", "", "", True, MARKER, 0, 0, "queued"),
        types.Invite(MARKER, 0),
        rows.SettingRow("account", BYTES),
    ],
    ids=lambda value: type(value).__name__,
)
def test_secrets_and_words_are_in_no_repr(value: Discreet) -> None:
    for text in (repr(value), str(value), repr([value]), f"{value}"):
        assert MARKER not in text
        assert type(value).__name__ in text


def test_what_may_be_seen_is_shown() -> None:
    assert (
        repr(calls.MessagesSend("bob", MARKER)) == "MessagesSend(contact='bob', reply_to=None, id=None, ...)"
    )
    assert repr(calls.ContactsGet("bob")) == "ContactsGet(contact='bob')"
