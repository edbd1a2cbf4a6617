"""Commands about what is kept: backup with its subcommands, restore, export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import click

from stardust.cli import display, secret
from stardust.cli.app import App, Command, Group, contact_names, global_options, pass_app
from stardust.errors import LocalError, UsageError

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(cls=Group, params=global_options(), context_settings={"help_option_names": ["-h", "--help"]})
def backup() -> None:
    """Make, show and check backups: sealed blocks in a file, or on IPFS."""


@backup.command("create", short_help="Back up everything, or a selection.")
@click.option(
    "--to", type=click.Choice(["file", "ipfs"]), default="file", show_default=True, help="Where to."
)
@click.option("--path", type=FILE, metavar="FILE", help="The CAR file to write.")
@click.option(
    "--with", "contact", metavar="CONTACT", shell_complete=contact_names, help="Only this conversation."
)
@click.option(
    "--message", "messages", multiple=True, metavar="ID", help="Only this message; may be repeated."
)
@pass_app
def create(
    app: App, to: Literal["file", "ipfs"], path: Path | None, contact: str | None, messages: tuple[str, ...]
) -> None:
    """Back up everything and anchor it on chain; or a selection, to a file only."""
    from stardust.api.calls import BackupCreate
    from stardust.tui.text import size

    if to == "file" and path is None:
        raise UsageError(
            "A backup to a file needs a name for it.", hint="stardust backup create --path me.car"
        )
    where = str(path.expanduser().absolute()) if path else None
    made = app.call(BackupCreate(to=to, path=where, contact=contact, messages=messages))

    def text() -> None:
        held = display.count(made.messages, "message")
        display.done(f"{held} in {size(made.bytes)}, {size(made.new_bytes)} of it new")
        anchored = "on chain" if made.anchored else f"not on chain yet: {made.anchor_problem}"
        if contact or messages:
            anchored = "a selection, of which the chain is not told"
        display.facts(
            [("number", f"{made.sequence}, {anchored}"), ("root", made.cid), ("file", made.path or "")]
        )

    app.show(made, text)


@backup.command("status")
@pass_app
def backup_status(app: App) -> None:
    """Show the newest backup."""
    from stardust.api.calls import BackupStatus
    from stardust.tui.text import when

    info = app.call(BackupStatus())

    def text() -> None:
        if info.sequence is None:
            display.say("There is no backup yet. Make one: stardust backup create --path me.car")
            return
        display.facts(
            [
                ("number", str(info.sequence)),
                ("made", when(info.at) if info.at else ""),
                ("root", info.cid or ""),
                ("file", info.path or ""),
                ("on chain", "yes" if info.anchored else "no"),
                ("messages since", "" if info.changed_since is None else str(info.changed_since)),
            ]
        )

    app.show(info, text)


@backup.command("verify")
@click.option("--path", type=FILE, metavar="FILE", help="A CAR file (else the newest backup).")
@click.option("--cid", metavar="CID", help="A root on IPFS.")
@pass_app
def verify(app: App, path: Path | None, cid: str | None) -> None:
    """Read a whole backup and check every block."""
    from stardust.api.calls import BackupVerify
    from stardust.tui.text import size

    where = str(path.expanduser().absolute()) if path else None
    report = app.call(BackupVerify(path=where, cid=cid))
    newest = {
        True: ", the newest",
        False: ", NOT the newest: the chain knows a later one",
        None: "; the chain does not say whether it is the newest",
    }

    def text() -> None:
        display.done(f"every block is good: {report.blocks} blocks, {size(report.bytes)}")
        display.facts(
            [
                ("number", f"{report.sequence}{newest[report.newest]}"),
                ("messages", f"{report.messages:,}"),
                ("contacts", f"{report.contacts:,}"),
            ]
        )

    app.show(report, text)


@click.command(cls=Command)
@click.option(
    "--from", "source", type=FILE, metavar="FILE", help="A CAR file (else the newest backup, from IPFS)."
)
@click.option("--address", metavar="ADDRESS", help="Open it by passphrase, as this account.")
@click.option(
    "--phrase-file", type=FILE, metavar="FILE", help="Read the recovery phrase from a file, not a prompt."
)
@click.option(
    "--scheme",
    type=click.Choice(["sr25519", "ed25519"]),
    default="sr25519",
    show_default=True,
    help="Kind of account key that the phrase belongs to.",
)
@click.option(
    "--node", "nodes", multiple=True, metavar="URL", help="Chain node (ws:// or wss://); may be repeated."
)
@click.option(
    "--network",
    type=FILE,
    metavar="FILE",
    help="Chain spec of a network: be its light client, and believe no node.",
)
@click.option("--ipfs", metavar="URL", help="API of the IPFS node that has the backup.")
@click.option("--older", is_flag=True, help="Also a backup that may not be the newest.")
@secret.passphrase_option
@pass_app
def restore(
    app: App,
    source: Path | None,
    address: str | None,
    phrase_file: Path | None,
    scheme: Literal["sr25519", "ed25519"],
    nodes: tuple[str, ...],
    network: Path | None,
    ipfs: str | None,
    older: bool,
    passphrase_file: Path | None,
) -> None:
    """Get account and history back on a new machine.

    By recovery phrase, or by --address and passphrase. Everything is checked before anything is
    written; the passphrase seals the new home. Afterwards: stardust up, stardust login.
    """
    from stardust.daemon import logs, setup
    from stardust.daemon.home import Home
    from stardust.daemon.restoring import restore as restore_home

    logs.keep_quiet()
    if address and phrase_file:
        raise UsageError("Choose one way: the recovery phrase, or address and passphrase.")
    Home.at(app.where).require_free()
    source = source.expanduser().absolute() if source else None
    if source and not source.is_file():
        raise UsageError(f"There is no file {source}.")
    setup.config_for(Home.at(app.where), nodes, None, ipfs, network)  # before a secret is asked for
    phrase = None if address else secret.phrase(app, phrase_file)
    own = secret.passphrase(app, passphrase_file, prompt="Passphrase", new=phrase is not None)
    made = restore_home(
        app.where,
        own,
        source=source,
        address=address,
        phrase=phrase,
        scheme=scheme,
        nodes=nodes,
        network=network,
        ipfs=ipfs,
        older=older,
        say=_progress(app),
    )

    def text() -> None:
        display.done(
            f"{display.count(made.messages, 'message')} with {display.count(made.contacts, 'contact')}, "
            f"from backup number {made.sequence}"
        )
        display.facts([("account", made.address), ("home", str(made.home))])
        if not made.whole:
            words = "This is a part of a history: the backup was made of a selection."
            display.say(display.style(words, fg="yellow"))
        if made.newest is False:
            display.say(
                display.style("This is not the newest backup: the chain knows a later one.", fg="yellow")
            )
        elif made.newest is None:
            display.say(display.style("Whether this is the newest backup is not known.", fg="yellow"))
        if not made.account_key:
            display.say(
                display.style(
                    "The account key is not in this backup. To sign in with this machine, copy its "
                    f"polkadot-js file to {made.home / 'account.json'}.",
                    fg="yellow",
                )
            )
        display.say(f"\nGo on with: {display.style(app.typed('up'), bold=True)}, then {app.typed('login')}")

    app.show(made, text)


def _progress(app: App) -> Callable[[str], None]:
    """What is being done, for a person who waits."""
    return (lambda _: None) if app.json else (lambda sentence: click.echo(display.dim(sentence), err=True))


@click.command(cls=Command)
@click.argument("path", type=FILE)
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="json", show_default=True)
@click.option(
    "--with", "contact", metavar="CONTACT", shell_complete=contact_names, help="Only this conversation."
)
@click.option("--account", is_flag=True, help="Write the account key instead, as a polkadot-js file.")
@secret.passphrase_option
@pass_app
def export(
    app: App,
    path: Path,
    form: Literal["json", "text"],
    contact: str | None,
    account: bool,
    passphrase_file: Path | None,
) -> None:
    """Write the history in the clear to a new file PATH that only you can read.

    With --account: the account key, sealed under its passphrase, as wallets import it.
    """
    where = path.expanduser().absolute()
    if account:
        _export_account(app, where, passphrase_file)
        return
    from stardust.api.calls import ExportRun

    done = app.call(ExportRun(path=str(where), format=form, contact=contact))
    app.show(done, lambda: display.done(f"{display.count(done.messages, 'message')} in {done.path}"))


def _export_account(app: App, path: Path, passphrase_file: Path | None) -> None:
    from stardust.daemon import setup
    from stardust.daemon.home import Home

    setup.require_account_key(Home.at(app.where))
    if path.exists():
        raise UsageError(f"{path} exists already.", hint="choose another name")
    data = secret.with_account_key(
        app, passphrase_file, lambda phrase: setup.export_account_file(app.where, phrase)
    )
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(data)
    except FileExistsError:
        raise UsageError(f"{path} exists already.", hint="choose another name") from None
    except OSError as error:
        raise LocalError(f"{path} cannot be written: {error.strerror}.") from None
    app.show({"path": str(path)}, lambda: display.done(f"account key in {path}"))
