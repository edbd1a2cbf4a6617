"""The full-screen chat: joins the daemon's API, the model and the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar, TypeVar

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Footer, Static
from textual.worker import Worker, WorkerState

from stardust.api import calls
from stardust.api.calls import Call
from stardust.api.client import Client
from stardust.api.errors import ConnectionLostError
from stardust.api.types import Contact, SearchHit, SearchPage
from stardust.errors import StardustError, UnavailableError
from stardust.tui import draw
from stardust.tui.dialogs import AddDialog, HelpDialog, InviteDialog, SearchDialog, VerifyDialog
from stardust.tui.model import Model, Part
from stardust.tui.text import printable
from stardust.tui.theme import CSS, THEME
from stardust.tui.widgets import Composer, ConversationView, MessageView, PeopleList

R = TypeVar("R")

PAGE = 60
FRAME = 0.03
"""Seconds between two drawings, however many events come."""
SLOW = 0.5
"""Seconds without an answer, after which the person is told what is being waited for."""
ASKS_CHAIN = frozenset({calls.InvitesCreate, calls.ContactsAdd, calls.ContactsVerify})
RETRY = (0.3, 0.5, 1.0, 2.0)
"""Seconds between attempts to reach the daemon; the last one for ever."""
HINTS = {
    "keys_changed": "F5 shows the safety number to compare; Accept stands above the messages.",
    "contact_blocked": "Unblock stands above the messages.",
}
"""By error code, where the screen has a way of its own and the daemon's hint names a command."""


class ChatApp(App[None]):
    """The chat of one home folder."""

    TITLE = "Stardust"
    CSS = CSS
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-wide")]  # noqa: RUF012 - Textual declares it so
    """Narrow: either the people or a conversation."""
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help"),
        Binding("f2", "search", "Search"),
        Binding("f3", "invite", "Invite"),
        Binding("f4", "add", "Add"),
        Binding("f5", "verify", "Verify"),
        Binding("escape", "people", "People", show=False),
        Binding("ctrl+n", "next(1)", "Next", show=False, priority=True),
        Binding("ctrl+p", "next(-1)", "Previous", show=False, priority=True),
        Binding("pageup", "scroll('up')", "Scroll", show=False),
        Binding("pagedown", "scroll('down')", "Scroll", show=False),
        Binding("ctrl+q", "quit", "Leave", priority=True),
    ]

    def __init__(self, home: Path, contact: str | None = None) -> None:
        super().__init__()
        self._home = home
        self._wanted = contact
        self._client: Client | None = None
        self._nickname = ""
        self._dirty = Part.NONE
        self._drawing = asyncio.Lock()
        self.model = Model()

    def compose(self) -> ComposeResult:
        with Horizontal(id="header"):
            yield Static(id="own")
            yield Static(id="state")
        with Horizontal(id="body"):
            yield PeopleList(id="people-side")
            yield ConversationView(id="conversation")
        yield Footer(show_command_palette=False)

    async def on_mount(self) -> None:
        self.register_theme(THEME)
        self.theme = "stardust"
        await self._draw(Part.HEADER | Part.PEOPLE | Part.CONVERSATION)
        self.query_one("#people").focus()
        self.set_interval(30, lambda: self._touch(Part.CONVERSATION))  # "5 min ago" grows old
        self._stay_connected()

    # the daemon

    @work(exclusive=True, group="daemon", exit_on_error=False)
    async def _stay_connected(self) -> None:
        attempt = 0
        while True:
            try:
                async with await Client.connect(self._home) as client:
                    self._client = client
                    attempt = 0
                    await self._follow(client)
            except UnavailableError:
                pass
            except StardustError as error:
                self._say(error)
            self._client = None
            self.model.connected = False
            self._touch(Part.HEADER)
            await asyncio.sleep(RETRY[min(attempt, len(RETRY) - 1)])
            attempt += 1

    async def _follow(self, client: Client) -> None:
        events = await client.subscribe()  # first, so that nothing falls between state and events
        await self._load(client)
        async for event in events:
            part = self.model.apply(event)
            if part & Part.RELOAD:
                await self._load(client)
            elif part & Part.GONE:
                return
            else:
                self._touch(part)

    async def _load(self, client: Client) -> None:
        self._nickname = (await client.call(calls.IdentityWhoami())).nickname
        status = await client.call(calls.SystemStatus())
        contacts = (await client.call(calls.ContactsList())).contacts
        self.model.load(status, contacts)
        self.model.conversations.clear()
        if self.model.selected:
            await self._open(self.model.selected)
        self._touch(Part.HEADER | Part.PEOPLE | Part.CONVERSATION)
        await self._open_wanted(client)

    async def _open_wanted(self, client: Client) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        try:
            contact = await client.call(calls.ContactsGet(contact=wanted))
        except StardustError as error:
            self._say(error)
        else:
            await self._choose(contact.address)

    async def _call(self, call: Call[R]) -> R:
        if self._client is None:
            raise ConnectionLostError("The daemon is not running.", hint="start it with: stardust up")
        if type(call) not in ASKS_CHAIN:
            return await self._client.call(call)
        waiting = self.set_timer(SLOW, lambda: self.notify("Asking the chain…"))
        try:
            return await self._client.call(call)
        finally:
            waiting.stop()

    # drawing

    def _touch(self, part: Part) -> None:
        """Draws ``part`` soon; many touches are one drawing."""
        if part and not self._dirty:
            self.set_timer(FRAME, self._redraw)
        self._dirty |= part

    async def _redraw(self) -> None:
        part, self._dirty = self._dirty, Part.NONE
        await self._draw(part)
        conversation = self.model.conversation
        if part & Part.CONVERSATION and conversation is not None:
            self._mark_read()
            if conversation.overlong and self.query_one(MessageView).is_vertical_scroll_end:
                self._reread()

    async def _draw(self, part: Part) -> None:
        async with self._drawing:
            if part & Part.HEADER:
                self.query_one("#own", Static).update(draw.own_line(self.model, self._nickname))
                self.query_one("#state", Static).update(draw.state_line(self.model))
            if part & Part.PEOPLE:
                self.query_one(PeopleList).sync(self.model.people, self.model.selected)
            if part & Part.CONVERSATION:
                await self.query_one(ConversationView).sync(self.model)

    def _say(self, error: StardustError) -> None:
        self.notify(_sentence(error), severity="warning", timeout=8, markup=False)

    # conversations

    @on(PeopleList.Chosen)
    def _on_chosen(self, event: PeopleList.Chosen) -> None:
        self._try(self._choose(event.address))

    async def _choose(self, address: str) -> None:
        before, self.model.selected = self.model.selected, address
        if before and before != address:
            self._attempt(lambda: self._call(calls.ChatsClose(contact=before)))
        await self._open(address)
        await self._draw(Part.PEOPLE | Part.CONVERSATION)
        self.query_one("#body").add_class("open")
        self.query_one(PeopleList).highlight(address)
        self.action_write()
        self._mark_read()

    async def _open(self, address: str) -> None:
        self.model.expect(address)
        page = await self._call(calls.MessagesHistory(contact=address, limit=PAGE))
        self.model.open_page(address, page)
        if self.model.contacts[address].state == "accepted":
            self._attempt(lambda: self._call(calls.ChatsOpen(contact=address)))

    @work(exclusive=True, group="older", exit_on_error=False)
    async def _reread(self) -> None:
        if self.model.selected:
            await self._guard(self._open(self.model.selected))
            self._touch(Part.CONVERSATION)

    @on(MessageView.Top)
    def _on_top(self) -> None:
        conversation, address = self.model.conversation, self.model.selected
        if conversation is not None and conversation.before and address:
            self._older(address, conversation.before)

    @work(exclusive=True, group="older", exit_on_error=False)
    async def _older(self, address: str, before: str) -> None:
        async def read() -> None:
            page = await self._call(calls.MessagesHistory(contact=address, before=before, limit=PAGE))
            self.model.older_page(address, page)

        await self._guard(read())
        self._touch(Part.CONVERSATION)

    @work(exclusive=True, group="read", exit_on_error=False)
    async def _mark_read(self) -> None:
        """Only what a person can see is read: a terminal in the background reads nothing."""
        contact = self.model.contact
        if contact is None or not contact.unread or not self.app_focus or contact.state != "accepted":
            return
        await self._guard(self._mark(contact.address))

    async def _mark(self, address: str) -> None:
        await self._call(calls.MessagesMarkRead(contact=address))

    def on_app_focus(self) -> None:
        self._mark_read()

    @on(Composer.Submitted)
    def _on_submitted(self, event: Composer.Submitted) -> None:
        address = self.model.selected
        if address is not None:
            self._send(address, event.body)

    @work(group="send", exit_on_error=False)
    async def _send(self, address: str, body: str) -> None:
        try:
            message = await self._call(calls.MessagesSend(contact=address, body=body))
        except StardustError as error:
            self._say(error)
            composer = self.query_one(Composer)
            if not composer.text:
                composer.text = body  # what was written is not lost
                composer.move_cursor(composer.document.end)
            return
        self._touch(self.model.put(message))

    @on(ConversationView.Decided)
    def _on_decided(self, event: ConversationView.Decided) -> None:
        contact = self.model.contact
        if contact is None:
            return
        if event.action == "verify":
            self.action_verify()
            return
        self._try(self._decide(contact, event.action))

    async def _decide(self, contact: Contact, action: str) -> None:
        who = contact.address
        if action == "decline":
            await self._call(calls.ContactsDecline(contact=who))
            self.model.contacts.pop(who, None)
            self.model.selected = None
            self.action_people()
            self._touch(Part.PEOPLE | Part.CONVERSATION)
            return
        made: dict[str, Call[Contact]] = {
            "accept": calls.ContactsAccept(contact=who),
            "block": calls.ContactsBlock(contact=who),
            "unblock": calls.ContactsUnblock(contact=who),
            "accept_keys": calls.ContactsAcceptKeys(contact=who),
        }
        self.model.contacts[who] = await self._call(made[action])
        await self._choose(who)

    # keys

    def action_help(self) -> None:
        self.push_screen(HelpDialog())

    def action_people(self) -> None:
        self.query_one("#body").remove_class("open")
        self.query_one("#people").focus()

    def action_write(self) -> None:
        composer = self.query_one(Composer)
        if not composer.has_class("closed"):
            composer.focus()

    def action_next(self, step: int) -> None:
        people = [one.address for one in self.model.people]
        if not people:
            return
        at = people.index(self.model.selected) + step if self.model.selected in people else 0
        self._try(self._choose(people[at % len(people)]))

    def action_scroll(self, direction: str) -> None:
        view = self.query_one(MessageView)
        (view.scroll_page_up if direction == "up" else view.scroll_page_down)()
        if direction == "up" and view.scroll_y <= 0:
            self._on_top()

    @work(exclusive=True, group="dialog", exit_on_error=False)
    async def action_search(self) -> None:
        async def search(query: str) -> SearchPage:
            return await self._call(calls.MessagesSearch(query=query))

        names = {address: one.name for address, one in self.model.contacts.items()}
        hit = await self.push_screen_wait(SearchDialog(search, names))
        if hit is not None:
            await self._guard(self._show(hit))

    async def _show(self, hit: SearchHit) -> None:
        """Opens the conversation at the message found, reading older pages until it is there."""
        address = hit.message.contact
        await self._choose(address)
        conversation = self.model.conversations[address]
        while (
            hit.message.id not in conversation.messages and conversation.before and not conversation.overlong
        ):
            page = await self._call(
                calls.MessagesHistory(contact=address, before=conversation.before, limit=200)
            )
            self.model.older_page(address, page)
        await self._draw(Part.CONVERSATION)
        view = self.query_one(MessageView)
        if view.reveal(hit.message.id):
            view.focus()
        else:
            self.notify("The message is further back than this shows; stardust history reaches it.")

    @work(exclusive=True, group="dialog", exit_on_error=False)
    async def action_invite(self) -> None:
        async def show() -> None:
            await self.push_screen_wait(InviteDialog(await self._call(calls.InvitesCreate())))

        await self._guard(show())

    @work(exclusive=True, group="dialog", exit_on_error=False)
    async def action_add(self) -> None:
        who, name, problem = "", "", ""
        while (answer := await self.push_screen_wait(AddDialog(who, name, problem))) is not None:
            who, name = answer
            try:
                contact = await self._call(calls.ContactsAdd(who=who, name=name))
            except StardustError as error:
                problem = _sentence(error)
                continue
            self.model.contacts[contact.address] = contact
            await self._guard(self._choose(contact.address))
            return

    @work(exclusive=True, group="dialog", exit_on_error=False)
    async def action_verify(self) -> None:
        contact = self.model.contact
        if contact is None:
            self.notify("Open a conversation first.")
            return

        async def verify() -> None:
            shown = await self._call(calls.ContactsVerify(contact=contact.address))
            agreed = await self.push_screen_wait(VerifyDialog(contact, shown))
            if agreed is not None:
                await self._call(calls.ContactsVerify(contact=contact.address, confirm=agreed))
                self.model.contacts[contact.address] = await self._call(
                    calls.ContactsGet(contact=contact.address)
                )
                self._touch(Part.PEOPLE | Part.CONVERSATION)

        await self._guard(verify())

    # errors become sentences

    @on(Worker.StateChanged)
    def _on_worker(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            name = type(event.worker.error).__name__
            self.notify(f"Something went wrong that should not ({name}).", severity="error")

    async def _guard(self, doing: Awaitable[object]) -> None:
        try:
            await doing
        except StardustError as error:
            self._say(error)

    def _try(self, doing: Awaitable[object]) -> None:
        self.run_worker(self._guard(doing), group="doing", exit_on_error=False)

    def _attempt(self, call: Callable[[], Awaitable[object]]) -> None:
        """A call whose failure the person need not hear of: a link is wanted, not promised."""

        async def quietly() -> None:
            try:
                await call()
            except StardustError:
                return

        self.run_worker(quietly(), group="quiet", exit_on_error=False)


def _sentence(error: StardustError) -> str:
    hint = HINTS.get(error.code, error.hint)
    return printable(str(error)) + (f"\n{printable(hint)}" if hint else "")


def run_chat(home: Path, contact: str | None = None) -> None:
    """Runs the chat until the person leaves it."""
    ChatApp(home, contact).run()
