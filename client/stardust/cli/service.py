"""Commands about the daemon: up, down, status, doctor, completions."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stardust.cli import display, secret
from stardust.cli.app import App, Command, pass_app
from stardust.cli.exits import Exit
from stardust.errors import StardustError, UnavailableError
from stardust.tui.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stardust.api.client import Client
    from stardust.api.types import Finding, Status, TransportInfo

STOP_WITHIN = 15.0
"""Seconds until a daemon that was asked to stop has to be gone."""


class StillRunningError(UnavailableError):
    """The daemon was asked to stop and is still there."""

    code = "still_running"


@click.command(cls=Command)
@click.option("--foreground", is_flag=True, help="Run it in this terminal until Ctrl-C.")
@secret.passphrase_option
@pass_app
def up(app: App, foreground: bool, passphrase_file: Path | None) -> None:
    """Start the daemon in the background and wait until it is ready."""
    from stardust.daemon import setup

    pid = _pid(app)
    if pid is not None:
        running = {"pid": pid, "ready_ms": None, "started": False}
        app.show(running, lambda: display.say("The daemon is running already."))
        return
    phrase = secret.passphrase(app, passphrase_file) if setup.needs_passphrase(app.where) else ""
    if foreground:
        _run_here(app, phrase)
        return
    from stardust.daemon.launch import launch

    started = launch(app.where, phrase)
    result = {"pid": started.pid, "ready_ms": round(started.ready_ms, 1), "started": True}
    app.show(result, lambda: display.done(f"the daemon is ready ({started.ready_ms:.0f} ms)"))


def _pid(app: App) -> int | None:
    """Of the daemon that listens here, None without one. Nothing is asked of it: one that can say nothing is
    found too."""
    from stardust.api.errors import NotRunningError
    from stardust.daemon.home import Home

    async def nothing(_: Client) -> None: ...

    try:
        app.talk(nothing)
    except NotRunningError:
        return None
    return Home.at(app.where).holder()


def _run_here(app: App, phrase: str) -> None:
    """This process is the daemon, so that what goes wrong is said as every command says it."""
    from stardust.daemon import running
    from stardust.daemon.home import Home

    ready = {"pid": os.getpid(), "ready_ms": None, "started": True}
    running.run(
        Home.at(app.where),
        phrase,
        lambda: app.show(ready, lambda: display.done("the daemon is ready; Ctrl-C stops it")),
    )
    if not app.json:
        display.done("the daemon has stopped")


@click.command(cls=Command)
@pass_app
def down(app: App) -> None:
    """Stop the daemon. What is stored stays stored; what waits goes out next time."""
    pid = _pid(app)
    if pid is None:
        app.show({"stopped": False}, lambda: display.say("The daemon is not running."))
        return
    deadline = time.monotonic() + STOP_WITHIN
    _ask_to_stop(app)
    while _is_running(pid):
        if time.monotonic() > deadline:
            raise StillRunningError(hint=f"see its log, or end process {pid}")
        time.sleep(0.02)
    app.show({"stopped": True, "pid": pid}, lambda: display.done("the daemon has stopped"))


def _ask_to_stop(app: App) -> None:
    """Whether it does so is seen by its process."""
    import asyncio

    from stardust.api.calls import SystemShutdown
    from stardust.api.errors import ConnectionLostError, NotRunningError

    async def ask(client: Client) -> None:
        async with asyncio.timeout(STOP_WITHIN):
            await client.call(SystemShutdown())

    with contextlib.suppress(NotRunningError, ConnectionLostError, TimeoutError):
        app.talk(ask)


def _is_running(pid: int) -> bool:
    """Whether the process is there; one that ended and was not collected by its parent is not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except (OSError, IndexError):
        return _exists(pid)
    return state not in ("Z", "X")


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@click.command(cls=Command)
@pass_app
def status(app: App) -> None:
    """Show how everything is: chain, links, messages, backup."""
    from stardust.api.calls import SystemStatus

    state = app.call(SystemStatus())
    app.show(state, lambda: _show_status(state))


def _show_status(state: Status) -> None:
    from stardust.tui.text import LINK_WORDS, short, size, when

    chain = state.chain
    at = (
        f"{chain.spec_name} {chain.spec_version}, block {chain.block}, {chain.node}"
        if chain.connected
        else ""
    )
    links = [
        f"{short(link.address)} {LINK_WORDS[link.state]}"
        + (f", {link.route}" if link.route else "")
        + (f", {link.rtt_ms:.0f} ms" if link.rtt_ms is not None else "")
        for link in state.links
    ]
    backup = state.backup
    kept = (
        f"number {backup.sequence}, {when(backup.at)}"
        if backup.sequence is not None and backup.at
        else "none yet"
    )
    display.facts(
        [
            ("account", state.address),
            (
                "device",
                f"{state.device[:16]}…" + _standing(state),
            ),
            ("chain", at or display.style(chain.problem or "not connected", fg="yellow")),
            ("signals", "\n".join(_signals(state.transports))),
            ("presence", _presence(state)),
            ("links", "\n".join(links) or "none"),
            (
                "people",
                f"{display.count(state.contacts, 'contact')}, {display.count(state.requests, 'request')}",
            ),
            ("messages", _messages(state)),
            ("backup", kept + (f", {backup.changed_since} messages since" if backup.changed_since else "")),
            ("daemon", f"{state.version}, pid {state.pid}, {size(state.memory_bytes)}, {state.home}"),
        ]
    )
    for problem in state.problems:
        display.say(f"\n{display.style('!', fg='yellow')} {printable(problem.message)}")
        if problem.hint:
            display.say(display.dim(f"  {printable(problem.hint)}"))


def _messages(state: Status) -> str:
    if state.unread is None:
        return display.style("not known: the history cannot be read", fg="yellow")
    return f"{state.unread} unread, {state.waiting} on the way"


def _signals(transports: Sequence[TransportInfo]) -> list[str]:
    """Which way signals go, and why."""
    usable = [one.name for one in transports if one.usable]
    way = (
        f"through {', else '.join(usable)}"
        if usable
        else display.style("no way can be used now", fg="yellow")
    )
    return [way, *(f"{one.name}{'' if one.usable else ' not now'}: {one.detail}" for one in transports)]


def _presence(state: Status) -> str:
    """To whom this device announces that it is there, and how."""
    if state.presence == "off":
        return "announced to nobody"
    to = "announced to contacts" if state.presence == "contacts" else "announced to everybody"
    detail = state.presence_detail if state.online else display.style(state.presence_detail, fg="yellow")
    return f"{to}: {detail}"


def _standing(state: Status) -> str:
    if state.revoked:
        return "  no longer on chain: revoked, or the chain began anew; nothing goes out"
    return "" if state.registered else "  not on chain yet: stardust login"


@click.command(cls=Command)
@pass_app
def doctor(app: App) -> int:
    """Find out what is wrong with chain, network, IPFS, clock, disk, and what to do.

    Exit code 1 when there is a problem.
    """
    from stardust.api.calls import SystemDoctor
    from stardust.api.errors import NotRunningError
    from stardust.api.types import Doctor

    try:
        result = app.call(SystemDoctor())
    except NotRunningError as error:
        result = Doctor(_without_daemon(app, error))

    def text() -> None:
        for one in result.findings:
            mark, colour = display.SEVERITY[one.severity]
            display.say(f"{display.style(mark, fg=colour)} {one.name.ljust(12)} {printable(one.finding)}")
            if one.advice:
                display.say(f"  {' ' * 12} {display.dim(printable(one.advice))}")

    app.show(result, text)
    return Exit.ERROR if any(one.severity == "problem" for one in result.findings) else Exit.OK


def _without_daemon(app: App, error: StardustError) -> tuple[Finding, ...]:
    """What can be looked at from here."""
    import asyncio

    from stardust.daemon import doctor, logs
    from stardust.daemon.home import Home

    logs.keep_quiet()
    return asyncio.run(doctor.examine_alone(Home.at(app.where), error))


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@pass_app
def completions(app: App, shell: str) -> None:
    """Print completions for a shell, e.g. for bash: eval "$(stardust completions bash)"."""
    from click.shell_completion import get_completion_class

    from stardust.cli.main import stardust

    kind = get_completion_class(shell)
    assert kind is not None, "click knows the three shells"
    script = kind(stardust, {}, "stardust", "_STARDUST_COMPLETE").source()
    app.show({"shell": shell, "script": script}, lambda: display.say(script))
