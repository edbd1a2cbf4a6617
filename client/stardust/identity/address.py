"""Account addresses: SS58 with prefix 42 (docs.substrate.io, SS58 address format)."""

from __future__ import annotations

from typing import Final

from scalecodec.utils.ss58 import ss58_decode, ss58_encode

from stardust.identity.errors import BadAddressError
from stardust.wire.ids import AccountId, DeviceId

SS58_PREFIX: Final = 42
MAX_ADDRESS: Final = 64


def to_address(key: AccountId | DeviceId) -> str:
    """The text form of an account (or of a device, which is an account of its own)."""
    address: str = ss58_encode(bytes(key), SS58_PREFIX)
    return address


def from_address(text: str) -> AccountId:
    """The account that ``text`` names; ``BadAddressError`` for anything else."""
    if not text or len(text) > MAX_ADDRESS or text.startswith("0x"):
        raise BadAddressError(hint="An address looks like 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY.")
    try:
        key = bytes.fromhex(ss58_decode(text, SS58_PREFIX))
    except (ValueError, IndexError):
        raise BadAddressError(hint="Check it letter by letter, or copy it again.") from None
    if len(key) != 32:
        raise BadAddressError(hint="It names something else than an account.")
    return AccountId(key)
