"""The command ``stardust``: subcommands are loaded when they are used, so that it starts at once."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Any, Final

import click

from stardust.cli import display
from stardust.cli.app import App, global_options
from stardust.cli.exits import Exit, exit_for
from stardust.errors import StardustError

SECTIONS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "Account": {
        "init": ("account:init", "Make or import an account in the home folder."),
        "login": ("account:login", "Bring this device on chain under the account."),
        "whoami": ("account:whoami", "Show account, device and the account's other devices."),
        "profile": ("account:profile", "Show or change nickname, description and picture."),
        "revoke": ("account:revoke", "Take a lost or old device off the chain."),
    },
    "People": {
        "invite": ("people:invite", "Make an invite link and QR code for one person."),
        "contact": ("people:contact", "Add, list, verify, accept, block people."),
    },
    "Messages": {
        "chat": ("messages:chat", "Full-screen chat."),
        "send": ("messages:send", "Write a message."),
        "history": ("messages:history", "Show a conversation."),
        "search": ("messages:search", "Search all messages."),
    },
    "Keeping": {
        "backup": ("keeping:backup", "Make, show and check backups."),
        "restore": ("keeping:restore", "Get account and history back on a new machine."),
        "export": ("keeping:export", "Write the history, or the account key, to a file."),
    },
    "Daemon": {
        "up": ("service:up", "Start the daemon."),
        "down": ("service:down", "Stop the daemon."),
        "status": ("service:status", "Show how everything is."),
        "doctor": ("service:doctor", "Find out what is wrong, and what to do."),
        "completions": ("service:completions", "Print shell completions for bash, zsh or fish."),
    },
    "For others": {
        "rendezvous": ("rendezvous:rendezvous", "Run a rendezvous server."),
    },
}
EPILOG: Final = (
    "Exit codes: 0 done, 1 error or problems found, 2 not possible as asked, 3 not reachable now, "
    "4 not to be trusted, 5 this machine prevents it, 130 interrupted."
)

_COMMANDS: Final = {name: where for section in SECTIONS.values() for name, (where, _) in section.items()}


class LazyGroup(click.Group):
    """Knows its commands' names and first lines without importing them."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(f"stardust.cli.{module}"), name)
        return command

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, line) for name, (_, line) in commands.items()], col_spacing=4)


def _version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"stardust {version('stardust-messenger')}")
        context.exit()


@click.group(
    cls=LazyGroup,
    params=[
        *global_options(),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_version,
            help="Show the version.",
        ),
    ],
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.pass_context
def stardust(context: click.Context) -> None:
    """A private messenger without a company in the middle.

    Begin with: stardust init, stardust up, stardust login, stardust invite.
    """
    context.ensure_object(App)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command; ends the process with a documented exit code, never with a traceback."""
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """The exit code of one run."""
    app = App()
    try:
        code = stardust.main(arguments, prog_name="stardust", standalone_mode=False, obj=app)
        return code if isinstance(code, int) else Exit.OK
    except StardustError as error:
        _tell(app, error.code, str(error), error.hint)
        return exit_for(error)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
        return Exit.USAGE
    except click.ClickException as error:
        app.json = app.json or "--json" in arguments
        _tell(app, "usage", _sentence(error.format_message()), _usage_hint(error))
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        _tell(app, "interrupted", "Stopped.", None)
        return Exit.INTERRUPTED
    except SystemExit as done:  # click's shell completion ends this way
        return done.code if isinstance(done.code, int) else Exit.OK
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has enough; Python would complain at exit
        return Exit.OK
    except Exception as error:
        return _unexpected(app, error)


def _tell(app: App, code: str, message: str, hint: str | None) -> None:
    """One clear sentence, and what to do."""
    if app.json:
        import json

        click.echo(
            json.dumps({"error": {"code": code, "message": message, "hint": hint}}, ensure_ascii=False)
        )
        return
    click.echo(f"{display.style('error:', fg='red')} {message}", err=True)
    if hint:
        click.echo(f"  {display.style('→', fg='cyan')} {hint}", err=True)


def _unexpected(app: App, error: Exception) -> int:
    import traceback

    name, hint = type(error).__name__, None
    log = app.where / "log" / "cli.log"
    try:
        if app.where.is_dir():
            log.parent.mkdir(mode=0o700, exist_ok=True)
            with log.open("a", encoding="utf-8") as file:
                # Frames only: an exception's text may quote what must not be written down.
                file.write(f"{name}\n{''.join(traceback.format_tb(error.__traceback__))}\n")
            log.chmod(0o600)
            hint = f"report it with {log}"
    except OSError:
        hint = None
    _tell(app, "error", f"Something went wrong that should not ({name}).", hint)
    return Exit.ERROR


def _sentence(message: str) -> str:
    return message if message.endswith((".", "?", "!")) else f"{message}."


def _usage_hint(error: Any) -> str | None:
    context = getattr(error, "ctx", None)
    return f"{context.command_path} --help" if context is not None else None


if __name__ == "__main__":
    main()
