"""What is done without a daemon: making, importing and exporting an account in a home folder.

Nothing here needs the chain: the device comes on chain by ``identity.login``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from stardust.chain.light.spec import read_spec
from stardust.daemon import vault
from stardust.daemon.config import ChainConfig, Config, IpfsConfig, load, render
from stardust.daemon.errors import AccountKeyMissingError, ConfigError
from stardust.daemon.home import Home, write_private
from stardust.errors import LocalError, WrongPassphraseError
from stardust.history.store import open_store
from stardust.identity.accounts import AccountKey
from stardust.identity.devices import DeviceKeys
from stardust.identity.errors import OWN_ACCOUNT, DevAccountError
from stardust.identity.keystore import export_keystore, import_keystore
from stardust.identity.profiles import sign_profile
from stardust.identity.records import Scheme
from stardust.wire.explain import explain
from stardust.wire.items import Profile

SchemeName = Literal["sr25519", "ed25519"]


@dataclass(frozen=True, slots=True)
class Created:
    """A home that is ready for its daemon."""

    home: Path
    address: str
    device: str
    """Hex."""
    phrase: str | None = field(default=None, repr=False)
    """Shown once: it is kept nowhere. None for an imported account."""


def needs_passphrase(home: Path | None = None) -> bool:
    """Whether the daemon has to be given a passphrase to start. ``NoHomeError`` and what else can be said
    before: ``KeysMissingError``, ``DatabaseMissingError``."""
    where = Home.at(home)
    where.require()
    where.require_history()
    return vault.needs_passphrase(where)


def create_account(
    home: Path | None,
    passphrase: str,
    *,
    words: int = 12,
    scheme: SchemeName = "sr25519",
    name: str = "",
    nodes: Sequence[str] = (),
    genesis: str | None = None,
    ipfs: str | None = None,
    network: Path | None = None,
) -> Created:
    """A new account and this device's keys. An empty passphrase leaves the device's keys to this
    machine's file rights alone. ``name`` is the nickname; ``nodes``, ``genesis``, ``ipfs`` (URL of
    the RPC API) and ``network`` (a chain spec, of which a copy is kept) go into ``config.toml``."""
    where = Home.at(home)
    config = config_for(where, nodes, genesis, ipfs, network)
    key, phrase = AccountKey.create(words=words, scheme=Scheme(scheme))
    return _furnish(where, key, passphrase, config, name, phrase)


def import_account(
    home: Path | None,
    secret: str,
    passphrase: str,
    *,
    scheme: SchemeName = "sr25519",
    dev: bool = False,
    name: str = "",
    nodes: Sequence[str] = (),
    genesis: str | None = None,
    ipfs: str | None = None,
    network: Path | None = None,
) -> Created:
    """The account of a recovery phrase, with derivation steps if any; ``//Alice`` only with ``dev``, and
    not on a ``network`` that is live."""
    where = Home.at(home)
    config = config_for(where, nodes, genesis, ipfs, network)
    key = AccountKey.from_uri(secret, scheme=Scheme(scheme), dev=dev)
    _check_known(where, config, key)
    return _furnish(where, key, passphrase, config, name, None)


def import_account_file(
    home: Path | None,
    data: bytes,
    file_passphrase: str,
    passphrase: str,
    *,
    name: str = "",
    nodes: Sequence[str] = (),
    genesis: str | None = None,
    ipfs: str | None = None,
    network: Path | None = None,
) -> Created:
    """The account of a polkadot-js JSON file; ``DevAccountError`` as ``import_account``."""
    where = Home.at(home)
    config = config_for(where, nodes, genesis, ipfs, network)
    key = import_keystore(data, file_passphrase)
    _check_known(where, config, key)
    return _furnish(where, key, passphrase, config, name, None)


def _check_known(home: Home, config: Config, key: AccountKey) -> None:
    """What can be said before a chain is asked (which login does): ``DevAccountError``."""
    if key.known and config.chain.spec is not None and read_spec(home.path / config.chain.spec).live:
        raise DevAccountError(hint=OWN_ACCOUNT)


def export_account_file(home: Path | None, passphrase: str) -> bytes:
    """The account as polkadot-js JSON, under the same passphrase. ``WrongPassphraseError``."""
    return export_keystore(read_account_key(Home.at(home), passphrase), passphrase)


def read_account_key(home: Home, passphrase: str) -> AccountKey:
    """The account key of ``home``. About 0.3 s of scrypt."""
    require_account_key(home)
    try:
        data = home.account.read_bytes()
    except OSError as error:
        raise LocalError(f"The account key cannot be read: {error.strerror}.") from None
    try:
        return import_keystore(data, passphrase)
    except WrongPassphraseError:
        raise WrongPassphraseError(hint=f"it is the one that opens {home.account}") from None


def require_account_key(home: Home) -> None:
    """``NoHomeError``, ``AccountKeyMissingError``."""
    home.require()
    if not home.account.exists():
        raise AccountKeyMissingError(hint="it was kept elsewhere: import it on this machine first")


def config_for(
    home: Home,
    nodes: Sequence[str],
    genesis: str | None,
    ipfs: str | None,
    network: Path | None = None,
) -> Config:
    """The defaults with what the person named; a ``config.toml`` that is there stays as it is, and has
    to say the same. ``ConfigError``, ``ChainSpecError``."""
    spec = None if network is None else str(read_spec(network.absolute()).path)
    chain = ChainConfig(nodes=tuple(nodes) or ChainConfig().nodes, genesis=genesis, spec=spec)
    chosen = Config(chain=chain, ipfs=IpfsConfig(ipfs) if ipfs else IpfsConfig())
    try:
        chosen = msgspec.convert(msgspec.to_builtins(chosen), Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"This cannot be used: {explain(error, Config)}.") from None
    if not home.config.exists():
        return chosen
    there = load(home.config)
    for name, named, known in (
        ("chain.nodes", tuple(nodes), there.chain.nodes),
        ("chain.genesis", genesis, there.chain.genesis),
        ("chain.spec", spec, there.chain.spec),
        ("ipfs.api", ipfs, there.ipfs.api),
    ):
        if named and named != known:
            raise ConfigError(
                f"{home.config} is there already, and has another {name}.",
                hint="change it there, or remove that file",
            )
    return there


@contextlib.contextmanager
def furnishing(home: Home, config: Config) -> Iterator[None]:
    """``Home.furnishing``, with a ``config.toml`` unless the person has one."""
    with home.furnishing():
        own = home.config.exists()
        try:
            if not own:
                write_config(home, config)
            yield
        except BaseException:
            if not own:
                home.config.unlink(missing_ok=True)
                home.network.unlink(missing_ok=True)
            raise


def write_config(home: Home, config: Config) -> None:
    """Into ``home``, with a copy of the chain spec, so that it does not matter where that came from."""
    if config.chain.spec is not None:
        write_private(home.network, read_spec(Path(config.chain.spec)).text.encode())
        kept = msgspec.structs.replace(config.chain, spec=home.network.name)
        config = msgspec.structs.replace(config, chain=kept)
    write_private(home.config, render(config).encode())


def _furnish(
    home: Home, key: AccountKey, passphrase: str, config: Config, name: str, phrase: str | None
) -> Created:
    """The vault comes last: without it there is no account here."""
    device = DeviceKeys.create()
    secrets = vault.new_secrets(key, device, passphrase)
    with furnishing(home, config):
        write_private(home.account, export_keystore(key, passphrase))
        _first_profile(home, secrets, name)
        vault.seal(home, secrets, passphrase)
    return Created(home.path, key.address, device.device.hex(), phrase)


def _first_profile(home: Home, secrets: vault.Secrets, name: str) -> None:
    store = open_store(home.database, secrets.database, create=True)
    try:
        if name:
            profile = Profile(secrets.account, 1, name, "", b"")
            sign_profile(profile, DeviceKeys.from_bytes(secrets.device))  # refuses what others would
            store.contacts.save_profile(profile)
    finally:
        store.close()
