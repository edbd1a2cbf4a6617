"""A person's own description, signed by one of the account's devices."""

from __future__ import annotations

from typing import Final

from stardust.errors import DecodeError, UsageError
from stardust.identity.devices import DeviceKeys, verify_device
from stardust.identity.errors import ProfileError
from stardust.wire.codec import encode
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.items import PROFILE, Profile, SignedProfile

SIGNED: Final = b"stardust:profile:v1"


def sign_profile(profile: Profile, keys: DeviceKeys) -> SignedProfile:
    """The device's signature over ``stardust:profile:v1`` and the encoding; ``UsageError`` out of bounds."""
    body = encode(profile)
    try:
        PROFILE.decode(body)
        _check(profile)
    except DecodeError as error:
        raise UsageError(f"This profile cannot be used: {error}.") from None
    return SignedProfile(body, keys.sign(SIGNED + body))


def open_profile(signed: SignedProfile, *, account: AccountId, device: DeviceId) -> Profile:
    """The profile of ``account``, signed by its ``device`` (which the caller knows to be the account's).

    Raises ``ProfileError``.
    """
    if not verify_device(device, SIGNED + signed.body, signed.signature):
        raise ProfileError
    try:
        profile = PROFILE.decode(signed.body)
        _check(profile)
    except DecodeError as error:
        raise ProfileError(f"This profile is not valid: {error}.") from None
    if profile.account != account:
        raise ProfileError("This profile is of another account.")
    return profile


def _check(profile: Profile) -> None:
    if not profile.nickname.strip() or not profile.nickname.isprintable():
        raise DecodeError("the nickname is empty or has control characters")
    if any(not (char.isprintable() or char == "\n") for char in profile.bio):
        raise DecodeError("the description has control characters")
    if profile.avatar and not _is_picture(profile.avatar):
        raise DecodeError("the picture is not PNG, JPEG or WebP")


def _is_picture(data: bytes) -> bool:
    if data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return True
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"
