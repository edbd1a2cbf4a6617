"""Invites: a link or QR code that one person gives another, signed by the inviting device."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from stardust.errors import DecodeError, UsageError
from stardust.identity.devices import DeviceKeys, verify_device
from stardust.identity.errors import InviteError, InviteExpiredError
from stardust.identity.text import WrongVersionError, from_link, to_link
from stardust.wire.codec import encode
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.links import (
    INVITE,
    INVITE_PREFIX,
    MAX_INVITE,
    SIGNED_INVITE,
    Invite,
    SignedInvite,
)

SIGNED: Final = b"stardust:invite:v1"
MAX_LIFETIME: Final = 365 * 24 * 3600
"""Seconds."""


def make_invite(
    account: AccountId,
    keys: DeviceKeys,
    *,
    genesis: bytes,
    name: str,
    expires: int,
    hints: Sequence[str] = (),
    secret: bytes | None = None,
) -> Invite:
    """An invite by this device; ``secret`` (16 bytes) is fresh unless given.

    Raises ``UsageError`` when a bound of the form is broken.
    """
    own = secrets.token_bytes(16) if secret is None else secret
    invite = Invite(account, keys.device, genesis, name, own, tuple(hints), expires)
    try:
        INVITE.decode(encode(invite))
        _check_hints(invite)
    except DecodeError as error:
        raise UsageError(f"This invite cannot be made: {error}.") from None
    return invite


def sign_invite(invite: Invite, keys: DeviceKeys) -> str:
    """The link ``stardust:invite:…``."""
    body = encode(invite)
    return to_link(INVITE_PREFIX, encode(SignedInvite(body, keys.sign(SIGNED + body))))


def read_invite(link: str, *, now: int) -> Invite:
    """The invite in ``link``, signed by the device it names, not expired at ``now`` (Unix seconds).

    That the device belongs to the account, and the genesis hash to this chain, is
    for the caller to check on chain. Raises ``InviteError``, ``InviteExpiredError``, ``WrongVersionError``.
    """
    try:
        signed = SIGNED_INVITE.decode(from_link(INVITE_PREFIX, link, limit=MAX_INVITE))
        invite = INVITE.decode(signed.body)
        _check_hints(invite)
    except WrongVersionError:
        raise
    except DecodeError as error:
        raise InviteError(
            f"This is not a valid invite: {error}.", hint="Copy the whole link again."
        ) from None
    if not verify_device(DeviceId(invite.device), SIGNED + signed.body, signed.signature):
        raise InviteError("This invite was changed on its way: its signature is wrong.")
    if invite.expires <= now:
        raise InviteExpiredError
    if invite.expires > now + MAX_LIFETIME + 24 * 3600:  # a day for clocks that differ
        raise InviteError("This invite claims to be good for more than a year.")
    return invite


def _check_hints(invite: Invite) -> None:
    for hint in invite.hints:
        try:
            parts = urlsplit(hint)
            usable = parts.scheme in ("ws", "wss") and bool(parts.hostname) and hint.isprintable()
        except ValueError:
            usable = False
        if not usable or len(hint.encode()) > 128 or " " in hint:
            raise DecodeError("a node in it is not a ws:// or wss:// address")
