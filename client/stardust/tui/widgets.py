"""The parts of the screen: people on the left, a conversation on the right, a place to write."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message as Posted
from textual.widget import Widget
from textual.widgets import Button, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from stardust.api.types import Contact, Message
from stardust.tui import draw
from stardust.tui.model import Model
from stardust.tui.text import day, printable

MAX_TEXT = 16_384
WELCOME = "Choose somebody on the left.\n\nF3 invites a person, F4 adds one by link, F1 explains the keys."
NOBODY = "Nobody here yet.\n\nF3 makes an invite for a person, F4 takes one that you got."


class PeopleList(Vertical):
    """Contacts and requests; ``Chosen`` when one is opened."""

    @dataclass
    class Chosen(Posted):
        address: str

    def compose(self) -> ComposeResult:
        yield OptionList(id="people")
        yield Static(NOBODY, id="nobody")

    def sync(self, people: list[Contact], selected: str | None) -> None:
        """Shows ``people`` and keeps the highlight where it was."""
        options = self.query_one(OptionList)
        current = options.highlighted_option
        keep = current.id if current is not None else selected
        with options.prevent(OptionList.OptionHighlighted):
            options.set_options([Option(draw.person(one, width=24), id=one.address) for one in people])
            known = [one.address for one in people]
            if keep in known:
                options.highlighted = known.index(keep)
            elif known:
                options.highlighted = 0
        self.query_one("#nobody").display = not people
        options.display = bool(people)

    def highlight(self, address: str) -> None:
        options = self.query_one(OptionList)
        options.highlighted = options.get_option_index(address)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id is not None:
            self.post_message(self.Chosen(event.option.id))


class MessageRow(Horizontal):
    """One message; its receipt changes in place."""

    def __init__(self, message: Message) -> None:
        super().__init__(classes="row outgoing" if message.outgoing else "row")
        self.message = message

    def compose(self) -> ComposeResult:
        with Vertical(classes="bubble"):
            yield Static(Text(printable(self.message.body, lines=True)), classes="body")
            yield Static(draw.message_meta(self.message), classes="meta")

    def advance(self, message: Message) -> None:
        if message != self.message:
            self.message = message
            self.query_one(".meta", Static).update(draw.message_meta(message))


class MessageView(VerticalScroll):
    """The messages of a conversation, the newest at the bottom. ``Top`` asks for older ones."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.write", "Write", show=False)]

    class Top(Posted):
        """The person is at the oldest message shown."""

    def __init__(self) -> None:
        super().__init__(id="messages")
        self._rows: dict[str, MessageRow] = {}
        self._address: str | None = None

    async def sync(self, address: str, messages: Iterable[Message]) -> None:
        """Shows exactly ``messages``: new rows are added at either end, others change in place."""
        wanted = list(messages)
        shown = list(self._rows)
        start = next((at for at, one in enumerate(wanted) if one.id in self._rows), None)
        kept = [one.id for one in wanted[start:]][: len(shown)] if start is not None else []
        if address != self._address or start is None or kept != shown:
            await self._rebuild(address, wanted)
            return
        for message in wanted[start : start + len(shown)]:
            self._rows[message.id].advance(message)
        await self._extend(wanted[:start], wanted[start + len(shown) :])

    async def _rebuild(self, address: str, messages: list[Message]) -> None:
        self._address = address
        self._rows = {}
        with self.app.batch_update():
            await self.remove_children()
            await self.mount_all(self._widgets(messages, None))
        self.anchor()

    async def _extend(self, older: list[Message], newer: list[Message]) -> None:
        if older:
            height = self.virtual_size.height
            known, self._rows = self._rows, {}
            widgets = self._widgets(older, None)
            self._rows |= known
            await self.mount_all(widgets, before=0)
            self.call_after_refresh(
                lambda: self.scroll_to(y=self.virtual_size.height - height, animate=False)
            )
        if newer:
            last = next(reversed(self._rows.values()), None)
            await self.mount_all(self._widgets(newer, last.message if last else None))

    def _widgets(self, messages: list[Message], last: Message | None) -> list[Widget]:
        widgets: list[Widget] = []
        for message in messages:
            title = day(message.sent_at)
            if last is None or day(last.sent_at) != title:
                widgets.append(Static(title, classes="day"))
            self._rows[message.id] = row = MessageRow(message)
            widgets.append(row)
            last = message
        return widgets

    def reveal(self, message: str) -> bool:
        """Scrolls to a message and marks it; False when it is not shown."""
        for row in self.query(".found"):
            row.remove_class("found")
        found = self._rows.get(message)
        if found is None:
            return False
        found.add_class("found")
        self.release_anchor()
        self.call_after_refresh(self.scroll_to_widget, found, animate=False, center=True)
        return True

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if new_value <= 0 < old_value:
            self.post_message(self.Top())

    def on_mouse_scroll_up(self, _: events.MouseScrollUp) -> None:
        if self.scroll_y <= 0:
            self.post_message(self.Top())


class Composer(TextArea):
    """Enter sends, Ctrl+J makes a new line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Send"),
        Binding("ctrl+j,shift+enter,alt+enter", "newline", "New line", key_display="^j"),
    ]

    @dataclass
    class Submitted(Posted):
        body: str

    def __init__(self) -> None:
        super().__init__(id="composer", classes="closed", placeholder="Write a message", soft_wrap=True)
        self.highlight_cursor_line = False

    async def _on_key(self, event: events.Key) -> None:
        """In the widget's own queue: a priority binding would overtake letters typed just before."""
        if event.key == "enter":
            event.prevent_default()
            event.stop()
            self.action_submit()
        elif event.key in ("ctrl+j", "shift+enter", "alt+enter"):
            event.prevent_default()
            event.stop()
            self.action_newline()

    def action_newline(self) -> None:
        self.insert("\n")

    def action_submit(self) -> None:
        body = self.text.strip()
        if len(body) > MAX_TEXT:
            self.app.notify(f"A message has at most {MAX_TEXT:,} characters.", severity="warning")
        elif body:
            self.text = ""
            self.post_message(self.Submitted(body))


BUTTONS = {
    "request": (
        ("accept", "Accept", "success"),
        ("decline", "Decline", "default"),
        ("block", "Block", "default"),
    ),
    "keys": (("verify", "Compare", "primary"), ("accept_keys", "Accept", "warning")),
    "blocked": (("unblock", "Unblock", "default"),),
    "none": (),
}


class ConversationView(Vertical):
    """The open conversation: head, banner, messages, composer."""

    @dataclass
    class Decided(Posted):
        """A button of the banner: what to do with the open contact."""

        action: str
        ticket: str
        """Of the devices that the banner was about."""

    def compose(self) -> ComposeResult:
        yield Static(id="head")
        with Vertical(id="banner"):
            yield Static(id="banner-text")
            yield Horizontal(id="banner-buttons")
        yield MessageView()
        yield Static(WELCOME, id="welcome")
        yield Composer()

    def on_mount(self) -> None:
        self._kind = "none"
        self._ticket = ""

    async def sync(self, model: Model) -> None:
        contact, conversation = model.contact, model.conversation
        opened = contact is not None
        self.query_one("#welcome").display = not opened
        self.query_one(MessageView).display = opened
        self.query_one("#head").display = opened
        await self._banner(contact)
        writable = (
            contact is not None and contact.state in ("accepted", "request_sent") and not contact.blocked
        )
        self.query_one(Composer).set_class(not writable, "closed")
        if contact is None:
            return
        head = draw.conversation_head(contact, model.link, now_ms=int(time.time() * 1000))
        self.query_one("#head", Static).update(head)
        messages = conversation.messages.values() if conversation else ()
        await self.query_one(MessageView).sync(contact.address, messages)

    async def _banner(self, contact: Contact | None) -> None:
        text = draw.banner(contact) if contact else None
        self._ticket = contact.ticket if contact else ""
        box = self.query_one("#banner")
        box.display = text is not None
        kind = _kind(contact)
        box.set_class(kind in ("none", "blocked"), "calm")
        self.query_one("#banner-text", Static).update(Text(text or ""))
        if kind == self._kind:
            return
        self._kind = kind
        row = self.query_one("#banner-buttons")
        row.display = bool(BUTTONS[kind])
        await row.remove_children()
        await row.mount_all(
            Button(label, name=name, variant=variant, compact=True)  # type: ignore[arg-type]
            for name, label, variant in BUTTONS[kind]
        )

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.name:
            self.post_message(self.Decided(event.button.name, self._ticket))


def _kind(contact: Contact | None) -> str:
    if contact is None:
        return "none"
    if contact.state == "request_received":
        return "request"
    if contact.blocked:
        return "blocked"
    return "keys" if contact.keys_changed else "none"
