"""Why a feeless call would fail.

A signed call that would fail is not feeless, so a pool refuses it for want of money and says no
more (docs/chain.md, refusals). What the pallet would have said is found out by reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from stardust.chain.port import ChainSignal, Notice
from stardust.wire.ids import AccountId, DeviceId

if TYPE_CHECKING:
    from stardust.chain.port import Chain

MAX_INBOX: Final = 32
MAX_PER_SENDER: Final = 4
MAX_BLOCKED: Final = 256
_OF_DEVICES: Final = frozenset(
    {"register_peer_info", "send_signaling", "clear_signaling", "notify_offline_message"}
)


async def diagnose(chain: Chain, call: str, arguments: dict[str, Any], signer: bytes) -> str | None:
    """The name of the pallet's error, or None when the call is not at fault. ``arguments`` are bytes
    and numbers, by the names of docs/chain.md."""
    account = await chain.owner(DeviceId(signer))
    is_device = account is not None
    if account is None:
        account = AccountId(signer)
        if await chain.account(account) is None:
            return "NotRegistered"
    if call in _OF_DEVICES and not is_device:
        return "NotADevice"
    match call:
        case "send_signaling":
            return await _signal(chain, account, arguments["to"])
        case "notify_offline_message":
            return await _notice(chain, account, arguments["to"], arguments["cid"])
        case "block_user" | "unblock_user":
            return await _block(chain, call, account, arguments["account"])
        case "set_chat_backup" | "clear_chat_backup":
            return await _backup(chain, call, account, arguments)
        case "revoke_device":
            if await chain.owner(arguments["device"]) != account:
                return "UnknownDevice"
            return None if signer in (bytes(account), bytes(arguments["device"])) else "NotTheAccount"
        case "deregister" if is_device:
            return "NotTheAccount"
    return None


async def _signal(chain: Chain, sender: AccountId, to: DeviceId) -> str | None:
    receiver = await chain.owner(to)
    if receiver is None:
        return "UnknownReceiver"
    if sender in await chain.blocked(receiver):
        return "Blocked"
    return await _room(chain, await chain.inbox(to), sender)


async def _notice(chain: Chain, sender: AccountId, to: AccountId, cid: bytes) -> str | None:
    if not cid:
        return "EmptyCid"
    if await chain.account(to) is None:
        return "UnknownReceiver"
    if sender in await chain.blocked(to):
        return "Blocked"
    return await _room(chain, await chain.notices(to), sender)


async def _room(chain: Chain, entries: Sequence[ChainSignal | Notice], sender: AccountId) -> str | None:
    if sum(entry.sender == sender for entry in entries) >= MAX_PER_SENDER:
        return "SenderLimit"
    # Whether a full inbox has room depends on the ages of accounts; with a credit it had none.
    return "InboxFull" if len(entries) >= MAX_INBOX and await chain.allowance(sender) else None


async def _block(chain: Chain, call: str, account: AccountId, other: AccountId) -> str | None:
    blocked = await chain.blocked(account)
    if call == "unblock_user":
        return None if other in blocked else "NotBlocked"
    if other == account:
        return "CannotBlockSelf"
    if other in blocked:
        return "AlreadyBlocked"
    return "TooManyBlocked" if len(blocked) >= MAX_BLOCKED else None


async def _backup(chain: Chain, call: str, account: AccountId, arguments: dict[str, Any]) -> str | None:
    head = await chain.backup(account)
    if call == "clear_chat_backup":
        return "NoBackup" if head is None else None
    if not arguments["cid"]:
        return "EmptyCid"
    return "StaleBackup" if head is not None and arguments["sequence"] <= head.sequence else None
