"""Dialogs above the chat: search, safety number, invite, add, help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar, TypeVar

from rich.table import Table
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.geometry import Size
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
    ("Tab, Escape", "from people to message and back"),
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


R = TypeVar("R")


def reading(footer: str) -> VerticalScroll:
    """What a dialog stands in: a box that scrolls by keys. ``footer`` is always seen."""
    container = VerticalScroll(classes="box")
    container.border_subtitle = footer
    return container


def typing(footer: str, classes: str = "box") -> Vertical:
    """The same for a dialog with a field, which gets all keys."""
    container = Vertical(classes=classes)
    container.border_subtitle = footer
    return container


class HelpDialog(ModalScreen[None]):
    """Keys and marks."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close")]

    def __init__(self) -> None:
        super().__init__(classes="dialog")

    def compose(self) -> ComposeResult:
        with reading("Escape closes this"):
            yield Static("Keys", classes="title")
            yield Static(_pairs(KEYS))
            yield Static("What stands beside a message", classes="title after")
            yield Static(_pairs(MARKS))


def _pairs(rows: tuple[tuple[str, str], ...]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style=draw.BLUE, no_wrap=True)
    for key, meaning in rows:
        table.add_row(key, meaning)
    return table


class QrPage(ModalScreen[None]):
    """A QR code with the whole terminal to itself."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f6", "dismiss", "Close")]

    def __init__(self, code: str) -> None:
        super().__init__(id="page")
        self._code = code

    def compose(self) -> ComposeResult:
        yield Static(Text(self._code, no_wrap=True), classes="qr")


class QrCode(Vertical):
    """A QR code where there is room for it, else how to see it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.code = terminal_qr(text)

    def compose(self) -> ComposeResult:
        yield Static(Text(self.code, no_wrap=True), classes="qr")
        yield Static(classes="room")

    @property
    def needs(self) -> Size:
        lines = self.code.split("\n")
        return Size(len(lines[0]), len(lines))

    def fit(self, room: Size, page: Size) -> None:
        """``room`` is what the dialog has left for it, ``page`` the whole terminal."""
        shown = _holds(room, self.needs)
        self.query_one(".qr").display = shown
        words = self.query_one(".room", Static)
        words.display = not shown
        if _holds(page, self.needs):
            words.update("F6 shows the QR code on a page of its own.")
        else:
            words.update(
                f"The QR code needs a terminal of {self.needs.width} columns and {self.needs.height} rows; "
                f"this one has {page.width} and {page.height}."
            )


def _holds(room: Size, needs: Size) -> bool:
    return room.width >= needs.width and room.height >= needs.height


class QrDialog(ModalScreen[R]):
    """Base: a dialog with a ``QrCode`` in its box."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close"),
        Binding("f6", "page", "QR code"),
    ]

    def __init__(self) -> None:
        super().__init__(classes="dialog")

    def on_resize(self) -> None:
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        frame, code = self.query_one(".box"), self.query_one(QrCode)
        others = sum(one.outer_size.height for one in frame.children if one is not code)
        border = frame.gutter
        height = self.size.height * 96 // 100 - border.height - others
        code.fit(Size(frame.outer_size.width - border.width, height), self.size)

    def action_page(self) -> None:
        code = self.query_one(QrCode)
        if _holds(self.size, code.needs):
            self.app.push_screen(QrPage(code.code))


class InviteDialog(QrDialog[None]):
    """A new invite as QR code and link."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "copy", "Copy")]

    def __init__(self, invite: Invite) -> None:
        super().__init__()
        self._invite = invite

    def compose(self) -> ComposeResult:
        with reading("Ctrl+C copies the link, Escape closes this"):
            yield Static("An invite for one person", classes="title")
            yield Static(Text(self._invite.link, overflow="fold"))
            until = when(self._invite.expires_at)
            yield Static(
                f"Good until {until}. Hand it over privately: who has it can use it.", classes="quiet after"
            )
            yield QrCode(self._invite.link)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._invite.link)
        self.app.notify("The link is in the clipboard.")


class AddDialog(ModalScreen[tuple[str, str] | None]):
    """Asks for an invite link or address, and a name; the answer is (who, name)."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close")]

    def __init__(self, who: str = "", name: str = "", problem: str = "") -> None:
        """With what was typed before, and why that did not work."""
        super().__init__(classes="dialog")
        self._who = who
        self._name = name
        self._problem = problem

    def compose(self) -> ComposeResult:
        with typing("Enter adds, Escape closes this"):
            yield Static("Add somebody", classes="title")
            yield Input(self._who, placeholder="Invite link or address", id="who", max_length=4096)
            optional = "What to call the person here (optional)"
            yield Input(self._name, placeholder=optional, id="name", max_length=64)
            if self._problem:
                yield Static(Text(self._problem), classes="problem")

    @on(Input.Submitted)
    def _submitted(self) -> None:
        who = self.query_one("#who", Input).value.strip()
        if who:
            self.dismiss((who, self.query_one("#name", Input).value.strip()))


class VerifyDialog(QrDialog[bool | None]):
    """The safety number; True: the numbers agree, False: verified no more."""

    def __init__(self, contact: Contact, verification: Verification) -> None:
        super().__init__()
        self._contact = contact
        self._verification = verification

    def compose(self) -> ComposeResult:
        name = printable(self._contact.name)
        verified = self._verification.verified
        with reading("Escape closes this"):
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
            yield QrCode(self._verification.qr)

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
        with typing("Enter or Down goes to what was found, Escape closes this", "box tall"):
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
