"""From the model to styled text; nothing here knows the screen."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text

from stardust.api.types import Contact, LinkInfo, Message, SearchHit
from stardust.tui.model import Model
from stardust.tui.text import LINK_WORDS, MARKS, ago, clock, printable, short, when

GREEN, AMBER, RED, BLUE, DIM = "#7fd1a8", "#e6b566", "#e57a7a", "#8fb4ff", "#77809a"
MATCH = Style(color="#1b2030", bgcolor=AMBER)


def own_line(model: Model, nickname: str) -> Text:
    """Left of the header: who is signed in."""
    text = Text(no_wrap=True, overflow="ellipsis").append("✦ ", style=BLUE)
    text.append(printable(nickname) or "stardust", style="bold")
    if model.status:
        text.append(f"  {short(model.status.address)}", style=DIM)
    return text


def state_line(model: Model) -> Text:
    """Right of the header: daemon, chain, links."""
    text = Text(no_wrap=True, overflow="ellipsis")
    if model.connected is None:
        return text.append("connecting…", style=DIM)
    if not model.connected:
        return text.append("● the daemon is not running; start it with: stardust up", style=AMBER)
    chain = model.chain
    if model.status and model.status.revoked:
        text.append("no longer on chain: stardust status   ", style=AMBER)
    elif model.status and not model.status.registered:
        text.append("not on chain yet: stardust login   ", style=AMBER)
    if chain is not None and chain.connected and chain.problem:
        text.append("● ", style=AMBER).append("chain: stardust status", style=AMBER)
    elif chain is not None and chain.connected:
        text.append("● ", style=GREEN).append("chain", style=DIM)
    else:
        text.append("● ", style=AMBER).append("no chain", style=AMBER)
    opened = sum(link.state == "open" for link in model.links.values())
    return text.append(f"   {opened} link{'' if opened == 1 else 's'}", style=DIM)


def person(one: Contact, *, width: int) -> Text:
    """Two lines of the list: name and unread count, then what there is to know."""
    text = Text(no_wrap=True, overflow="ellipsis")
    dot = ("● ", GREEN) if one.online else ("○ ", DIM)
    text.append(*dot)
    count = f" {one.unread}" if one.unread else ""
    name = Text(printable(one.name), style="bold" if one.unread else "", no_wrap=True)
    name.truncate(max(4, width - 2 - len(count)), overflow="ellipsis", pad=True)
    text.append_text(name).append(count, style=f"bold {BLUE}")
    text.append("\n  ").append(*_standing(one))
    return text


def _standing(one: Contact) -> tuple[str, str]:
    if one.state == "request_received":
        return "wants to talk to you", AMBER
    if one.blocked:
        return "blocked", DIM
    if one.keys_changed:
        return "devices changed", AMBER
    if one.state == "request_sent":
        return "asked, no answer yet", DIM
    if one.waiting:
        return f"{one.waiting} on the way", DIM
    return (when(one.last_message_at) if one.last_message_at else "no messages yet"), DIM


def conversation_head(one: Contact, link: LinkInfo | None, *, now_ms: int) -> Text:
    """Above the messages: name, verification, presence and link."""
    text = Text(no_wrap=True, overflow="ellipsis").append(printable(one.name), style="bold")
    text.append("  ✓ verified" if one.verified else "  not verified", style=GREEN if one.verified else DIM)
    if one.nickname and one.nickname.casefold() != one.name.casefold():
        text.append(f"  calls itself {printable(one.nickname)}", style=DIM)
    text.append("\n")
    if one.online:
        text.append("● ", style=GREEN).append("there", style=DIM)
    else:
        seen = (
            f"last seen {ago(one.last_seen_at, now_ms=now_ms)}"
            if one.last_seen_at is not None
            else "not there"
        )
        text.append("○ ", style=DIM).append(seen, style=DIM)
    state = link.state if link else one.link
    text.append("  ·  ", style=DIM).append(LINK_WORDS[state], style=GREEN if state == "open" else DIM)
    if link and link.state == "open":
        if link.route:
            text.append(f", {'direct' if link.route == 'direct' else 'through a relay'}", style=DIM)
        if link.rtt_ms is not None:
            text.append(f", {link.rtt_ms:.0f} ms", style=DIM)
    return text


def banner(one: Contact) -> str | None:
    """What the person has to decide or know about this contact."""
    name = printable(one.name)
    if one.state == "request_received":
        note = f" “{printable(one.note)}”" if one.note else ""
        return f"{name} wants to talk to you.{note}"
    if one.blocked:
        return f"{name} is blocked: nothing comes through."
    if one.keys_changed:
        return (
            f"The devices of {name} have changed. Nothing is sent until you accept them. "
            "It may be a new phone, or somebody in between: ask, and compare the safety number."
        )
    if one.state == "request_sent":
        return f"{name} has not answered your request yet. What you write waits until then."
    return None


def message_meta(message: Message) -> Text:
    """Time and receipt below a message."""
    text = Text(clock(message.sent_at), style=DIM)
    if message.outgoing:
        colour = {"read": BLUE, "failed": RED}.get(message.state, DIM)
        text.append(f"  {MARKS[message.state]}", style=colour)
        if message.state == "failed" and message.reason:
            text.append(f" {printable(message.reason)}", style=RED)
    return text


def hit(one: SearchHit, name: str) -> Text:
    """One result of a search: to or from whom, and when, then the place found."""
    text = Text("→ " if one.message.outgoing else "← ", overflow="ellipsis")
    text.append(printable(name), style="bold")
    text.append(f"  {when(one.message.sent_at)}", style=DIM)
    text.append("\n")
    for part in one.snippet.replace("\n", " ").split("\x02"):
        found, mark, rest = part.rpartition("\x03")
        if mark:
            text.append(printable(found), style=MATCH).append(printable(rest))
        else:
            text.append(printable(part))
    return text.append("\n")


def safety_lines(number: str) -> str:
    """Sixty digits as three lines of four groups."""
    groups = number.split()
    return "\n".join("   ".join(groups[row : row + 4]) for row in range(0, len(groups), 4))
