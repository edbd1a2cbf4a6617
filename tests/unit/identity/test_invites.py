from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.errors import DecodeError, UsageError
from stardust.identity.errors import InviteError, InviteExpiredError
from stardust.identity.invites import MAX_LIFETIME, make_invite, read_invite, sign_invite
from stardust.identity.text import WrongVersionError, from_link, to_link
from stardust.wire.codec import encode
from stardust.wire.links import INVITE_PREFIX, MAX_INVITE, Invite, SignedInvite
from tests.unit.identity.helpers import GENESIS, account, device

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "invites.json").read_text())
NOW = 1_800_000_000
NODE = "ws://127.0.0.1:9944"


def invite(**fields: Any) -> Invite:
    known: dict[str, Any] = {
        "genesis": GENESIS,
        "name": "Alice ⭐",
        "expires": NOW + 3600,
        "hints": [NODE],
        "secret": bytes(16),
    }
    return make_invite(account().account, device("one"), **known | fields)


def test_an_invite_comes_back_from_its_link() -> None:
    link = sign_invite(invite(), device("one"))
    assert link.startswith(INVITE_PREFIX)
    assert read_invite(f"  {link}\n", now=NOW) == invite()


def test_links_are_those_of_the_golden_vectors() -> None:
    for vector in VECTORS:
        read = read_invite(vector["link"], now=vector["now"])
        assert [read.account.hex(), read.device.hex(), read.genesis.hex(), read.secret.hex()] == vector[
            "keys"
        ]
        assert [read.name, list(read.hints), read.expires] == [
            vector["name"],
            vector["hints"],
            vector["expires"],
        ]
        assert (
            to_link(INVITE_PREFIX, from_link(INVITE_PREFIX, vector["link"], limit=MAX_INVITE))
            == vector["link"]
        )


def test_each_invite_has_a_secret_of_its_own_that_no_repr_shows() -> None:
    one, two = invite(secret=None), invite(secret=None)
    assert one.secret != two.secret
    signed = SignedInvite(encode(one), bytes(64))
    for text in (repr(one), repr(signed)):
        assert one.secret.hex() not in text
        assert repr(one.secret) not in text


@given(at=st.integers(0, 10_000), char=st.sampled_from("ABCxyz019-_=+/ "))
def test_no_character_of_a_link_can_be_changed(at: int, char: str) -> None:
    link = sign_invite(invite(), device("one"))
    place = at % len(link)
    changed = link[:place] + char + link[place + 1 :]
    if changed.strip() == link:
        return
    with pytest.raises(DecodeError):
        read_invite(changed, now=NOW)


@given(at=st.integers(0, 10_000))
def test_a_link_that_was_cut_is_refused(at: int) -> None:
    link = sign_invite(invite(), device("one"))
    with pytest.raises(DecodeError):
        read_invite(link[: at % len(link)], now=NOW)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda _: "stardust:invite:AAAA", "it is not complete, or was damaged on its way"),
        (lambda _: "stardust:invite:", "it is not complete, or was damaged on its way"),
        (lambda _: "stardust:invite:xx", "it is not complete, or was damaged on its way"),
        (lambda _: "stardust:invite:AgAA", "it is not complete, or was damaged on its way"),
        (lambda _: "stardust:invite:" + "rubbish-" * 40, "it is not complete, or was damaged on its way"),
        (lambda link: link[: len(INVITE_PREFIX) + 200], "its end is missing"),
        (lambda link: link[8:], "it does not start with stardust:invite: or was damaged on its way"),
    ],
)
def test_what_is_wrong_with_a_link_is_said_in_words(damage: Callable[[str], str], words: str) -> None:
    with pytest.raises(InviteError, match=f"^This is not a valid invite: {words}\\.$"):
        read_invite(damage(sign_invite(invite(), device("one"))), now=NOW)


def test_another_device_cannot_sign_for_it() -> None:
    with pytest.raises(InviteError, match="signature"):
        read_invite(sign_invite(invite(), device("two")), now=NOW)


def test_an_expired_invite_is_named() -> None:
    with pytest.raises(InviteExpiredError):
        read_invite(sign_invite(invite(expires=NOW), device("one")), now=NOW)


def test_an_invite_for_ever_is_refused() -> None:
    with pytest.raises(InviteError, match="year"):
        read_invite(sign_invite(invite(expires=NOW + 2 * MAX_LIFETIME), device("one")), now=NOW)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "x" * 65},
        {"secret": bytes(15)},
        {"hints": [NODE] * 4},
        {"hints": ["ws://" + "x" * 124]},
        {"hints": ["http://node"]},
        {"hints": ["ws://"]},
        {"hints": ["ws://a\x1b[2J"]},
        {"hints": ["ws://[half"]},
        {"genesis": bytes(31)},
        {"expires": -1},
    ],
)
def test_bounds_hold_when_making_and_when_reading(fields: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        invite(**fields)
    known = {name: getattr(invite(), name) for name in Invite.__struct_fields__} | fields
    known["hints"] = tuple(known["hints"])
    with pytest.raises(InviteError):
        read_invite(sign_invite(Invite(**known), device("one")), now=NOW)


@given(st.text(max_size=100) | st.binary(max_size=300).map(lambda form: to_link(INVITE_PREFIX, form)))
def test_garbage_is_refused(link: str) -> None:
    with pytest.raises(InviteError):
        read_invite(link, now=NOW)


def test_another_version_is_named() -> None:
    with pytest.raises(WrongVersionError):
        read_invite("stardust:invite:Ag" + "AA" * 100, now=NOW)


def test_an_oversized_link_is_refused() -> None:
    with pytest.raises(InviteError):
        read_invite(INVITE_PREFIX + "A" * 10_000, now=NOW)
