"""What every command shares: global options, the way to the daemon, and how results are shown."""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from stardust.api.calls import Call
    from stardust.api.client import Client

R = TypeVar("R")


@dataclass
class App:
    """The global options of one run."""

    home: Path | None = None
    json: bool = False

    @property
    def where(self) -> Path:
        """The home folder in use."""
        from stardust.api.locate import default_home

        return (self.home or default_home()).expanduser().absolute()

    def typed(self, command: str) -> str:
        """The command as it is typed to act on the same home."""
        at = f" --home {shlex.quote(str(self.home))}" if self.home else ""
        return f"stardust {command}{at}"

    def call(self, call: Call[R]) -> R:
        """One call to the daemon."""
        return self.talk(lambda client: client.call(call))

    def talk(self, conversation: Callable[[Client], Awaitable[R]]) -> R:
        """A conversation with the daemon over one connection."""
        import asyncio

        from stardust.api.client import Client

        async def run() -> R:
            async with await Client.connect(self.where) as client:
                return await conversation(client)

        return asyncio.run(run())

    def show(self, result: Any, text: Callable[[], None]) -> None:
        """``result`` as one line of JSON when the person asked for it, else what ``text`` prints."""
        if not self.json:
            text()
            return
        import msgspec

        click.echo(msgspec.json.encode(result, enc_hook=str).decode())  # paths are text


class Command(click.Command):
    """A command that takes the global options after its name as well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += global_options()


class Group(click.Group):
    """A group of such commands."""

    command_class = Command


def global_options() -> list[click.Parameter]:
    """``--home`` and ``--json``, which set fields of ``App``."""
    return [
        click.Option(
            ["--home"],
            type=click.Path(path_type=Path),
            metavar="FOLDER",
            expose_value=False,
            callback=_set_home,
            help="Home folder of the account (else $STARDUST_HOME, else the usual place).",
        ),
        click.Option(
            ["--json"],
            is_flag=True,
            expose_value=False,
            callback=_set_json,
            help="Print one JSON document, errors too.",
        ),
    ]


pass_app = click.make_pass_decorator(App, ensure=True)


def _set_home(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.ensure_object(App).home = value


def _set_json(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(App).json = True


def contact_names(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Completion of contacts' names, from the daemon when it runs."""
    from stardust.api.calls import ContactsList
    from stardust.errors import StardustError

    try:
        contacts = (context.find_object(App) or App()).call(ContactsList()).contacts
    except (StardustError, OSError):
        return []
    return [one.name for one in contacts if one.name.lower().startswith(incomplete.lower())]


def contact_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """The argument CONTACT: a name or an address."""
    return click.argument("contact", shell_complete=contact_names)(function)
