from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.errors import UsageError
from stardust.identity.errors import ProfileError
from stardust.identity.profiles import SIGNED, open_profile, sign_profile
from stardust.wire.codec import encode
from stardust.wire.items import Profile, SignedProfile
from tests.unit.identity.helpers import account, device

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
WEBP = b"RIFF\x10\0\0\0WEBPVP8 " + bytes(100)


def profile(**fields: Any) -> Profile:
    known: dict[str, Any] = {"revision": 1, "nickname": "Alice", "bio": "Hello\nthere", "avatar": PNG}
    return Profile(account=account().account, **known | fields)


@pytest.mark.parametrize("avatar", [b"", PNG, JPEG, WEBP])
def test_a_profile_comes_back(avatar: bytes) -> None:
    signed = sign_profile(profile(avatar=avatar), device("one"))
    opened = open_profile(signed, account=account().account, device=device("one").device)
    assert opened == profile(avatar=avatar)


def test_it_is_refused_from_another_device_or_for_another_account() -> None:
    signed = sign_profile(profile(), device("one"))
    with pytest.raises(ProfileError):
        open_profile(signed, account=account().account, device=device("two").device)
    with pytest.raises(ProfileError, match="another account"):
        open_profile(signed, account=account("x").account, device=device("one").device)


@pytest.mark.parametrize(
    "fields",
    [
        {"nickname": ""},
        {"nickname": "  "},
        {"nickname": "a\x1b[2J"},
        {"nickname": "x" * 65},
        {"bio": "x" * 281},
        {"bio": "a\x07"},
        {"avatar": b"GIF89a"},
        {"avatar": b"<svg onload=alert(1)>"},
        {"avatar": PNG + bytes(32_768)},
        {"avatar": b"RIFF\x10\0\0\0WAVE"},
    ],
)
def test_bounds_hold_when_signing_and_when_opening(fields: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        sign_profile(profile(**fields), device("one"))
    body = encode(profile(**fields))
    signed = SignedProfile(body, device("one").sign(SIGNED + body))
    with pytest.raises(ProfileError):
        open_profile(signed, account=account().account, device=device("one").device)


@given(st.binary(max_size=200))
def test_signed_garbage_is_refused(body: bytes) -> None:
    signed = SignedProfile(body, device("one").sign(SIGNED + body))
    with pytest.raises(ProfileError):
        open_profile(signed, account=account().account, device=device("one").device)
