"""Commands about others: invite, and contact with its subcommands."""

from __future__ import annotations

import re
import shlex
import sys
from typing import TYPE_CHECKING, Any

import click

from stardust.cli import display
from stardust.cli.app import App, Command, Group, contact_argument, global_options, pass_app
from stardust.errors import UsageError
from stardust.tui.text import printable

if TYPE_CHECKING:
    from stardust.api.types import Contact, Verification

STATES = {
    "request_sent": "asked, no answer yet",
    "request_received": "wants to be a contact",
    "accepted": "",
    "declined": "declined",
}
_UNITS = {"m": 60, "h": 3600, "d": 86_400}


class Duration(click.ParamType[int]):
    """``30m``, ``12h``, ``7d``, in seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d{1,6})([mhd])", str(value))
        if match is None:
            self.fail(f"{value!r} is not a duration such as 30m, 12h or 7d", param, ctx)
        return int(match[1]) * _UNITS[match[2]]


@click.command(cls=Command)
@click.option(
    "--for", "lifetime", type=Duration(), default="7d", show_default=True, help="How long it is good."
)
@click.option("--no-qr", is_flag=True, help="Only the link.")
@pass_app
def invite(app: App, lifetime: int, no_qr: bool) -> None:
    """Make an invite link and QR code for one person.

    Whoever brings it first becomes a contact without asking: hand it over privately.
    """
    from stardust.api.calls import InvitesCreate
    from stardust.tui.qr import terminal_qr
    from stardust.tui.text import when

    made = app.call(InvitesCreate(lifetime_s=lifetime))
    code = "" if no_qr else terminal_qr(made.link)

    def text() -> None:
        if code:
            display.code(code)
            display.say()
        display.say(made.link)
        display.say(
            display.dim(f"\nFor one person, good until {when(made.expires_at)}. stardust contact add LINK")
        )

    result = {"link": made.link, "expires_at": made.expires_at} | ({"qr_terminal": code} if code else {})
    app.show(result, text)


@click.group(cls=Group, params=global_options(), context_settings={"help_option_names": ["-h", "--help"]})
def contact() -> None:
    """Add, list, verify, accept, block people. CONTACT is a name or an address."""


@contact.command("add")
@click.argument("who")
@click.option("--name", default="", help="What to call the person here.")
@click.option("--note", default="", help="A line that the other side sees with the request.")
@pass_app
def add(app: App, who: str, name: str, note: str) -> None:
    """Add somebody by invite link or address (WHO)."""
    from stardust.api.calls import ContactsAdd

    _show(app, app.call(ContactsAdd(who=who, name=name, note=note)), "added {}")


@contact.command("list")
@pass_app
def list_contacts(app: App) -> None:
    """All contacts and requests, the most recent conversation first."""
    from stardust.api.calls import ContactsList

    result = app.call(ContactsList())

    def text() -> None:
        if not result.contacts:
            display.say("Nobody yet. Make an invite: stardust invite")
            return
        titles = ["there", "name", "standing", "unread", "last", "address"]
        display.table(titles, [_row(one) for one in result.contacts])

    app.show(result, text)


def _row(one: Contact) -> list[str]:
    from stardust.tui.text import when

    standing = STATES[one.state]
    if one.blocked:
        standing = "blocked"
    elif one.keys_changed:
        standing = "keys changed"
    elif not standing:
        standing = "verified" if one.verified else "not verified"
    last = when(one.last_message_at) if one.last_message_at else ""
    return ["●" if one.online else "○", one.name, standing, str(one.unread or ""), last, one.address]


@contact.command("show")
@contact_argument
@pass_app
def show(app: App, contact: str) -> None:
    """One contact, with its devices."""
    from stardust.api.calls import ContactsGet
    from stardust.tui.text import LINK_WORDS

    one = app.call(ContactsGet(contact=contact))

    def text() -> None:
        display.facts(
            [
                ("name", display.name(one.name)),
                ("calls itself", printable(one.nickname)),
                ("address", one.address),
                ("standing", _row(one)[2]),
                ("there", "yes" if one.online else "no"),
                ("link", LINK_WORDS[one.link]),
                ("on the way", f"{one.waiting} messages" if one.waiting else ""),
                ("note", printable(one.note)),
                ("ticket", one.ticket if one.keys_changed else ""),
            ]
        )
        if one.devices:
            display.say()
            _show_devices(one)

    app.show(one, text)


def _show_devices(one: Contact) -> None:
    rows = [[device.device, "" if device.trusted else "new, not accepted"] for device in one.devices]
    display.table(["devices", "standing"], rows)


@contact.command("rename", short_help="Give a contact a name of your own.")
@contact_argument
@click.argument("name")
@pass_app
def rename(app: App, contact: str, name: str) -> None:
    """Give a contact a name of your own; an empty one goes back to the nickname."""
    from stardust.api.calls import ContactsRename

    _show(app, app.call(ContactsRename(contact=contact, name=name)), "now called {}")


@contact.command("verify", short_help="Compare the safety number with a contact.")
@contact_argument
@click.option("--confirm", metavar="NUMBER", help="The number that both of you have seen.")
@click.option("--withdraw", is_flag=True, help="Not verified any more.")
@click.option("--scanned", metavar="CODE", help="What the contact's QR code says; confirms by itself.")
@pass_app
def verify(app: App, contact: str, confirm: str | None, withdraw: bool, scanned: str | None) -> None:
    """Compare the safety number with a contact, by voice or face to face, and record it."""
    from stardust.api.calls import ContactsVerify

    if confirm is not None:
        result = _confirm(app, contact, confirm)
    else:
        decision = False if withdraw else None
        result = app.call(ContactsVerify(contact=contact, confirm=decision, scanned=scanned))
    decided = confirm is not None or withdraw or scanned is not None
    if not (app.json or decided or result.verified) and sys.stdin.isatty():
        _show_number(contact, result)
        if click.confirm("\nDo the numbers agree on both sides?", default=False):
            app.call(ContactsVerify(contact=contact, confirm=True, ticket=result.ticket))
            display.done(f"{display.name(contact)} is verified")
        return

    def text() -> None:
        if not decided:
            _show_number(contact, result)
        elif result.verified:
            display.done(f"{display.name(contact)} is verified")
        else:
            display.say(f"{display.name(contact)} is not verified any more")

    app.show(result, text)


def _confirm(app: App, contact: str, number: str) -> Verification:
    """``number`` is what the person has compared: it has to be that of now."""
    from stardust.api.calls import ContactsVerify
    from stardust.errors import UsageError

    now = app.call(ContactsVerify(contact=contact))
    if "".join(number.split()) != "".join(now.safety_number.split()):
        raise UsageError(
            "That is not the safety number of now; nothing was confirmed.",
            hint=f"look at it once more: stardust contact verify {shlex.quote(contact)}",
        )
    return app.call(ContactsVerify(contact=contact, confirm=True, ticket=now.ticket))


def _show_number(contact: str, result: Verification) -> None:
    from stardust.tui.qr import terminal_qr

    display.code(terminal_qr(result.qr))
    display.say(f"\nSafety number with {display.name(contact)}; both of you must see the same:\n")
    groups = result.safety_number.split()
    for row in range(0, len(groups), 4):
        display.say("    " + display.style("   ".join(groups[row : row + 4]), bold=True, fg="cyan"))
    if result.verified:
        display.say("\nIt was compared before: verified.")


@contact.command("accept", short_help="Accept a request, or a contact's changed devices.")
@contact_argument
@click.option("--keys", is_flag=True, help="Accept changed devices, after asking the person about them.")
@click.option(
    "--ticket", help="Of the devices, from: stardust contact show CONTACT. Without it you are asked."
)
@pass_app
def accept(app: App, contact: str, keys: bool, ticket: str | None) -> None:
    """Accept a request; with --keys, accept a contact's changed devices."""
    from stardust.api.calls import ContactsAccept, ContactsAcceptKeys, ContactsGet

    if not keys:
        one = app.call(ContactsGet(contact=contact))
        if one.state == "accepted":
            raise UsageError(
                f"{printable(one.name)} is a contact already."
                + (" The devices have changed." if one.keys_changed else ""),
                hint=f"stardust contact accept {shlex.quote(one.name)} --keys" if one.keys_changed else None,
            )
        _show(app, app.call(ContactsAccept(contact=contact)), "{} is a contact now")
        return
    ticket = ticket or _shown_ticket(app, contact)
    if ticket is not None:
        done = app.call(ContactsAcceptKeys(contact=contact, ticket=ticket))
        _show(app, done, "the devices of {} are accepted; compare the safety number again")


def _shown_ticket(app: App, contact: str) -> str | None:
    """Of the devices that the person has seen here and agreed to."""
    from stardust.api.calls import ContactsGet
    from stardust.errors import UsageError

    if app.json or not sys.stdin.isatty():
        raise UsageError(
            "Say which devices, with --ticket.", hint=f"see: stardust contact show {shlex.quote(contact)}"
        )
    one = app.call(ContactsGet(contact=contact))
    _show_devices(one)
    return one.ticket if click.confirm("\nAccept these devices?", default=False) else None


@contact.command("decline")
@contact_argument
@pass_app
def decline(app: App, contact: str) -> None:
    """Decline a request and forget what came with it."""
    from stardust.api.calls import ContactsDecline

    result = app.call(ContactsDecline(contact=contact))
    app.show(result, lambda: display.done("declined"))


@contact.command("block")
@contact_argument
@pass_app
def block(app: App, contact: str) -> None:
    """Let nothing of this account come through any more."""
    from stardust.api.calls import ContactsBlock

    _show(app, app.call(ContactsBlock(contact=contact)), "{} is blocked")


@contact.command("unblock")
@contact_argument
@pass_app
def unblock(app: App, contact: str) -> None:
    """The opposite of block."""
    from stardust.api.calls import ContactsUnblock

    _show(app, app.call(ContactsUnblock(contact=contact)), "{} is not blocked any more")


def _show(app: App, one: Contact, sentence: str) -> None:
    def text() -> None:
        display.done(sentence.format(display.name(one.name)))
        if one.state == "request_sent" and sentence.startswith("added"):
            display.say(
                display.dim("The other side answers when it is there; what you write until then waits.")
            )

    app.show(one, text)
