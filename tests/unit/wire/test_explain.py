"""What a person reads when a value is refused: never msgspec's own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from stardust.api import calls
from stardust.daemon.config import Config
from stardust.wire.explain import Refused, explain
from stardust.wire.items import PROFILE, Profile
from stardust.wire.links import SignedInvite


def said(decode: Callable[[], object], form: Any) -> str:
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError, RecursionError)) as caught:
        decode()
    error = caught.value
    assert isinstance(error, Refused)
    return explain(error, form)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"foo": 1}, "foo is not known"),
        ({"api": {"websockets": True}}, "api.websockets is not known"),
        ({"network": {"turn": {}}}, "network.turn.url is missing"),
        ({"chain": {"nodes": []}}, "chain.nodes must not be empty"),
        ({"chain": {"nodes": 3}}, "chain.nodes has to be a list"),
        ({"chain": 5}, "chain has to be a table"),
        (
            {"chain": {"nodes": ["http://x"]}},
            "an entry of chain.nodes has to be an address that begins with ws:// or wss://",
        ),
        ({"chain": {"genesis": "0x12"}}, "chain.genesis has to be 0x and 64 hex digits"),
        ({"network": {"stun": "x"}}, "network.stun has to be an address such as stun:host:3478"),
        ({"network": {"stun": 5}}, "network.stun has to be an address such as stun:host:3478"),
        ({"api": {"port": 70000}}, "api.port has to be at most 65535"),
        ({"api": {"port": "x"}}, "api.port has to be a whole number"),
        ({"log": {"level": "loud"}}, "log.level cannot be 'loud'"),
        ({"presence": {"announce": 1.5}}, "presence.announce has to be text"),
    ],
)
def test_in_the_configuration(value: object, words: str) -> None:
    assert said(lambda: msgspec.convert(value, Config), Config) == words


@pytest.mark.parametrize(
    ("call", "text", "words"),
    [
        (calls.MessagesSearch, b'{"query":""}', "query must not be empty"),
        (calls.MessagesSearch, b"{}", "query is missing"),
        (calls.MessagesSearch, b"[]", "it has to be a table"),
        (
            calls.MessagesSearch,
            b'{"query":"' + b"x" * 257 + b'"}',
            "query may have at most 256 characters",
        ),
        (calls.MessagesHistory, b'{"contact":"a","limit":0}', "limit has to be at least 1"),
        (
            calls.BackupCreate,
            b'{"to":"file","messages":["zz"]}',
            "an entry of messages has to be the id of a message, 32 hex digits",
        ),
        (calls.IdentityProfileSet, b'{"nickname":"a","avatar":"%%"}', "avatar is not as it has to be"),
        (calls.MessagesSearch, b"{", "its end is missing"),
        (calls.MessagesSearch, b"!", "it is damaged"),
        (calls.MessagesSearch, b'{"query":"\xff"}', "it holds text that is not UTF-8"),
    ],
)
def test_in_a_call(call: Any, text: bytes, words: str) -> None:
    assert said(lambda: msgspec.json.decode(text, type=call), call) == words


@pytest.mark.parametrize(
    ("data", "form", "words"),
    [
        (
            msgspec.msgpack.encode(Profile(bytes(32), 1, "n" * 65, "", b"")),
            Profile,
            "nickname may have at most 64 characters",
        ),
        (msgspec.msgpack.encode([2, b"1", b"short"]), SignedInvite, "signature is too short"),
        (msgspec.msgpack.encode([2, b"1"]), SignedInvite, "a part of it is missing"),
        (msgspec.msgpack.encode([9, b"1", b""]), SignedInvite, "it is not as it has to be"),
        (msgspec.msgpack.encode([2, b"1", bytes(64)])[:-1], SignedInvite, "its end is missing"),
        (b"", SignedInvite, "its end is missing"),
    ],
)
def test_in_a_wire_form(data: bytes, form: Any, words: str) -> None:
    assert said(lambda: msgspec.msgpack.decode(data, type=form), form) == words


def test_a_decoder_says_it_too() -> None:
    with pytest.raises(Exception, match=r"^nickname may have at most 64 characters$"):
        PROFILE.decode(msgspec.msgpack.encode(Profile(bytes(32), 1, "n" * 65, "", b"")))
