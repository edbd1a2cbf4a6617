"""Account and history from a backup to a new home folder, without a daemon."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nacl import utils

from stardust.backup.blocks import BlockSource, Cid, cid_text
from stardust.backup.errors import BackupForeignError, BackupUncheckedError
from stardust.backup.files import FileSource
from stardust.backup.ipfs import IpfsNode, IpfsSource
from stardust.backup.keys import SUBKEY_LABEL
from stardust.backup.reading import Backup, Verified, check_newest, open_backup
from stardust.backup.restoring import restore as restore_history
from stardust.backup.rows import SettingRow
from stardust.chain.errors import ChainUnavailableError
from stardust.chain.port import BackupHead
from stardust.daemon import vault
from stardust.daemon.chains import open_chain
from stardust.daemon.config import Config
from stardust.daemon.home import Home, write_private
from stardust.daemon.services.backup import ACCOUNT_SETTING, BackupService, LastBackup
from stardust.daemon.setup import SchemeName, config_for, furnishing
from stardust.errors import UnavailableError, UsageError
from stardust.history.store import open_store
from stardust.identity.accounts import AccountKey
from stardust.identity.address import from_address, to_address
from stardust.identity.devices import DeviceKeys
from stardust.identity.keystore import export_keystore, import_keystore
from stardust.identity.records import Scheme
from stardust.wire.ids import AccountId

CHAIN_LIMIT: Final = 20.0
"""Seconds to wait for the chain's word on the newest backup."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A home with its history, ready for its daemon; the new device is not on chain yet."""

    home: Path
    address: str
    device: str
    """Hex."""
    cid: str
    sequence: int
    messages: int
    contacts: int
    newest: bool | None
    """Whether the chain knows of no newer one; None when it does not know this account's backups, or
    could not be asked."""
    whole: bool
    """False: the backup holds a selection of the history."""
    account_key: bool
    """Whether the account key came back too; else it has to be imported before ``login``."""


@dataclass(frozen=True, slots=True)
class _Owner:
    """Who wants a backup back, and with what."""

    account: AccountId
    scheme: Scheme
    key: AccountKey | None
    passphrase: str


def restore(
    home: Path | None,
    passphrase: str,
    *,
    source: Path | None = None,
    address: str | None = None,
    phrase: str | None = None,
    scheme: SchemeName = "sr25519",
    nodes: Sequence[str] = (),
    ipfs: str | None = None,
    network: Path | None = None,
    older: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Restored:
    """By recovery ``phrase`` (``passphrase`` is then the new one of this machine) or by ``address`` and
    the backup's own ``passphrase``, from the CAR file ``source`` or from IPFS by the chain's word.

    ``older``: also a backup that the chain knows a newer one of, or cannot be asked about. ``say`` is told
    what is being done.
    Everything is verified before anything is written; the vault comes last, and without it there is
    no account here. Raises ``UsageError``, ``UnavailableError`` and everything that ``open_backup``,
    ``check_newest`` and ``restoring.restore`` raise, ``BackupUncheckedError``; then the home is as it was.
    """
    where = Home.at(home)
    config = config_for(where, nodes, None, ipfs, network)
    owner = _owner(address, phrase, scheme, passphrase)
    where.require_free()
    say("asking the chain for the newest backup")
    head, problem = asyncio.run(_chain_head(where, config, owner.account))
    with _source(source, head, problem, config) as blocks:
        say(f"reading and checking {source or 'the backup on IPFS'}")
        backup = _open(blocks, owner)
        verified = backup.verify()
        newest = _check_newest(verified, head, problem, older)
        last = _last(verified, head, source)
        key = owner.key or _account_key(backup, owner)
        say(f"writing {verified.messages} messages")
        return _furnish(where, config, owner, key, backup, verified, newest, last)


def _owner(address: str | None, phrase: str | None, scheme: SchemeName, passphrase: str) -> _Owner:
    if phrase is not None:
        key = AccountKey.from_uri(phrase, scheme=Scheme(scheme))
        return _Owner(key.account, key.scheme, key, passphrase)
    if address is None:
        raise UsageError("A backup opens by recovery phrase, or by address and passphrase.")
    if not passphrase:
        raise UsageError("Without a passphrase, a backup opens by the recovery phrase only.")
    return _Owner(from_address(address), Scheme(scheme), None, passphrase)


async def _chain_head(home: Home, config: Config, account: AccountId) -> tuple[BackupHead | None, str | None]:
    """What the chain names as the newest backup; else why it could not be asked."""
    genesis = bytes.fromhex(config.chain.genesis[2:]) if config.chain.genesis else None
    chain = open_chain(home, config, genesis)
    try:
        async with asyncio.timeout(CHAIN_LIMIT):
            await chain.connect()
            return await chain.backup(account), None
    except ChainUnavailableError as error:
        return None, str(error)
    except TimeoutError:
        return None, "The chain did not answer in time."
    finally:
        await chain.close()


@contextlib.contextmanager
def _source(
    path: Path | None, head: BackupHead | None, problem: str | None, config: Config
) -> Iterator[BlockSource]:
    if path is not None:
        with FileSource(path) as file:
            yield file
        return
    if problem is not None:
        raise UnavailableError(
            f"Where the backup lies is written on chain, which cannot be asked: {problem}",
            hint="name a node with --node, or the backup's file with --from",
        )
    if head is None:
        raise UsageError(
            "The chain knows no backup of this account.", hint="name the backup's file with --from"
        )
    with IpfsNode(config.ipfs.api) as node, IpfsSource(node, Cid(head.cid)) as remote:
        yield remote


def _open(blocks: BlockSource, owner: _Owner) -> Backup:
    if owner.key is not None:
        return open_backup(blocks, account=owner.account, subkey=owner.key.subkey(SUBKEY_LABEL))
    return open_backup(blocks, account=owner.account, passphrase=owner.passphrase)


def _check_newest(
    verified: Verified, head: BackupHead | None, problem: str | None, older: bool
) -> bool | None:
    if problem is not None and not older:
        raise BackupUncheckedError(
            f"Whether this is the newest backup is written on chain, which cannot be asked: {problem}",
            hint="name a node with --node, or take it as it is with --older",
        )
    # A selection is never named there.
    if head is None and verified.whole and not older:
        raise BackupUncheckedError(
            "The chain that was asked knows no backup of this account, so whether this is the newest cannot "
            "be told.",
            hint="name another node with --node, or take it as it is with --older",
        )
    if older and head is not None and head.sequence > verified.sequence:
        return False
    return check_newest(verified, head)


def _last(verified: Verified, head: BackupHead | None, source: Path | None) -> LastBackup | None:
    """The newest whole backup that is known of now: the next one gets a greater number."""
    if head is not None and (head.sequence > verified.sequence or not verified.whole):
        return LastBackup("ipfs", head.cid, head.sequence, head.digest, verified.made_at, True, None)
    if not verified.whole:
        return None
    return LastBackup(
        to="file" if source else "ipfs",
        cid=verified.cid,
        sequence=verified.sequence,
        digest=verified.key.anchor(verified.cid, verified.sequence),
        at=verified.made_at,
        anchored=head is not None and head.sequence == verified.sequence,
        path=str(source.absolute()) if source else None,
    )


def _account_key(backup: Backup, owner: _Owner) -> AccountKey | None:
    """The account key that the backup holds as a sealed file, if the home had one."""
    for row in backup.rows("settings"):
        if isinstance(row, SettingRow) and row.key == ACCOUNT_SETTING:
            key = import_keystore(row.value, owner.passphrase)
            if key.account != owner.account:
                raise BackupForeignError("The account key in this backup is another account's.")
            return key
    return None


def _furnish(
    home: Home,
    config: Config,
    owner: _Owner,
    key: AccountKey | None,
    backup: Backup,
    verified: Verified,
    newest: bool | None,
    last: LastBackup | None,
) -> Restored:
    device = DeviceKeys.create()
    by_phrase = owner.key is not None
    backup_key = verified.key.with_passphrase(owner.passphrase) if by_phrase else verified.key
    secrets = vault.Secrets(
        account=owner.account,
        scheme=(key.scheme if key else owner.scheme).value,
        device=device.to_bytes(),
        database=utils.random(32),
        pickle=utils.random(32),
        backup=backup_key.to_bytes(),
    )
    with furnishing(home, config):
        restore_history(backup, home.database, secrets.database)
        if last is not None:
            _remember(home, secrets, last)
        if key is not None:
            write_private(home.account, export_keystore(key, owner.passphrase))
        vault.seal(home, secrets, owner.passphrase)
    return Restored(
        home=home.path,
        address=to_address(owner.account),
        device=device.device.hex(),
        cid=cid_text(verified.cid),
        sequence=verified.sequence,
        messages=verified.messages,
        contacts=verified.contacts,
        newest=newest,
        whole=verified.whole,
        account_key=key is not None,
    )


def _remember(home: Home, secrets: vault.Secrets, last: LastBackup) -> None:
    store = open_store(home.database, secrets.database)
    try:
        BackupService.remember_last(store, last)
    finally:
        store.close()
