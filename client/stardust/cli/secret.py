"""Passphrases and phrases from a person or a script; never from the command line, where others see them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from stardust.cli.app import App
from stardust.errors import LocalError, StardustError, UsageError, WrongPassphraseError

R = TypeVar("R")

FILE_VARIABLE = "STARDUST_PASSPHRASE_FILE"
VARIABLE = "STARDUST_PASSPHRASE"
ACCOUNT_FILE_VARIABLE = "STARDUST_ACCOUNT_PASSPHRASE_FILE"
ACCOUNT_VARIABLE = "STARDUST_ACCOUNT_PASSPHRASE"
MAX_SECRET = 1024

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
    """The passphrase of file, environment or prompt. ``new`` asks twice. ``UsageError`` without a person."""
    found = _given(file, FILE_VARIABLE, VARIABLE)
    return ask(app, prompt, hint="--passphrase-file FILE", new=new) if found is None else found


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
