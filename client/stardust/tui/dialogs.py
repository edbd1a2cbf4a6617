"""Dialogs above the chat: search, safety number, invite, add, help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from stardust.api.types import Contact, Invite, SearchHit, SearchPage, Verification
from stardust.errors import StardustError
from stardust.tui import draw
from stardust.tui.qr import terminal_qr
from stardust.tui.text import printable, when

KEYS = (
    ("Enter", "send; on the left: open the conversation"),
    ("Ctrl+J", "a new line in the message"),
    ("Tab", "from people to message and back"),
    ("Ctrl+N / Ctrl+P", "next and previous conversation"),
    ("PgUp / PgDn", "scroll the messages"),
    ("F2", "search all messages"),
    ("F3", "invite somebody"),
    ("F4", "add somebody by link or address"),
    ("F5", "compare the safety number"),
    ("Ctrl+Q", "leave; the daemon goes on"),
)
MARKS = (
    ("◷", "waits here until it can leave"),
    ("✓", "left this machine"),
    ("✓✓", "stored on the other side"),
    ("✓✓ read", "read there"),
    ("✗", "could not be delivered"),
)


class Dialog(ModalScreen[None]):
    """Base: closes with Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close")]

    def __init__(self) -> None:
        super().__init__(classes="dialog")


class HelpDialog(Dialog):
    """Keys and marks."""

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("Keys", classes="title")
            yield Static(_pairs(KEYS))
            yield Static("\nWhat stands beside a message", classes="title")
            yield Static(_pairs(MARKS))
            yield Static("\nEscape closes this", classes="quiet")


def _pairs(rows: tuple[tuple[str, str], ...]) -> Text:
    text = Text()
    for at, (key, meaning) in enumerate(rows):
        text.append(("\n" if at else "") + key.ljust(18), style=draw.BLUE).append(meaning)
    return text


class InviteDialog(Dialog):
    """A new invite as QR code and link."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "copy", "Copy")]

    def __init__(self, invite: Invite) -> None:
        super().__init__()
        self._invite = invite

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("An invite for one person", classes="title")
            yield Static(Text(self._invite.link, overflow="fold"))
            until = when(self._invite.expires_at)
            yield Static(
                f"\nGood until {until}. Hand it over privately: who has it can use it.", classes="quiet"
            )
            yield Static("Ctrl+C copies the link, Escape closes this\n", classes="quiet")
            with Vertical(classes="center"):
                yield Static(Text(terminal_qr(self._invite.link)), classes="qr")

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._invite.link)
        self.app.notify("The link is in the clipboard.")


class AddDialog(ModalScreen[tuple[str, str] | None]):
    """Asks for an invite link or address, and a name; the answer is (who, name)."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close")]

    def __init__(self) -> None:
        super().__init__(classes="dialog")

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("Add somebody", classes="title")
            yield Input(placeholder="Invite link or address", id="who", max_length=4096)
            yield Input(placeholder="What to call the person here (optional)", id="name", max_length=64)
            yield Static("Enter adds, Escape closes this", classes="quiet")

    @on(Input.Submitted)
    def _submitted(self) -> None:
        who = self.query_one("#who", Input).value.strip()
        if who:
            self.dismiss((who, self.query_one("#name", Input).value.strip()))


class VerifyDialog(ModalScreen[bool | None]):
    """The safety number; True: the numbers agree, False: verified no more."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close")]

    def __init__(self, contact: Contact, verification: Verification) -> None:
        super().__init__(classes="dialog")
        self._contact = contact
        self._verification = verification

    def compose(self) -> ComposeResult:
        name = printable(self._contact.name)
        verified = self._verification.verified
        with Vertical():
            yield Static(Text(f"Safety number with {name}"), classes="title")
            said = (
                "It was compared before."
                if verified
                else "Read it to each other, or scan the code: both sides must see the same."
            )
            yield Static(said, classes="quiet")
            yield Static(draw.safety_lines(self._verification.safety_number), classes="number")
            with Horizontal(classes="buttons"):
                if verified:
                    yield Button("Not verified any more", name="withdraw", compact=True)
                else:
                    yield Button("They agree", name="agree", variant="success", compact=True)
                yield Button("Close", name="close", compact=True)
            with Vertical(classes="center"):
                yield Static(Text(terminal_qr(self._verification.qr)), classes="qr")

    def on_mount(self) -> None:
        self.query(Button).last().focus()  # Enter by habit must not verify anybody

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss({"agree": True, "withdraw": False}.get(event.button.name or ""))


class SearchDialog(ModalScreen[SearchHit | None]):
    """Searches while one types; the answer is the chosen message."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close"),
        Binding("down", "results", "Results", show=False),
    ]

    def __init__(self, search: Callable[[str], Awaitable[SearchPage]], names: dict[str, str]) -> None:
        super().__init__(classes="dialog")
        self._search = search
        self._names = names
        self._hits: dict[str, SearchHit] = {}

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("Search", classes="title")
            yield Input(placeholder="Words; the last one may be unfinished", max_length=256)
            yield Static(id="found", classes="quiet")
            yield OptionList(id="results")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._look(event.value.strip())

    @work(exclusive=True)
    async def _look(self, query: str) -> None:
        problem = ""
        hits: tuple[SearchHit, ...] = ()
        if query:
            try:
                hits = (await self._search(query)).hits
            except StardustError as error:
                problem = str(error)
        self._hits = {hit.message.id: hit for hit in hits}
        options = [
            Option(draw.hit(one, self._names.get(one.message.contact, "")), id=key)
            for key, one in self._hits.items()
        ]
        self.query_one(OptionList).set_options(options)
        word = "Nothing found." if query and not hits else ""
        self.query_one("#found", Static).update(Text(problem or word))

    @on(Input.Submitted)
    def action_results(self) -> None:
        results = self.query_one(OptionList)
        if self._hits:
            results.focus()
            results.highlighted = results.highlighted or 0

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._hits.get(event.option.id or ""))
