"""Passphrases and phrases from a person or a script; never from the command line, where others see them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from stardust.cli.app import App
from stardust.cli.display import style
from stardust.errors import LocalError, StardustError, UsageError, WrongPassphraseError

R = TypeVar("R")

FILE_VARIABLE = "STARDUST_PASSPHRASE_FILE"
VARIABLE = "STARDUST_PASSPHRASE"
ACCOUNT_FILE_VARIABLE = "STARDUST_ACCOUNT_PASSPHRASE_FILE"
ACCOUNT_VARIABLE = "STARDUST_ACCOUNT_PASSPHRASE"
MAX_SECRET = 1024
_FILE_HINT = "--passphrase-file FILE"
_JUDGED = 72
"""Characters of a passphrase by which it is judged: zxcvbn takes long for more."""
_STRONG = 3
"""Of zxcvbn's scores from 0 to 4."""

passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"Read the passphrase from a file (else ${FILE_VARIABLE}, ${VARIABLE}, else a prompt).",
)
account_passphrase_option = click.option(
    "--account-passphrase-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"Of the account file: read its passphrase from a file (else ${ACCOUNT_FILE_VARIABLE}, "
    f"${ACCOUNT_VARIABLE}, else a prompt).",
)


def passphrase(app: App, file: Path | None, *, prompt: str = "Passphrase", new: bool = False) -> str:
    """The passphrase of file, environment or prompt. A ``new`` one is asked for twice, and what is weak
    about it is said. ``UsageError`` without a person."""
    found = _given(file, FILE_VARIABLE, VARIABLE)
    if found is None:
        return _chosen(app, prompt) if new else ask(app, prompt, hint=_FILE_HINT)
    if new:
        _warn(app, weakness(found))
    return found


def _chosen(app: App, prompt: str) -> str:
    """By the person, who insists when it is a weak one."""
    while True:
        found = ask(app, prompt, hint=_FILE_HINT, new=True)
        weak = weakness(found)
        _warn(app, weak)
        if weak is None or click.confirm("Use it all the same?" if found else "Go on without?", err=True):
            return found


def _warn(app: App, what: str | None) -> None:
    if what is not None and not app.json:
        text = click.wrap_text(what, shutil.get_terminal_size().columns - 2, subsequent_indent="  ")
        click.echo(f"{style('!', fg='yellow')} {text}", err=True)


def weakness(passphrase: str) -> str | None:
    """What follows from a passphrase that is missing or easily guessed: within 10⁸ tries, by zxcvbn."""
    from zxcvbn import zxcvbn

    if not passphrase:
        return (
            "Without a passphrase, whoever can read the files of this home has the account. Its backups open "
            "with the recovery phrase alone."
        )
    if zxcvbn(passphrase[:_JUDGED])["score"] >= _STRONG:
        return None
    return (
        "This passphrase is easily guessed. Whoever has a backup, on IPFS everybody, may try as many as they "
        "like, and with the right one has the messages and the account. Some words that do not belong "
        "together are better."
    )


def account_passphrase(app: App, file: Path | None) -> str:
    """The one under which an account file was written, in the same ways."""
    found = _given(file, ACCOUNT_FILE_VARIABLE, ACCOUNT_VARIABLE)
    if found is None:
        found = ask(app, "Passphrase of the account file", hint="--account-passphrase-file FILE")
    return found


def with_account_key(app: App, file: Path | None, use: Callable[[str], R]) -> R:
    """``use`` with the passphrase of the account key. In a home without one nobody is asked, unless the
    key came there by hand and has one of its own."""
    from stardust.daemon.home import Home

    if Home.at(app.where).unlock.exists():
        try:
            return use("")
        except StardustError as error:
            if error.code != WrongPassphraseError.code:
                raise
    return use(passphrase(app, file))


def phrase(app: App, file: Path | None) -> str:
    """A recovery phrase, from a file or a prompt."""
    return first_line(file) if file else ask(app, "Recovery phrase", hint="--phrase-file FILE")


def ask(app: App, prompt: str, *, hint: str, new: bool = False) -> str:
    """Asks the person without showing what is typed; ``UsageError`` when nobody can answer."""
    if app.json or not sys.stdin.isatty():
        raise UsageError(f"{prompt} is needed, and there is nobody to ask.", hint=hint)
    return _bounded(
        str(
            click.prompt(
                prompt, hide_input=True, confirmation_prompt=new, err=True, default="", show_default=False
            )
        )
    )


def first_line(file: Path) -> str:
    """The first line of ``file``; ``-`` is standard input."""
    try:
        if str(file) == "-":
            text = sys.stdin.readline(MAX_SECRET * 4)
        else:
            with file.open(encoding="utf-8") as opened:
                text = opened.readline(MAX_SECRET * 4)
    except (OSError, UnicodeDecodeError):
        raise LocalError(f"{file} cannot be read.", hint="check its name and rights") from None
    return _bounded(text.rstrip("\r\n"))


def _given(file: Path | None, file_variable: str, variable: str) -> str | None:
    """Without asking anybody."""
    named = file or os.environ.get(file_variable)
    if named:
        return first_line(Path(named))
    return _bounded(os.environ[variable]) if variable in os.environ else None


def _bounded(text: str) -> str:
    if len(text) > MAX_SECRET:
        raise UsageError(f"That is longer than {MAX_SECRET} characters.")
    return text
