"""Commands about oneself: init, login, whoami, profile, revoke."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stardust.cli import display, secret
from stardust.cli.app import App, Command, pass_app
from stardust.errors import LocalError, UnavailableError, UsageError
from stardust.tui.text import printable

if TYPE_CHECKING:
    from stardust.api.types import Device, Login, Whoami
    from stardust.daemon.setup import Created

MAX_KEYSTORE = 16 * 1024
MAX_AVATAR = 32 * 1024


@click.command(cls=Command)
@click.option("--name", "nickname", default="", metavar="NAME", help="What others see as your name.")
@click.option(
    "--words", type=click.Choice(["12", "24"]), default="12", help="Length of a new recovery phrase."
)
@click.option(
    "--scheme", type=click.Choice(["sr25519", "ed25519"]), default="sr25519", help="Kind of account key."
)
@click.option(
    "--phrase", "phrase", is_flag=True, help="Import: ask for a recovery phrase (with //path if any)."
)
@click.option(
    "--phrase-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Import: read the recovery phrase from a file.",
)
@click.option(
    "--account-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Import: a polkadot-js account file (JSON).",
)
@click.option("--dev", "dev_uri", metavar="URI", help="Import a development account such as //Alice.")
@click.option(
    "--node", "nodes", multiple=True, metavar="URL", help="Chain node (ws:// or wss://); may be repeated."
)
@click.option(
    "--network",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Chain spec of a network: be its light client, and believe no node.",
)
@click.option("--ipfs", metavar="URL", help="API of an IPFS node, for backups there.")
@secret.account_passphrase_option
@secret.passphrase_option
@pass_app
def init(
    app: App,
    nickname: str,
    words: str,
    scheme: str,
    phrase: bool,
    phrase_file: Path | None,
    account_file: Path | None,
    dev_uri: str | None,
    nodes: tuple[str, ...],
    network: Path | None,
    ipfs: str | None,
    account_passphrase_file: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Make or import an account in the home folder.

    Without an import option a new account is made, and its recovery phrase is shown once.
    The passphrase seals the account key and this device's keys.
    """
    from stardust.daemon import setup
    from stardust.daemon.home import Home

    if sum(bool(way) for way in (phrase, phrase_file, account_file, dev_uri)) > 1:
        raise UsageError("Choose one way to import an account.", hint="stardust init --help")
    if dev_uri is not None and not dev_uri.startswith("//"):
        raise UsageError(f"{dev_uri!r} is no development account.", hint="they are written like //Alice")
    if account_passphrase_file and not account_file:
        raise UsageError("There is no account file to open.", hint="name it with --account-file FILE")
    Home.at(app.where).require_free()
    setup.config_for(Home.at(app.where), nodes, None, ipfs, network)  # before a secret is asked for
    common: dict[str, Any] = {"nodes": nodes, "network": network, "name": nickname, "ipfs": ipfs}
    if account_file:
        data = _read(account_file, MAX_KEYSTORE)
        opened = secret.account_passphrase(app, account_passphrase_file)
        own = secret.passphrase(app, passphrase_file, prompt="New passphrase", new=True)
        created = setup.import_account_file(app.where, data, opened, own, **common)
    elif phrase or phrase_file or dev_uri:
        uri = dev_uri or secret.phrase(app, phrase_file)
        own = secret.passphrase(app, passphrase_file, prompt="New passphrase", new=True)
        dev = dev_uri is not None
        created = setup.import_account(app.where, uri, own, scheme=_scheme(scheme), dev=dev, **common)
    else:
        own = secret.passphrase(app, passphrase_file, prompt="New passphrase", new=True)
        created = setup.create_account(app.where, own, words=int(words), scheme=_scheme(scheme), **common)
    _show_created(app, created)


def _scheme(name: str) -> Any:
    return name  # click has checked it


def _read(file: Path, limit: int) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(limit + 1)
    except OSError as error:
        raise LocalError(f"{file} cannot be read: {error.strerror}.") from None
    if len(data) > limit:
        raise UsageError(f"{file} is larger than {limit} bytes.")
    return data


def _show_created(app: App, created: Created) -> None:
    result = {
        "address": created.address,
        "device": created.device,
        "home": str(created.home),
        "phrase": created.phrase,
    }

    def text() -> None:
        display.done(f"account {display.style(created.address, bold=True)} in {created.home}")
        if created.phrase:
            _show_phrase(created.phrase)
        display.say(f"\nGo on with: {display.style(app.typed('up'), bold=True)}, then {app.typed('login')}")

    app.show(result, text)


def _show_phrase(phrase: str) -> None:
    words = phrase.split()
    display.say("\nYour recovery phrase. It is shown this once; write it down, on paper:\n")
    for row in range(0, len(words), 4):
        cells = (f"{number + 1:>4} {words[number]:<10}" for number in range(row, row + 4))
        display.say(display.style("".join(cells), fg="cyan", bold=True))
    display.say("\nWho has it can be you. Without it, a lost machine is a lost account.")


@click.command(cls=Command)
@secret.passphrase_option
@pass_app
def login(app: App, passphrase_file: Path | None) -> None:
    """Bring this device on chain under the account.

    The account key signs a certificate for this device; a new account is registered with a
    small proof of work, and needs no money. The daemon must be running.
    """
    from stardust.api.calls import IdentityLogin, IdentityWhoami

    def call(phrase: str) -> Login:
        return app.call(IdentityLogin(passphrase=phrase))

    # Without a key here there is nothing to open; the daemon says what is missing.
    wanted = app.call(IdentityWhoami()).has_account_key
    result = secret.with_account_key(app, passphrase_file, call) if wanted else call("")
    said = {
        "register": f"registered {result.address} in block {result.block}",
        "add_device": f"added this device to {result.address} in block {result.block}",
        "none": f"this device is registered already, for {result.address}",
    }
    app.show(result, lambda: display.done(said[result.call]))


def _on_chain(who: Whoami) -> str:
    if who.revoked:
        return "no longer: it was revoked, or the chain began anew"
    return "yes" if who.registered else "no; stardust login"


@click.command(cls=Command)
@pass_app
def whoami(app: App) -> None:
    """Show account, device and the account's other devices."""
    from stardust.api.calls import IdentityWhoami

    who = app.call(IdentityWhoami())

    def text() -> None:
        display.facts(
            [
                ("name", display.name(who.nickname)),
                ("account", f"{who.address} {display.dim(who.scheme)}"),
                ("device", f"{who.device[:16]}…"),
                ("on chain", _on_chain(who)),
                ("account key", "in this home, sealed" if who.has_account_key else "kept elsewhere"),
            ]
        )
        if who.devices:
            display.say()
            rows = [[one.device, str(one.added), "✓" if one.this else ""] for one in who.devices]
            display.table(["devices", "since block", "this one"], rows)

    app.show(who, text)


@click.command(cls=Command)
@click.option("--name", "nickname", metavar="NAME", help="New nickname.")
@click.option("--bio", metavar="TEXT", help="New line about yourself.")
@click.option(
    "--avatar",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="PNG, JPEG or WebP to 32 KiB.",
)
@click.option("--no-avatar", is_flag=True, help="Take the picture away.")
@pass_app
def profile(app: App, nickname: str | None, bio: str | None, avatar: Path | None, no_avatar: bool) -> None:
    """Show or change nickname, description and picture. Contacts get it, sealed; the chain does not."""
    from stardust.api.calls import IdentityProfileGet, IdentityProfileSet

    current = app.call(IdentityProfileGet())
    if nickname is not None or bio is not None or avatar or no_avatar:
        picture = _read(avatar, MAX_AVATAR) if avatar else (b"" if no_avatar else current.avatar)
        current = app.call(
            IdentityProfileSet(
                nickname=current.nickname if nickname is None else nickname,
                bio=current.bio if bio is None else bio,
                avatar=picture,
            )
        )

    def text() -> None:
        picture = f"{len(current.avatar)} bytes" if current.avatar else "none"
        rows = [
            ("name", display.name(current.nickname)),
            ("bio", printable(current.bio)),
            ("picture", picture),
        ]
        display.facts(rows)

    app.show(current, text)


@click.command(cls=Command)
@click.argument("device")
@secret.passphrase_option
@pass_app
def revoke(app: App, device: str, passphrase_file: Path | None) -> None:
    """Take a lost or old device off the chain. DEVICE as whoami shows it, or its beginning."""
    from stardust.api.calls import IdentityRevokeDevice, IdentityWhoami

    if not re.fullmatch(r"[0-9a-f]{8,64}", device.lower()):
        raise UsageError(
            "A device is named by at least the first 8 of its hex digits.", hint="see: stardust whoami"
        )
    found = _device(app, app.call(IdentityWhoami()), device.lower())

    def call(phrase: str | None) -> None:
        app.call(IdentityRevokeDevice(device=found.device, passphrase=phrase))

    if found.this:
        call(None)
    else:
        secret.with_account_key(app, passphrase_file, call)
    app.show({"revoked": found.device}, lambda: display.done(f"device {found.device[:16]}… is off the chain"))


def _device(app: App, who: Whoami, beginning: str) -> Device:
    """The one device on chain that begins so."""
    from stardust.api.calls import SystemStatus

    found = [one for one in who.devices if one.device.startswith(beginning)]
    if len(found) == 1:
        return found[0]
    chain = app.call(SystemStatus()).chain
    if not chain.connected:
        raise UnavailableError(chain.problem, hint="see: stardust doctor")
    if found:
        raise UsageError("More than one device begins so.", hint="see: stardust whoami")
    raise UsageError("There is no such device of this account on chain.", hint="see: stardust whoami")
