"""Commands about messages: chat, send, history, search."""

from __future__ import annotations

import asyncio
import shlex
import sys
from typing import TYPE_CHECKING

import click

from stardust.cli import display
from stardust.cli.app import App, Command, contact_argument, contact_names, pass_app
from stardust.errors import StardustError, UnavailableError, UsageError

if TYPE_CHECKING:
    from stardust.api.client import Client, Subscription
    from stardust.api.types import Message, SearchHit

ORDER = ("queued", "sent", "delivered", "read")
MAX_TEXT = 16_384


class NotYetError(UnavailableError):
    """The message is stored and will go out, but did not get there in time."""

    code = "not_yet"


class FailedError(StardustError):
    """The message could not be delivered."""

    code = "failed"


@click.command(cls=Command)
@click.argument("contact", required=False, shell_complete=contact_names)
@pass_app
def chat(app: App, contact: str | None) -> None:
    """Full-screen chat, with CONTACT's conversation open."""
    if app.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("The chat needs a terminal.", hint="for scripts: stardust send, stardust history")
    from stardust.tui.app import run_chat

    run_chat(app.where, contact)


@click.command(cls=Command)
@contact_argument
@click.argument("text", nargs=-1)
@click.option("--wait", type=click.Choice(["sent", "delivered", "read"]), help="Return when it got this far.")
@click.option(
    "--timeout", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help="Seconds to wait."
)
@pass_app
def send(app: App, contact: str, text: tuple[str, ...], wait: str | None, timeout: float) -> None:
    """Write a message. TEXT "-" or none at all reads it from standard input.

    When this returns, the message is stored and will go out, whether or not the other side is there.
    """
    body = " ".join(text)
    if body in ("", "-"):
        if not body and sys.stdin.isatty():
            raise UsageError("There is no text to send.", hint='stardust send NAME "hello"')
        try:
            body = sys.stdin.read(MAX_TEXT + 2).rstrip("\n")
        except UnicodeDecodeError:
            raise UsageError("What was given is not UTF-8 text.") from None
    if not 1 <= len(body) <= MAX_TEXT:
        raise UsageError(f"A message has between 1 and {MAX_TEXT:,} characters.")
    message = app.talk(lambda client: _send(client, contact, body, wait, timeout))
    word = {"queued": "written; it goes out as soon as the other side is there"}
    app.show(message, lambda: display.done(word.get(message.state, message.state)))


async def _send(client: Client, contact: str, body: str, wait: str | None, timeout: float) -> Message:
    from stardust.api.calls import MessagesGet, MessagesSend
    from stardust.api.events import MessageStateChanged

    events = await client.subscribe(MessageStateChanged)
    message = await client.call(MessagesSend(contact=contact, body=body))
    if wait is None:
        return message
    try:
        await asyncio.wait_for(_reach(client, events, message, wait), timeout)
    except TimeoutError:
        raise NotYetError(
            f"The message is stored and will go out, but was not {wait} within {timeout:g} seconds.",
            hint=f"see: stardust history {shlex.quote(contact)}",
        ) from None
    return await client.call(MessagesGet(id=message.id))


async def _reach(client: Client, events: Subscription, message: Message, wanted: str) -> None:
    from stardust.api.calls import MessagesGet
    from stardust.api.errors import ConnectionLostError
    from stardust.api.events import MessageStateChanged, Missed

    state = message.state
    while state == "failed" or ORDER.index(state) < ORDER.index(wanted):
        if state == "failed":
            raise FailedError(hint="stardust doctor")
        event = await events.next()
        if event is None:
            raise ConnectionLostError
        if isinstance(event, Missed):
            state = (await client.call(MessagesGet(id=message.id))).state
        elif isinstance(event, MessageStateChanged) and event.id == message.id:
            state = event.state


@click.command(cls=Command)
@contact_argument
@click.option("--limit", "-n", type=click.IntRange(1, 200), default=50, show_default=True, help="How many.")
@click.option("--before", metavar="CURSOR", help="The page before this cursor of an earlier answer.")
@pass_app
def history(app: App, contact: str, limit: int, before: str | None) -> None:
    """Show a conversation, the newest messages last. It does not mark them as read."""
    from stardust.api.calls import ContactsGet, MessagesHistory

    page = app.call(MessagesHistory(contact=contact, limit=limit, before=before))

    def text() -> None:
        name = app.call(ContactsGet(contact=contact)).name
        _show_messages(page.messages, name)
        if page.before:
            older = f"stardust history {shlex.quote(contact)} --before {page.before}"
            display.say(display.dim(f"\nearlier: {older}"))

    app.show(page, text)


def _show_messages(messages: tuple[Message, ...], name: str) -> None:
    from stardust.tui.text import MARKS, clock, day, printable

    shown = ""
    for message in messages:
        title = day(message.sent_at)
        if title != shown:
            display.say(display.dim(f"{'' if not shown else chr(10)}— {title} —"))
            shown = title
        who = display.style("you", fg="cyan") if message.outgoing else display.name(name)
        body = printable(message.body, lines=True).replace("\n", "\n        ")
        mark = MARKS[message.state]
        display.say(f"{display.dim(clock(message.sent_at))}  {who}  {body}  {display.dim(mark)}".rstrip())


@click.command(cls=Command)
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--with", "contact", metavar="CONTACT", shell_complete=contact_names, help="Only this conversation."
)
@click.option("--limit", "-n", type=click.IntRange(1, 200), default=50, show_default=True, help="How many.")
@click.option("--before", metavar="CURSOR", help="The page before this cursor of an earlier answer.")
@pass_app
def search(app: App, query: tuple[str, ...], contact: str | None, limit: int, before: str | None) -> None:
    """Search all messages: all words, the last one also as a beginning."""
    from stardust.api.calls import ContactsList, MessagesSearch

    words = " ".join(query)
    page = app.call(MessagesSearch(query=words, contact=contact, limit=limit, before=before))

    def text() -> None:
        if not page.hits:
            display.say("Nothing found.")
            return
        names = {one.address: one.name for one in app.call(ContactsList()).contacts}
        for hit in page.hits:
            _show_hit(hit, names.get(hit.message.contact, hit.message.contact))
        if page.before:
            narrowed = f" --with {shlex.quote(contact)}" if contact else ""
            more = f"stardust search {shlex.join(query)}{narrowed} --before {page.before}"
            display.say(display.dim(f"\nmore: {more}"))

    app.show(page, text)


def _show_hit(hit: SearchHit, name: str) -> None:
    from stardust.tui.text import printable, when

    snippet = ""
    for part in hit.snippet.replace("\n", " ").split("\x02"):
        found, mark, rest = part.rpartition("\x03")
        snippet += (
            display.style(printable(found), bold=True, fg="yellow") + printable(rest)
            if mark
            else printable(part)
        )
    arrow = "→" if hit.message.outgoing else "←"
    display.say(
        f"{display.dim(when(hit.message.sent_at).rjust(10))}  {arrow} {display.name(name)}  {snippet}"
    )
