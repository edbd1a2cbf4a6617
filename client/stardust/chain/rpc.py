"""The adapter of ``port.Chain`` for what speaks JSON-RPC: nodes, one or several, or the light client.

Transport is asyncio ``websockets`` (``jsonrpc``), the codec is substrate-interface with scalecodec
(``codec``), in one thread beside the event loop. No node is believed in what decides whom a key
belongs to: certificates of devices are checked here. What a node leaves out cannot be seen, but by
asking two (``compare``) or by the light client (``light``).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from stardust.chain import records
from stardust.chain.codec import Signer
from stardust.chain.compare import Witness
from stardust.chain.connection import Opener
from stardust.chain.diagnosis import diagnose
from stardust.chain.errors import (
    CallFailedError,
    CallRefusedError,
    ChainUnavailableError,
    Refusal,
    UnsuitableChainError,
    WrongChainError,
)
from stardust.chain.feed import Feed
from stardust.chain.jsonrpc import JsonRpc, Rpc
from stardust.chain.keeper import ConnectionKeeper
from stardust.chain.port import (
    FOR_TESTS,
    AccountInfo,
    AccountSigner,
    BackupHead,
    CallReceipt,
    ChainEvent,
    ChainSignal,
    ChainStatus,
    DeviceSigner,
    Head,
    Notice,
    Presence,
)
from stardust.chain.submission import Submission
from stardust.errors import StardustError, UsageError
from stardust.identity.certificates import check
from stardust.identity.records import CertifiedDevice
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.signals import SignalKind

MAX_RECEIPTS: Final = 256


class RpcChain:
    """``nodes``: WebSocket addresses in order of preference. ``signer``: this device's key, None for
    a client that only reads and registers. ``genesis``: 32 bytes, None to accept the first node's.

    ``opener`` opens other things than nodes. ``final``: calls are done when their block is final.
    ``compare``: who a device belongs to, an account's devices and its newest backup are asked of two
    nodes, and have to agree; ``UntrustedError`` when they do not.
    """

    def __init__(
        self,
        nodes: Sequence[str],
        *,
        signer: DeviceSigner | None = None,
        genesis: bytes | None = None,
        opener: Opener = JsonRpc.open,
        final: bool = False,
        compare: bool = False,
    ) -> None:
        self._feed = Feed()
        # Not the same nodes twice: what they agree on is worth nothing then.
        first = nodes[::2] if compare else nodes
        self._keeper = ConnectionKeeper(first, genesis, self._feed, opener)
        self._witness = Witness(nodes[1::2], self._keeper) if compare else None
        self._final = final or compare
        self._submission = Submission(self._keeper.use, final=self._final)
        self._signer = signer
        self._stopped: StardustError | None = None
        self._receipts: deque[CallReceipt] = deque(maxlen=MAX_RECEIPTS)

    @property
    def genesis(self) -> bytes:
        if self._keeper.genesis is None:
            raise ChainUnavailableError("The chain was not reached yet.")
        return self._keeper.genesis

    async def connect(self) -> None:
        await self._keeper.connect()
        if self._witness is not None:
            await self._witness.connect()

    async def retry(self) -> None:
        await self._keeper.retry()

    async def close(self) -> None:
        self._feed.close()
        if self._witness is not None:
            await self._witness.close()
        await self._keeper.close()

    def status(self) -> ChainStatus:
        keeper, connection = self._keeper, self._keeper.connection
        head = keeper.follower.head
        if connection is None or connection.rpc.closed.is_set():
            return ChainStatus(False, None, keeper.genesis, None, None, head, keeper.why_away())
        rpc = connection.rpc
        if rpc.trouble is not None:
            return ChainStatus(False, rpc.url, keeper.genesis, None, None, head, rpc.trouble)
        return ChainStatus(
            True,
            rpc.url,
            connection.genesis,
            connection.spec_name,
            connection.codec.spec_version,
            head,
            self._oddity(rpc),
            keeper.follower.age.seen,
        )

    def _oddity(self, rpc: Rpc) -> str | None:
        """The worst first. Where nothing moves, the newest block is old too, and that is said already."""
        follower = self._keeper.follower
        stands = rpc.standstill or follower.problem
        return stands or follower.age.problem(time.monotonic()) or rpc.notice or self._unwitnessed()

    def _unwitnessed(self) -> str | None:
        return None if self._witness is None else self._witness.problem

    def calls(self) -> tuple[CallReceipt, ...]:
        return tuple(self._receipts)

    def stop_calls(self, reason: StardustError | None) -> None:
        self._stopped = reason

    # reads
    async def _view(self, name: str, *arguments: bytes) -> Any:
        """Asked again, of the next node, when the first is lost over it."""
        try:
            return await (await self._keeper.use()).view(name, *arguments)
        except (UnsuitableChainError, WrongChainError):
            raise
        except ChainUnavailableError:
            return await (await self._keeper.use()).view(name, *arguments)

    async def _agreed(self, name: str, *arguments: bytes) -> Any:
        """As ``_view``, for answers by which somebody could be cheated."""
        if self._witness is None:
            return await self._view(name, *arguments)
        return await self._witness.agreed(name, *arguments)

    async def head(self) -> Head:
        block, _ = await (await self._keeper.use()).best()
        seen = self._keeper.follower.head
        if seen is not None and seen.hash == block.hash:
            return seen
        return Head(block.number, block.hash, time.monotonic())

    async def newest(self) -> int:
        connection = await self._keeper.use()
        block, _ = connection.block_of(await connection.rpc.best_header())
        return block.number

    async def is_live(self) -> bool:
        return (await self._keeper.use()).kind not in FOR_TESTS

    async def account(self, account: AccountId) -> AccountInfo | None:
        return records.shaped(records.account_info, await self._view("account", account))

    async def devices(self, account: AccountId) -> tuple[CertifiedDevice, ...]:
        stored = await self._agreed("devices", account)
        genesis = self.genesis

        def certified(values: Any) -> tuple[CertifiedDevice, ...]:
            return tuple(records.device(account, value) for value in values)

        found = records.shaped(certified, stored)
        connection = await self._keeper.use()
        for device in found:
            await connection.run(check, device, genesis)
        return found

    async def owner(self, device: DeviceId) -> AccountId | None:
        owner: AccountId | None = await self._agreed("owner", device)
        return owner

    async def final_owner(self, device: DeviceId) -> AccountId | None:
        if self._final:
            return await self.owner(device)
        connection = await self._keeper.use()
        answer = await connection.view_at((await connection.finalized()).hash, "owner", device)
        owner: AccountId | None = await connection.run(connection.codec.view_result, "owner", answer)
        return owner

    async def profile(self, account: AccountId) -> bytes:
        return bytes(await self._view("profile", account))

    async def presence(self, account: AccountId) -> Presence:
        return records.shaped(records.presence, await self._view("presence", account))

    async def peer_info(self, device: DeviceId) -> bytes:
        return bytes(await self._view("peer_info", device))

    async def inbox(self, device: DeviceId) -> tuple[ChainSignal, ...]:
        values = await self._view("inbox", device)
        return tuple(records.shaped(records.signal, value) for value in values)

    async def notices(self, account: AccountId) -> tuple[Notice, ...]:
        values = await self._view("notices", account)
        return tuple(records.shaped(records.notice, value) for value in values)

    async def blocked(self, account: AccountId) -> tuple[AccountId, ...]:
        return tuple(await self._view("blocked", account))

    async def allowance(self, account: AccountId) -> int:
        return int(await self._view("allowance", account))

    async def active(self, account: AccountId) -> int | None:
        block = await self._view("active", account)
        return None if block is None else int(block)

    async def backup(self, account: AccountId) -> BackupHead | None:
        return records.shaped(records.backup, await self._agreed("backup", account))

    async def work(self) -> tuple[int, int]:
        difficulty, lifetime = await self._view("work")
        return difficulty, lifetime

    # authorised calls
    async def register(self, device: CertifiedDevice, work: int) -> CallReceipt:
        arguments = records.device_arguments(device, work)
        return self._keep(await self._submission.general("register", arguments))

    async def add_device(self, device: CertifiedDevice, work: int) -> CallReceipt:
        arguments = records.device_arguments(device, work)
        return self._keep(await self._submission.general("add_device", arguments))

    # calls signed by this device
    async def heartbeat(self) -> CallReceipt:
        return await self._call("heartbeat")

    async def go_offline(self) -> CallReceipt:
        return await self._call("go_offline")

    async def renew(self) -> CallReceipt:
        return await self._call("renew")

    async def set_profile(self, profile: bytes) -> CallReceipt:
        return await self._call("set_profile", profile=profile)

    async def register_peer_info(self, info: bytes) -> CallReceipt:
        return await self._call("register_peer_info", info=info)

    async def send_signaling(self, to: DeviceId, kind: SignalKind, payload: bytes) -> CallReceipt:
        return await self._call("send_signaling", to=to, kind=kind, payload=payload)

    async def clear_signaling(self, up_to: int) -> CallReceipt:
        return await self._call("clear_signaling", up_to=up_to)

    async def block_user(self, account: AccountId) -> CallReceipt:
        return await self._call("block_user", account=account)

    async def unblock_user(self, account: AccountId) -> CallReceipt:
        return await self._call("unblock_user", account=account)

    async def notify_offline_message(self, to: AccountId, cid: bytes) -> CallReceipt:
        return await self._call("notify_offline_message", to=to, cid=cid)

    async def clear_notifications(self, up_to: int) -> CallReceipt:
        return await self._call("clear_notifications", up_to=up_to)

    async def set_chat_backup(self, cid: bytes, sequence: int, digest: bytes) -> CallReceipt:
        return await self._call("set_chat_backup", cid=cid, sequence=sequence, digest=digest)

    async def clear_chat_backup(self) -> CallReceipt:
        return await self._call("clear_chat_backup")

    # calls signed by the account key
    async def revoke_device(self, device: DeviceId, signer: AccountSigner | None = None) -> CallReceipt:
        return await self._call("revoke_device", _account_signer(signer), device=device)

    async def deregister(self, signer: AccountSigner) -> CallReceipt:
        return await self._call("deregister", _account_signer(signer))

    async def _call(self, name: str, signer: Signer | None = None, **arguments: Any) -> CallReceipt:
        signer = signer or self._device_signer()
        encodable = {key: _encodable(value) for key, value in arguments.items()}
        try:
            return self._keep(await self._submission.signed(name, encodable, signer))
        except CallRefusedError as error:
            if error.reason is not Refusal.ALLOWANCE:
                raise
        fault = await diagnose(self, name, arguments, signer.public)
        if fault is None:
            raise CallRefusedError(name, Refusal.ALLOWANCE)
        raise CallFailedError(name, fault, (await self._keeper.use()).codec.error_doc(fault))

    def _device_signer(self) -> Signer:
        if self._signer is None:
            raise UsageError("Calls need the key of a device.")
        if self._stopped is not None:
            raise self._stopped
        return Signer(self._signer.device, "ed25519", self._signer.sign)

    def _keep(self, receipt: CallReceipt) -> CallReceipt:
        self._receipts.append(receipt)
        return receipt

    # events
    def events(self) -> AsyncIterator[ChainEvent]:
        return self._feed.reader()


def _account_signer(signer: AccountSigner | None) -> Signer | None:
    return None if signer is None else Signer(signer.account, signer.scheme, signer.sign)


def _encodable(value: Any) -> Any:
    if isinstance(value, SignalKind):
        return records.KIND_NAMES[value]
    return records.hexed(value) if isinstance(value, bytes) else value
