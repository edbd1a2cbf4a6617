"""Backups of the running daemon's history, and their heads on chain."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import msgspec
import structlog

from stardust.api import calls
from stardust.api.types import BackupInfo, BackupReport, VerifyReport
from stardust.backup.blocks import CID_SIZE, BlockSink, BlockSource, Cid, cid_text, parse_cid
from stardust.backup.errors import BackupRolledBackError, IpfsMissingError
from stardust.backup.exporting import Selection
from stardust.backup.keys import BackupKey
from stardust.backup.making import Made, make_backup
from stardust.backup.reading import Verified, check_newest, open_backup
from stardust.chain.port import BackupHead
from stardust.daemon import clock
from stardust.daemon.api_server import Scope
from stardust.daemon.core import Core
from stardust.daemon.ids import direct_conversation
from stardust.errors import LocalError, StardustError, UsageError
from stardust.history.store import Store, open_store
from stardust.wire.ids import MessageId

ACCOUNT_SETTING: Final = "account"
"""In the backup: the account key as its (sealed) JSON file, if it lies in the home folder."""
_STATE: Final = "backup"
_BLOCKS: Final = "ipfs-blocks"

log = structlog.get_logger(__name__)


class LastBackup(msgspec.Struct, frozen=True):
    """What this device remembers of the newest whole backup that it made or came from."""

    to: Literal["file", "ipfs"]
    cid: bytes
    sequence: int
    digest: bytes
    at: int
    anchored: bool
    path: str | None


class OnNode(msgspec.Struct, frozen=True):
    """Blocks that are on an IPFS node, as far as this device knows."""

    api: str
    """URL of the node: another one has none of them."""
    cids: bytes
    """One after the other."""


@dataclass(frozen=True, slots=True)
class _Plan:
    to: Literal["file", "ipfs"]
    path: Path | None
    selection: Selection
    sequence: int
    previous: Cid | None
    known: set[Cid] = field(repr=False)
    """On the IPFS node; changed while the backup is made."""


class BackupService:
    def __init__(self, core: Core, key: BackupKey, database_key: bytes, last: LastBackup | None) -> None:
        self._core = core
        self._key = key
        self._database_key = database_key
        self._last = last
        self._one_at_a_time = asyncio.Lock()

    @staticmethod
    def remember_last(store: Store, last: LastBackup) -> None:
        """On the store's thread, inside a transaction or alone."""
        store.local.set(_STATE, msgspec.msgpack.encode(last))

    @staticmethod
    def read_last(store: Store) -> LastBackup | None:
        """On the store's thread."""
        stored = store.local.get(_STATE)
        return msgspec.msgpack.decode(stored, type=LastBackup) if stored is not None else None

    # status
    async def status(self, _: calls.BackupStatus, __: Scope) -> BackupInfo:
        return await self.info()

    async def info(self) -> BackupInfo:
        """Also of a history that cannot be read: then it is wanted most."""
        last = self._last
        if last is None:
            return BackupInfo(None, None, None, anchored=False)
        messages, since = self._core.records.store.messages, None
        with contextlib.suppress(LocalError):
            since = await self._core.thread.run(messages.count, stored_after=last.at)
        return BackupInfo(
            last.sequence, cid_text(Cid(last.cid)), last.at, last.anchored, last.path, changed_since=since
        )

    # making
    async def create(self, call: calls.BackupCreate, _: Scope) -> BackupReport:
        async with self._one_at_a_time:
            began = time.monotonic()
            plan = await self._plan(call)
            at = clock.wall_ms()
            made = await self._made(plan, at)
            problem = await self._remember(plan, made, at) if made.whole else None
            return BackupReport(
                to=plan.to,
                cid=cid_text(made.cid),
                path=str(plan.path) if plan.path else None,
                sequence=made.sequence,
                bytes=made.size,
                new_bytes=made.new_size,
                blocks=made.blocks,
                new_blocks=made.new_blocks,
                messages=made.rows["messages"],
                anchored=made.whole and problem is None,
                took_ms=int((time.monotonic() - began) * 1000),
                anchor_problem=problem,
            )

    async def _plan(self, call: calls.BackupCreate) -> _Plan:
        selection = self._selection(call)
        if call.to == "file" and call.path is None:
            raise UsageError("A backup to a file needs a path.")
        if call.to == "ipfs" and not selection.whole:
            raise UsageError("A selection is backed up to a file.", hint="--to file --path PATH")
        head = await self._head()
        newest = max(head.sequence if head else 0, self._last.sequence if self._last else 0)
        if selection.whole:
            await self._core.write(self._put_account_key)
        return _Plan(
            to=call.to,
            path=Path(call.path) if call.to == "file" and call.path else None,
            selection=selection,
            sequence=newest + 1,
            previous=Cid(self._last.cid) if self._last else None,
            known=await self._core.thread.run(self._known_blocks) if call.to == "ipfs" else set(),
        )

    def _selection(self, call: calls.BackupCreate) -> Selection:
        messages = tuple(MessageId(bytes.fromhex(one)) for one in call.messages)
        if call.contact is None:
            return Selection(messages=messages)
        person = self._core.people.find(call.contact)
        return Selection(direct_conversation(self._core.account, person.account), messages)

    def _put_account_key(self) -> None:
        """So that passphrase and address alone bring the account key back too."""
        file = self._core.home.account
        self._core.records.store.settings.set(ACCOUNT_SETTING, file.read_bytes() if file.exists() else None)

    def _known_blocks(self) -> set[Cid]:
        stored = self._core.records.store.local.get(_BLOCKS)
        known = msgspec.msgpack.decode(stored, type=OnNode) if stored is not None else None
        if known is None or known.api != self._core.config.ipfs.api:
            return set()
        return {Cid(known.cids[at : at + CID_SIZE]) for at in range(0, len(known.cids), CID_SIZE)}

    async def _save_known_blocks(self, known: set[Cid]) -> None:
        value = msgspec.msgpack.encode(OnNode(self._core.config.ipfs.api, b"".join(known)))
        await self._core.write(lambda: self._core.records.store.local.set(_BLOCKS, value))

    async def _made(self, plan: _Plan, at: int) -> Made:
        """Whatever comes of it, it stays known which blocks the IPFS node has."""
        try:
            return await self._made_anew(plan, at)
        finally:
            if plan.to == "ipfs":
                await self._save_known_blocks(plan.known)

    async def _made_anew(self, plan: _Plan, at: int) -> Made:
        """An IPFS node that has lost what it had is given everything, once."""
        try:
            return await asyncio.to_thread(self._make, plan, at)
        except IpfsMissingError as error:
            log.warning("the IPFS node has lost blocks; all are uploaded again", problem=str(error))
            return await asyncio.to_thread(self._make, plan, at)

    def _make(self, plan: _Plan, at: int) -> Made:
        """On a thread of its own, from a second connection: the daemon goes on meanwhile."""
        store = open_store(self._core.home.database, self._database_key, read_only=True)
        try:
            if plan.path is not None:
                from stardust.backup.files import FileSink

                return self._run(store, FileSink(plan.path), plan, at)
            from stardust.backup.ipfs import IpfsNode, IpfsSink

            with IpfsNode(self._core.config.ipfs.api) as node:
                sink = IpfsSink(node, plan.known)
                made = self._run(store, sink, plan, at)
            plan.known.intersection_update(sink.blocks)  # what no backup needs any more may go
            return made
        finally:
            store.close()

    def _run(self, store: Store, sink: BlockSink, plan: _Plan, at: int) -> Made:
        return make_backup(
            store,
            self._key,
            sink,
            sequence=plan.sequence,
            made_at=at,
            previous=plan.previous,
            selection=plan.selection,
        )

    async def _remember(self, plan: _Plan, made: Made, at: int) -> str | None:
        """Keeps what was made, then anchors it; what kept it from that, if anything (``anchor_later``)."""
        last = LastBackup(
            plan.to, made.cid, made.sequence, made.digest, at, False, str(plan.path) if plan.path else None
        )
        await self._save(last)
        try:
            await self._anchor(last)
        except StardustError as error:
            log.warning("the backup was not anchored yet", problem=str(error))
            return str(error)
        return None

    async def _save(self, last: LastBackup) -> None:
        await self._core.write(lambda: self.remember_last(self._core.records.store, last))
        self._last = last

    async def _anchor(self, last: LastBackup) -> None:
        await self._core.chain.set_chat_backup(last.cid, last.sequence, last.digest)
        await self._save(msgspec.structs.replace(last, anchored=True))

    async def anchor_later(self) -> None:
        """The chain is there again: what could not be anchored then is now."""
        last = self._last
        if last is None or last.anchored or not self._core.registered:
            return
        head = await self._core.chain.backup(self._core.account)
        if head is None or head.sequence < last.sequence:
            await self._anchor(last)
        elif (head.sequence, head.cid) == (last.sequence, last.cid):  # the call went in, its receipt was lost
            await self._save(msgspec.structs.replace(last, anchored=True))

    async def _head(self) -> BackupHead | None:
        try:
            return await self._core.chain.backup(self._core.account)
        except StardustError as error:
            log.info("the chain's backup head is not known now", problem=str(error))
            return None

    # verifying
    async def verify(self, call: calls.BackupVerify, _: Scope) -> VerifyReport:
        began = time.monotonic()
        path, cid = self._which(call)
        verified = await asyncio.to_thread(self._verify, path, cid)
        newest: bool | None = None
        if verified.whole:
            try:
                newest = check_newest(verified, await self._head())
            except BackupRolledBackError:
                newest = False
        return VerifyReport(
            cid=cid_text(verified.cid),
            sequence=verified.sequence,
            blocks=verified.blocks,
            bytes=verified.size,
            messages=verified.messages,
            contacts=verified.contacts,
            newest=newest,
            took_ms=int((time.monotonic() - began) * 1000),
        )

    def _which(self, call: calls.BackupVerify) -> tuple[Path | None, Cid | None]:
        if call.path is not None:
            path = Path(call.path)
            if not path.exists():
                hint = f"make one: stardust backup create --path {shlex.quote(call.path)}"
                raise UsageError(f"There is no backup at {path}.", hint=hint)
            return path, None
        if call.cid is not None:
            return None, parse_cid(call.cid)
        if self._last is None:
            raise UsageError("There is no backup yet.", hint="make one: stardust backup create --path me.car")
        if self._last.path is None:
            return None, Cid(self._last.cid)
        if not Path(self._last.path).exists():
            raise UsageError(
                f"The newest backup was written to {self._last.path}, and is not there any more.",
                hint="name where it is: stardust backup verify --path FILE; "
                "or make another: stardust backup create --path FILE",
            )
        return Path(self._last.path), None

    def _verify(self, path: Path | None, cid: Cid | None) -> Verified:
        with source_of(path, cid, self._core.config.ipfs.api) as source:
            return open_backup(source, account=self._core.account, key=self._key).verify()


@contextlib.contextmanager
def source_of(path: Path | None, cid: Cid | None, ipfs: str) -> Iterator[BlockSource]:
    """The CAR file ``path``, else the root ``cid`` on the IPFS node."""
    if path is not None:
        from stardust.backup.files import FileSource

        with FileSource(path) as file:
            yield file
        return
    assert cid is not None
    from stardust.backup.ipfs import IpfsNode, IpfsSource

    with IpfsNode(ipfs) as node, IpfsSource(node, cid) as remote:
        yield remote
