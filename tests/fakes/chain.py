"""``Chain`` over a ``FakeLedger``: what a client's chain is in tests without a node."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from stardust.chain.errors import ChainUnavailableError
from stardust.chain.port import (
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
from stardust.errors import StardustError
from stardust.identity.records import CertifiedDevice
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.signals import SignalKind
from tests.fakes.ledger import PROOF_LIFETIME, FakeLedger


class FakeChain:
    """One client's view of ``ledger``; ``go_away`` and ``come_back`` play a lost node."""

    def __init__(self, ledger: FakeLedger, signer: DeviceSigner | None = None) -> None:
        self.ledger = ledger
        self._signer = signer
        self._connected = False
        self._away = False
        self._closed = False
        self.final_lag = 0
        """Blocks by which the head is behind, as that of a light client while finality stands."""
        self.odd: str | None = None
        """What the status says of a chain that is there."""
        self._receipts: list[CallReceipt] = []
        self._stopped: StardustError | None = None
        self._changed = asyncio.Event()
        ledger.on_block.append(self._wake)

    def go_away(self) -> None:
        self._away = True

    def come_back(self) -> None:
        self._away = False
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def genesis(self) -> bytes:
        return self.ledger.genesis

    async def connect(self) -> None:
        self._connected = True
        await self._reach()

    async def retry(self) -> None:
        await self._reach()

    async def close(self) -> None:
        self._connected, self._closed = False, True
        if self._wake in self.ledger.on_block:
            self.ledger.on_block.remove(self._wake)
        self._wake()

    def status(self) -> ChainStatus:
        if self._away or not self._connected:
            return ChainStatus(False, None, None, None, None, None, "no node answers" if self._away else None)
        return ChainStatus(True, "fake", self.genesis, "fake", 1, self._head(), self.odd)

    def calls(self) -> tuple[CallReceipt, ...]:
        return tuple(self._receipts)

    def stop_calls(self, reason: StardustError | None) -> None:
        self._stopped = reason

    async def newest(self) -> int:
        return (await self._reach()).number

    def _head(self) -> Head:
        number = max(0, self.ledger.number - self.final_lag)
        return Head(number, self.ledger.block_hash(number), time.monotonic())

    async def _reach(self) -> FakeLedger:
        await asyncio.sleep(0)
        if self._away or not self._connected:
            raise ChainUnavailableError
        return self.ledger

    # reads
    async def head(self) -> Head:
        await self._reach()
        return self._head()

    async def is_live(self) -> bool:
        return (await self._reach()).live

    async def account(self, account: AccountId) -> AccountInfo | None:
        return (await self._reach()).accounts.get(account)

    async def devices(self, account: AccountId) -> tuple[CertifiedDevice, ...]:
        return tuple((await self._reach()).devices.get(account, ()))

    async def owner(self, device: DeviceId) -> AccountId | None:
        return (await self._reach()).owners.get(device)

    async def final_owner(self, device: DeviceId) -> AccountId | None:
        ledger = await self._reach()
        return ledger.owners.get(device) or ledger.not_final.get(device)

    async def profile(self, account: AccountId) -> bytes:
        return (await self._reach()).profiles.get(account, b"")

    async def presence(self, account: AccountId) -> Presence:
        return (await self._reach()).presence(account)

    async def peer_info(self, device: DeviceId) -> bytes:
        return (await self._reach()).infos.get(device, b"")

    async def inbox(self, device: DeviceId) -> tuple[ChainSignal, ...]:
        return tuple((await self._reach()).inbox(device))

    async def notices(self, account: AccountId) -> tuple[Notice, ...]:
        return tuple((await self._reach()).waiting(account))

    async def blocked(self, account: AccountId) -> tuple[AccountId, ...]:
        return tuple((await self._reach()).blocks.get(account, ()))

    async def allowance(self, account: AccountId) -> int:
        return (await self._reach()).allowance(account)

    async def active(self, account: AccountId) -> int | None:
        return (await self._reach()).active(account)

    async def backup(self, account: AccountId) -> BackupHead | None:
        return (await self._reach()).backups.get(account)

    async def work(self) -> tuple[int, int]:
        return (await self._reach()).difficulty, PROOF_LIFETIME

    # authorised calls
    async def register(self, device: CertifiedDevice, work: int) -> CallReceipt:
        ledger = await self._reach()
        return self._keep(ledger.dispatch("register", lambda: ledger.register(device, work), None))

    async def add_device(self, device: CertifiedDevice, work: int) -> CallReceipt:
        ledger = await self._reach()
        return self._keep(ledger.dispatch("add_device", lambda: ledger.add_device(device, work), None))

    # signed calls
    async def heartbeat(self) -> CallReceipt:
        return await self._call("heartbeat", self.ledger.heartbeat)

    async def go_offline(self) -> CallReceipt:
        return await self._call("go_offline", self.ledger.go_offline)

    async def renew(self) -> CallReceipt:
        return await self._call("renew", self.ledger.acting_for)

    async def set_profile(self, profile: bytes) -> CallReceipt:
        return await self._call("set_profile", lambda who: self.ledger.set_profile(who, profile))

    async def register_peer_info(self, info: bytes) -> CallReceipt:
        return await self._call("register_peer_info", lambda who: self.ledger.register_peer_info(who, info))

    async def send_signaling(self, to: DeviceId, kind: SignalKind, payload: bytes) -> CallReceipt:
        return await self._call(
            "send_signaling", lambda who: self.ledger.send_signaling(who, to, kind, payload)
        )

    async def clear_signaling(self, up_to: int) -> CallReceipt:
        return await self._call("clear_signaling", lambda who: self.ledger.clear_signaling(who, up_to))

    async def block_user(self, account: AccountId) -> CallReceipt:
        return await self._call("block_user", lambda who: self.ledger.block_user(who, account))

    async def unblock_user(self, account: AccountId) -> CallReceipt:
        return await self._call("unblock_user", lambda who: self.ledger.unblock_user(who, account))

    async def notify_offline_message(self, to: AccountId, cid: bytes) -> CallReceipt:
        return await self._call(
            "notify_offline_message", lambda who: self.ledger.notify_offline_message(who, to, cid)
        )

    async def clear_notifications(self, up_to: int) -> CallReceipt:
        return await self._call(
            "clear_notifications", lambda who: self.ledger.clear_notifications(who, up_to)
        )

    async def set_chat_backup(self, cid: bytes, sequence: int, digest: bytes) -> CallReceipt:
        return await self._call(
            "set_chat_backup", lambda who: self.ledger.set_chat_backup(who, cid, sequence, digest)
        )

    async def clear_chat_backup(self) -> CallReceipt:
        return await self._call("clear_chat_backup", self.ledger.clear_chat_backup)

    async def revoke_device(self, device: DeviceId, signer: AccountSigner | None = None) -> CallReceipt:
        who = signer.account if signer else None
        return await self._call("revoke_device", lambda who: self.ledger.revoke_device(who, device), who)

    async def deregister(self, signer: AccountSigner) -> CallReceipt:
        return await self._call("deregister", self.ledger.deregister, signer.account)

    async def _call(
        self, name: str, run: Callable[[bytes], AccountId], who: bytes | None = None
    ) -> CallReceipt:
        ledger = await self._reach()
        if who is None:
            assert self._signer is not None, "a FakeChain without a signer only reads"
            if self._stopped is not None:
                raise self._stopped
            who = self._signer.device
        signer = who
        account = ledger.owners.get(signer, AccountId(signer))
        if account in ledger.accounts:
            ledger.check_allowance(name, account, signer)
        return self._keep(ledger.dispatch(name, lambda: run(signer), signer))

    def _keep(self, receipt: CallReceipt) -> CallReceipt:
        self._receipts.append(receipt)
        return receipt

    # events
    def events(self) -> AsyncIterator[ChainEvent]:
        return self._events(len(self.ledger.log))

    async def _events(self, at: int) -> AsyncIterator[ChainEvent]:
        while not self._closed:
            changed = self._changed
            while not self._away and at < len(self.ledger.log):
                at += 1
                yield self.ledger.log[at - 1]
            await changed.wait()
