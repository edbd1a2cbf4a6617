"""The pallet of docs/chain.md in memory: a block for each call, the same limits and errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from stardust.chain.errors import CallFailedError, CallRefusedError, Refusal
from stardust.chain.port import (
    AccountInfo,
    BackupHead,
    CallReceipt,
    ChainEvent,
    ChainSignal,
    EventKind,
    Notice,
    Presence,
)
from stardust.errors import UntrustedError
from stardust.identity.certificates import check
from stardust.identity.records import CertifiedDevice
from stardust.identity.work import check_work
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.signals import MAX_ENVELOPE, SignalKind

PROOF_LIFETIME = 600
PRESENCE_TIMEOUT = 50
SIGNAL_LIFETIME = 100
NOTICE_LIFETIME = 100_800
ALLOWANCE_CAP = 64
ALLOWANCE_START = 16
ALLOWANCE_INTERVAL = 2
MAX_INBOX = 32
MAX_PER_SENDER = 4
MAX_DEVICES = 8
MAX_BLOCKED = 256
FEE = 1_000_000

Entry = TypeVar("Entry", ChainSignal, Notice)


class PalletError(Exception):
    """A pallet error, by name."""


def ensure(condition: object, name: str) -> None:
    if not condition:
        raise PalletError(name)


@dataclass
class FakeLedger:
    """One chain that several ``FakeChain`` clients share.

    ``advance`` makes empty blocks, ``rich`` holds keys that can pay a fee, ``on_block`` is called
    after each block with its events. ``sinces``: id of a signal or notice → when its sender came.
    ``live``: it is no chain for tests. ``not_final``: devices whose revocation could be taken back.
    """

    genesis: bytes = bytes(range(32))
    difficulty: int = 4
    number: int = 0
    live: bool = False
    rich: set[bytes] = field(default_factory=set)
    accounts: dict[bytes, AccountInfo] = field(default_factory=dict)
    devices: dict[bytes, list[CertifiedDevice]] = field(default_factory=dict)
    owners: dict[bytes, AccountId] = field(default_factory=dict)
    spent: dict[bytes, int] = field(default_factory=dict)
    profiles: dict[bytes, bytes] = field(default_factory=dict)
    infos: dict[bytes, bytes] = field(default_factory=dict)
    seen: dict[bytes, int] = field(default_factory=dict)
    online: set[bytes] = field(default_factory=set)
    inboxes: dict[bytes, list[ChainSignal]] = field(default_factory=dict)
    notices: dict[bytes, list[Notice]] = field(default_factory=dict)
    blocks: dict[bytes, list[AccountId]] = field(default_factory=dict)
    buckets: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    backups: dict[bytes, BackupHead] = field(default_factory=dict)
    sequences: dict[bytes, int] = field(default_factory=dict)
    not_final: dict[bytes, AccountId] = field(default_factory=dict)
    sinces: dict[int, int] = field(default_factory=dict)
    next_id: int = 0
    log: list[ChainEvent] = field(default_factory=list)
    on_block: list[Callable[[], None]] = field(default_factory=list)

    # blocks
    def advance(self, blocks: int = 1) -> None:
        """Makes blocks without calls; what is due expires."""
        for _ in range(blocks):
            self._begin()
            self._end()

    def block_hash(self, number: int) -> bytes:
        return self.genesis if number == 0 else number.to_bytes(4, "big") + self.genesis[4:]

    def dispatch(self, call: str, run: Callable[[], AccountId | None], signer: bytes | None) -> CallReceipt:
        """One call in a block of its own. ``run`` raises ``PalletError`` before it changes anything,
        and answers with the account to charge (None: an authorised call)."""
        self._begin()
        logged = len(self.log)
        try:
            account = run()
        except PalletError as error:
            self.number -= 1
            del self.log[logged:]
            raise CallFailedError(call, str(error)) from None
        except CallRefusedError:
            self.number -= 1
            raise
        paid = 0
        if account is not None and account in self.accounts:
            paid = self._live(account, 0 if _needs_no_credit(call, account, signer) else 1)
        self._end()
        return CallReceipt(call, self.number, self.block_hash(self.number), paid, 200)

    def check_allowance(self, call: str, account: AccountId, signer: bytes) -> None:
        if self.allowance(account) or signer in self.rich or _needs_no_credit(call, account, signer):
            return
        raise CallRefusedError(call, Refusal.ALLOWANCE)

    def _live(self, account: AccountId, cost: int) -> int:
        """A sign of life, which takes ``cost`` credits; the fee if there are none."""
        credits, (_, at) = self.allowance(account), self.buckets[account]
        if credits == ALLOWANCE_CAP:
            at = self.number
        at += (self.number - at) // ALLOWANCE_INTERVAL * ALLOWANCE_INTERVAL
        self.buckets[account] = (max(credits - cost, 0), at)
        return FEE if cost > credits else 0

    def _begin(self) -> None:
        self.number += 1

    def _end(self) -> None:
        for account in sorted(self.online):
            if not self.is_online(account):
                self.online.discard(account)
                self.emit(EventKind.USER_OFFLINE, account=AccountId(account))
        for listener in tuple(self.on_block):
            listener()

    def begin_signals_anew(self) -> None:
        """As a node does that comes back with an empty chain."""
        self.inboxes.clear()
        self.next_id = 0
        self.emit(EventKind.MISSED)

    def emit(
        self,
        kind: EventKind,
        *,
        account: AccountId | None = None,
        device: DeviceId | None = None,
        id: int | None = None,
    ) -> None:
        self.log.append(ChainEvent(kind, self.number, account, device, id))

    # views
    def is_online(self, account: bytes) -> bool:
        return account in self.online and self.number < self.seen[account] + PRESENCE_TIMEOUT

    def presence(self, account: bytes) -> Presence:
        return Presence(self.is_online(account), self.seen.get(account))

    def inbox(self, device: bytes) -> list[ChainSignal]:
        return [signal for signal in self.inboxes.get(device, []) if signal.expires > self.number]

    def waiting(self, account: bytes) -> list[Notice]:
        return [notice for notice in self.notices.get(account, []) if notice.expires > self.number]

    def active(self, account: bytes) -> int | None:
        return self.buckets[account][1] if account in self.buckets else None

    def allowance(self, account: bytes) -> int:
        if account not in self.accounts:
            return 0
        credits, at = self.buckets[account]
        return min(ALLOWANCE_CAP, credits + (self.number - at) // ALLOWANCE_INTERVAL)

    # who acts
    def acting_for(self, who: bytes) -> AccountId:
        if who in self.owners:
            return self.owners[who]
        ensure(who in self.accounts, "NotRegistered")
        return AccountId(who)

    def acting_device(self, who: bytes) -> AccountId:
        if who not in self.owners:
            raise PalletError("NotADevice" if who in self.accounts else "NotRegistered")
        return self.owners[who]

    # identity
    def register(self, device: CertifiedDevice, work: int) -> None:
        account = device.account
        self._check_work("register", device, work)
        self._refuse("register", account in self.accounts, Refusal.STALE)
        self._refuse("register", account in self.owners, Refusal.KEY_HAS_OTHER_ROLE)
        self._check_device("register", device, self.spent.get(account, 0))
        self._check_signatures("register", device)
        self.accounts[account] = AccountInfo(self.number, 0, 0)
        self.buckets[account] = (ALLOWANCE_START, self.number)
        self.emit(EventKind.ACCOUNT_REGISTERED, account=account)
        self._add(device)

    def add_device(self, device: CertifiedDevice, work: int) -> None:
        account = device.account
        self._check_work("add_device", device, work)
        info = self.accounts.get(account)
        if info is None:
            raise CallRefusedError("add_device", Refusal.NOT_REGISTERED)
        self._check_device("add_device", device, info.spent_proof)
        full = len(self.devices.get(account, [])) >= MAX_DEVICES
        self._refuse("add_device", full, Refusal.TOO_MANY_DEVICES)
        self._check_signatures("add_device", device)
        self._live(account, 0)
        self._add(device)

    def _check_work(self, call: str, device: CertifiedDevice, work: int) -> None:
        """What comes before a look at the state."""
        self._refuse(call, self.number >= device.expires, Refusal.STALE)
        self._refuse(call, device.expires > self.number + PROOF_LIFETIME, Refusal.FUTURE)
        enough = check_work(self.genesis, device, work, self.difficulty)
        self._refuse(call, not enough, Refusal.BAD_PROOF)

    def _check_device(self, call: str, device: CertifiedDevice, spent: int) -> None:
        key, account = device.record.device, device.account
        self._refuse(call, device.expires <= spent or key in self.owners, Refusal.STALE)
        self._refuse(call, key in (bytes(account), *self.accounts), Refusal.KEY_HAS_OTHER_ROLE)

    def _check_signatures(self, call: str, device: CertifiedDevice) -> None:
        try:
            check(device, self.genesis)
        except UntrustedError:
            raise CallRefusedError(call, Refusal.BAD_PROOF) from None

    def _refuse(self, call: str, condition: bool, reason: Refusal) -> None:
        if condition:
            raise CallRefusedError(call, reason)

    def _add(self, device: CertifiedDevice) -> None:
        account, info = device.account, self.accounts[device.account]
        self.devices.setdefault(account, []).append(replace(device, added=self.number))
        self.accounts[account] = replace(info, revision=info.revision + 1, spent_proof=device.expires)
        self.owners[device.record.device] = account
        self.emit(EventKind.DEVICE_ADDED, account=account, device=device.record.device)

    def revoke_device(self, who: bytes, device: DeviceId) -> AccountId:
        account = self.acting_for(who)
        ensure(self.owners.get(device) == account, "UnknownDevice")
        ensure(who in (bytes(account), bytes(device)), "NotTheAccount")
        left = [stored for stored in self.devices[account] if stored.record.device != device]
        self.devices[account] = left
        info = self.accounts[account]
        self.accounts[account] = replace(info, revision=info.revision + 1)
        self._forget(account, device)
        return account

    def _forget(self, account: AccountId, device: DeviceId) -> None:
        for table in (self.owners, self.infos, self.inboxes):
            table.pop(device, None)
        self.emit(EventKind.DEVICE_REVOKED, account=account, device=device)

    def deregister(self, who: bytes) -> AccountId:
        account = self.acting_for(who)
        ensure(who == account, "NotTheAccount")
        self._go_offline(account)
        for stored in self.devices.pop(account, []):
            self._forget(account, stored.record.device)
        self.spent[account] = self.accounts[account].spent_proof
        tables = (self.accounts, self.seen, self.profiles, self.notices, self.blocks, self.backups)
        for table in (*tables, self.sequences, self.buckets):
            table.pop(account, None)
        self.emit(EventKind.ACCOUNT_DEREGISTERED, account=account)
        return account

    def set_profile(self, who: bytes, profile: bytes) -> AccountId:
        account = self.acting_for(who)
        self.profiles[account] = profile
        self.emit(EventKind.PROFILE_SET, account=account)
        return account

    # presence
    def heartbeat(self, who: bytes) -> AccountId:
        account = self.acting_for(who)
        was_online = self.is_online(account)
        self.seen[account] = self.number
        if not was_online:
            self.online.add(account)
            self.emit(EventKind.USER_ONLINE, account=account)
        return account

    def go_offline(self, who: bytes) -> AccountId:
        account = self.acting_for(who)
        self._go_offline(account)
        return account

    def _go_offline(self, account: AccountId) -> None:
        if account in self.online:
            self.online.discard(account)
            self.emit(EventKind.USER_OFFLINE, account=account)

    def register_peer_info(self, who: bytes, info: bytes) -> AccountId:
        account = self.acting_device(who)
        self.infos[who] = info
        self.emit(EventKind.PEER_INFO_SET, account=account, device=DeviceId(who))
        return account

    # signals and notices
    def send_signaling(self, who: bytes, to: DeviceId, kind: SignalKind, payload: bytes) -> AccountId:
        sender = self.acting_device(who)
        ensure(to in self.owners, "UnknownReceiver")
        ensure(sender not in self.blocks.get(self.owners[to], []), "Blocked")
        assert len(payload) <= MAX_ENVELOPE
        entries = self._with_room(self.inbox(to), sender)
        expires = self.number + SIGNAL_LIFETIME
        id = self._id(sender)
        entries.append(ChainSignal(id, DeviceId(who), sender, kind, payload, self.number, expires))
        self.inboxes[to] = entries
        self.emit(EventKind.SIGNAL_SENT, device=to, id=id)
        return sender

    def clear_signaling(self, who: bytes, up_to: int) -> AccountId:
        account = self.acting_device(who)
        self.inboxes[who] = [signal for signal in self.inbox(who) if signal.id > up_to]
        return account

    def notify_offline_message(self, who: bytes, to: AccountId, cid: bytes) -> AccountId:
        sender = self.acting_device(who)
        ensure(cid, "EmptyCid")
        ensure(to in self.accounts, "UnknownReceiver")
        ensure(sender not in self.blocks.get(to, []), "Blocked")
        entries = self._with_room(self.waiting(to), sender)
        id = self._id(sender)
        expires = self.number + NOTICE_LIFETIME
        entries.append(Notice(id, DeviceId(who), sender, cid, self.number, expires))
        self.notices[to] = entries
        self.emit(EventKind.OFFLINE_MESSAGE_NOTIFIED, account=to, id=id)
        return sender

    def clear_notifications(self, who: bytes, up_to: int) -> AccountId:
        account = self.acting_for(who)
        self.notices[account] = [notice for notice in self.waiting(account) if notice.id > up_to]
        return account

    def _id(self, sender: AccountId) -> int:
        id, self.next_id = self.next_id, self.next_id + 1
        self.sinces[id] = self.accounts[sender].since
        return id

    def _with_room(self, entries: list[Entry], sender: AccountId) -> list[Entry]:
        """Room for one more of ``sender``, taken from whoever holds most, the youngest of equals."""
        held = Counter(entry.sender for entry in entries)
        ensure(held[sender] < MAX_PER_SENDER, "SenderLimit")
        if len(entries) < MAX_INBOX:
            return entries

        def rank(entry: Entry) -> tuple[int, int]:
            return held[entry.sender], self.sinces[entry.id]

        worst = max(entries, key=rank)  # the first of equals: the oldest
        ensure(rank(worst) > (held[sender] + 1, self.accounts[sender].since), "InboxFull")
        return [entry for entry in entries if entry is not worst]

    # block list
    def block_user(self, who: bytes, other: AccountId) -> AccountId:
        account = self.acting_for(who)
        blocked = self.blocks.setdefault(account, [])
        ensure(account != other, "CannotBlockSelf")
        ensure(other not in blocked, "AlreadyBlocked")
        ensure(other in self.accounts, "UnknownAccount")
        ensure(len(blocked) < MAX_BLOCKED, "TooManyBlocked")
        blocked.append(other)
        return account

    def unblock_user(self, who: bytes, other: AccountId) -> AccountId:
        account = self.acting_for(who)
        ensure(other in self.blocks.get(account, []), "NotBlocked")
        self.blocks[account].remove(other)
        return account

    # backup
    def set_chat_backup(self, who: bytes, cid: bytes, sequence: int, digest: bytes) -> AccountId:
        account = self.acting_for(who)
        ensure(cid, "EmptyCid")
        ensure(self.sequences.get(account, -1) < sequence, "StaleBackup")
        self.sequences[account] = sequence
        self.backups[account] = BackupHead(cid, sequence, digest, self.number)
        self.emit(EventKind.BACKUP_SET, account=account, id=sequence)
        return account

    def clear_chat_backup(self, who: bytes) -> AccountId:
        account = self.acting_for(who)
        ensure(account in self.backups, "NoBackup")
        del self.backups[account]
        return account


def _needs_no_credit(call: str, account: AccountId, signer: bytes | None) -> bool:
    """What takes away what cost work limits itself, by the account's own key."""
    return call in ("revoke_device", "deregister") and signer == account
