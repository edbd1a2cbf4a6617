"""The chat on the real API server with canned people behind it, driven by keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Button, Input, OptionList, Static

from stardust.api import calls as c
from stardust.tui.app import PAGE, ChatApp
from stardust.tui.dialogs import AddDialog, HelpDialog, InviteDialog, SearchDialog, VerifyDialog
from stardust.tui.widgets import Composer, MessageRow, MessageView
from tests.fakes.api_daemon import FakeDaemon, contact, fake_daemon

Chat = Pilot[None]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[FakeDaemon]:
    with fake_daemon(tmp_path) as running:
        world = running.world
        world.add(contact("Bob", online=True, link="open"))
        world.add(contact("Carol"))
        world.write("Bob", "hi there", outgoing=False)
        world.write("Bob", "hello Bob", outgoing=True, state="delivered")
        yield running


@asynccontextmanager
async def chatting(home: Path, who: str | None = None) -> AsyncIterator[Chat]:
    app = ChatApp(home, who)
    async with app.run_test(size=(110, 40)) as pilot:
        await until(pilot, lambda: app.model.connected is True)
        if who:
            await until(pilot, lambda: app.model.contact is not None and bool(rows(pilot)))
        yield pilot


async def until(pilot: Chat, happened: Callable[[], bool]) -> None:
    """Lets the app work until ``happened``; the test's own time limit ends it otherwise."""
    while not happened():
        await pilot.pause()
        await asyncio.sleep(0.01)
    await pilot.pause()


def app_of(pilot: Chat) -> ChatApp:
    app = pilot.app
    assert isinstance(app, ChatApp)
    return app


def rows(pilot: Chat) -> list[MessageRow]:
    return list(pilot.app.screen_stack[0].query(MessageRow))


def bodies(pilot: Chat) -> list[str]:
    return [row.message.body for row in rows(pilot)]


def shown(pilot: Chat, selector: str) -> str:
    """On the chat's own screen; ``in_dialog`` looks at the one above it."""
    return str(pilot.app.query_one(selector, Static).render())


def in_dialog(pilot: Chat, selector: str) -> str:
    return str(pilot.app.screen.query_one(selector, Static).render())


def marks(pilot: Chat) -> list[str]:
    return [str(row.query_one(".meta", Static).render()).split("  ")[-1] for row in rows(pilot)]


def called(daemon: FakeDaemon, kind: type[c.Call[Any]]) -> list[c.Call[Any]]:
    return [call for call in daemon.world.received if isinstance(call, kind)]


async def test_it_shows_people_presence_and_the_chain(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path) as pilot:
        await until(pilot, lambda: pilot.app.query_one("#people", OptionList).option_count == 2)
        await until(pilot, lambda: "chain   1 link" in shown(pilot, "#state"))
        assert "Ann" in shown(pilot, "#own")


async def test_a_conversation_opens_by_keys_and_is_marked_read(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path) as pilot:
        await until(pilot, lambda: pilot.app.query_one("#people", OptionList).option_count == 2)
        await pilot.press("enter")
        await until(pilot, lambda: bodies(pilot) == ["hi there", "hello Bob"])
        assert "connected, direct, 3 ms" in shown(pilot, "#head")
        assert isinstance(pilot.app.focused, Composer)
        await until(pilot, lambda: daemon.world.find("Bob").unread == 0)
        assert called(daemon, c.ChatsOpen)


async def test_a_message_is_sent_and_its_receipts_appear(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path, "bob") as pilot:
        await pilot.press(*"new", "space", *"text", "ctrl+j", *"two", "enter")
        await until(pilot, lambda: bodies(pilot)[-1] == "new text\ntwo")
        await until(pilot, lambda: marks(pilot)[-1] == "◷")
        assert pilot.app.query_one(Composer).text == ""
        message = daemon.world.messages[-1]
        for state, mark in (("sent", "✓"), ("delivered", "✓✓"), ("read", "✓✓ read")):
            daemon.do(lambda world, s=state: world.advance(message, s))  # type: ignore[misc]
            await until(pilot, lambda m=mark: marks(pilot)[-1] == m)  # type: ignore[misc]
        await until(pilot, lambda: rows(pilot)[-1].message.state == "read")


async def test_enter_does_not_overtake_the_letters_before_it(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path, "bob") as pilot:
        await until(pilot, lambda: isinstance(pilot.app.focused, Composer))
        for letter in "fast":
            pilot.app.post_message(Key(letter, letter))
        pilot.app.simulate_key("enter")
        await until(pilot, lambda: bodies(pilot)[-1] == "fast")
        assert pilot.app.query_one(Composer).text == ""


async def test_what_comes_in_appears_at_the_bottom(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path, "bob") as pilot:
        for number in range(30):
            daemon.do(lambda world, n=number: world.receive("Bob", f"news {n}"))  # type: ignore[misc]
        await until(pilot, lambda: bodies(pilot)[-1] == "news 29")
        assert len(bodies(pilot)) == 32
        await until(pilot, lambda: pilot.app.query_one(MessageView).is_vertical_scroll_end)
        await until(pilot, lambda: daemon.world.find("Bob").unread == 0)


async def test_a_message_to_somebody_else_stays_out_of_the_open_conversation(
    daemon: FakeDaemon, tmp_path: Path
) -> None:
    async with chatting(tmp_path, "bob") as pilot:
        daemon.do(lambda world: world.receive("Carol", "for later"))
        await until(pilot, lambda: app_of(pilot).model.people[0].name == "Carol")
        assert "for later" not in bodies(pilot)
        assert daemon.world.find("Carol").unread == 1


async def test_markup_and_escapes_in_messages_are_text(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path, "bob") as pilot:
        daemon.do(lambda world: world.receive("Bob", "[bold red]not markup[/] \x1b[31mnor this"))
        await until(pilot, lambda: len(rows(pilot)) == 3)
        body = str(rows(pilot)[-1].query_one(".body", Static).render())
        assert body == "[bold red]not markup[/] �[31mnor this"


async def test_older_messages_come_when_one_scrolls_to_the_top(daemon: FakeDaemon, tmp_path: Path) -> None:
    daemon.do(lambda world: [world.write("Bob", f"old {n}", outgoing=False) for n in range(PAGE + 20)])
    async with chatting(tmp_path, "bob") as pilot:
        assert len(rows(pilot)) == PAGE
        view = pilot.app.query_one(MessageView)
        await until(pilot, lambda: view.scroll_y > 0)
        view.scroll_home(animate=False)
        await until(pilot, lambda: len(rows(pilot)) == PAGE + 22)
        assert bodies(pilot)[0] == "hi there"
        assert bodies(pilot)[-1] == f"old {PAGE + 19}"


async def test_changed_keys_stop_sending_until_accepted(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path, "bob") as pilot:
        daemon.do(lambda world: world.change_keys("Bob"))
        await until(pilot, lambda: pilot.app.query_one("#banner").display)
        assert "have changed" in shown(pilot, "#banner-text")
        await pilot.press(*"secret", "enter")
        await until(pilot, lambda: bool(called(daemon, c.MessagesSend)))
        composer = pilot.app.query_one(Composer)
        await until(pilot, lambda: composer.text == "secret")
        assert composer.cursor_location == composer.document.end
        assert bodies(pilot) == ["hi there", "hello Bob"]
        accept = next(one for one in pilot.app.query(Button) if one.name == "accept_keys")
        accept.press()
        await until(pilot, lambda: not pilot.app.query_one("#banner").display)
        assert called(daemon, c.ContactsAcceptKeys)


async def test_a_request_is_accepted_and_then_one_can_write(daemon: FakeDaemon, tmp_path: Path) -> None:
    daemon.world.add(contact("Dave", state="request_received", note="from the summit"))
    app = ChatApp(tmp_path, "dave")
    async with app.run_test(size=(110, 40)) as pilot:
        await until(pilot, lambda: app.model.contact is not None)
        await until(pilot, lambda: "from the summit" in shown(pilot, "#banner-text"))
        assert app.query_one(Composer).has_class("closed")
        next(one for one in app.query(Button) if one.name == "accept").press()
        await until(pilot, lambda: not app.query_one(Composer).has_class("closed"))
        assert daemon.world.find("Dave").state == "accepted"


async def test_a_request_can_be_declined(daemon: FakeDaemon, tmp_path: Path) -> None:
    daemon.world.add(contact("Dave", state="request_received"))
    app = ChatApp(tmp_path, "dave")
    async with app.run_test(size=(110, 40)) as pilot:
        await until(pilot, lambda: len(app.query("#banner-buttons Button")) == 3)
        next(one for one in app.query(Button) if one.name == "decline").press()
        await until(pilot, lambda: app.model.selected is None)
        await until(pilot, lambda: app.query_one("#people", OptionList).option_count == 2)


async def test_search_opens_the_conversation_at_the_message(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path) as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(pilot.app.screen, SearchDialog))
        await pilot.press(*"there")
        results = pilot.app.screen.query_one("#results", OptionList)
        await until(pilot, lambda: results.option_count == 1)
        await pilot.press("down")
        await until(pilot, lambda: pilot.app.focused is results)
        await pilot.press("enter")
        await until(pilot, lambda: app_of(pilot).model.selected == contact("Bob").address)
        await until(
            pilot,
            lambda: (
                [row.message.body for row in pilot.app.query(".row.found").results(MessageRow)]
                == ["hi there"]
            ),
        )


async def test_the_safety_number_is_compared(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path, "bob") as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, VerifyDialog))
        assert "00000   00001" in in_dialog(pilot, ".number")
        next(one for one in pilot.app.screen.query(Button) if one.name == "agree").press()
        await until(pilot, lambda: "✓ verified" in shown(pilot, "#head"))
        assert daemon.world.find("Bob").verified


async def test_pressing_again_while_the_chain_is_asked_makes_one_dialog(
    daemon: FakeDaemon, tmp_path: Path
) -> None:
    daemon.world.slow = c.InvitesCreate
    app = ChatApp(tmp_path)
    async with app.run_test(size=(110, 40), notifications=True) as pilot:
        await until(pilot, lambda: app.model.connected is True)
        for count in (1, 2, 3):
            await pilot.press("f3")
            await until(pilot, lambda n=count: len(called(daemon, c.InvitesCreate)) == n)  # type: ignore[misc]
        await until(pilot, lambda: any("Asking the chain" in one.message for one in app._notifications))
        daemon.do(lambda world: world.goes_on.set())
        await until(pilot, lambda: isinstance(app.screen, InviteDialog))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.screen_stack[0])


async def test_an_invite_shows_link_and_code(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path) as pilot:
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, InviteDialog))
        assert "█" in in_dialog(pilot, ".qr")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, InviteDialog))


async def test_somebody_is_added_by_link(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddDialog))
        pilot.app.screen.query_one("#who", Input).value = "stardust:invite:abc"
        pilot.app.screen.query_one("#name", Input).value = "Zoe"
        await pilot.press("enter")
        await until(pilot, lambda: app_of(pilot).model.contact is not None)
        assert called(daemon, c.ContactsAdd) == [c.ContactsAdd("stardust:invite:abc", "Zoe")]
        await until(pilot, lambda: "has not answered" in shown(pilot, "#banner-text"))


async def test_a_link_that_is_refused_stays_to_be_mended(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddDialog))
        await pilot.press(*"nonsense", "tab", *"Zoe", "enter")
        await until(pilot, lambda: bool(pilot.app.screen.query(".problem")))
        assert "not an account address" in in_dialog(pilot, ".problem")
        assert [one.value for one in pilot.app.screen.query(Input)] == ["nonsense", "Zoe"]


async def test_help_explains_keys_and_marks(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpDialog))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, HelpDialog))


async def test_conversations_are_changed_by_keys_and_links_let_go(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path, "bob") as pilot:
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app_of(pilot).model.selected == contact("Carol").address)
        await until(pilot, lambda: bool(called(daemon, c.ChatsClose)))
        await pilot.press("ctrl+p")
        await until(pilot, lambda: app_of(pilot).model.selected == contact("Bob").address)


async def test_it_says_when_the_daemon_goes_and_is_back_when_it_is(tmp_path: Path) -> None:
    app = ChatApp(tmp_path, "bob")
    async with app.run_test(size=(110, 40)) as pilot:
        await until(pilot, lambda: "stardust up" in shown(pilot, "#state"))
        for text in ("one", "two"):
            with fake_daemon(tmp_path) as daemon:
                daemon.world.add(contact("Bob"))
                daemon.world.write("Bob", text, outgoing=False)
                await until(pilot, lambda t=text: bodies(pilot) == [t])  # type: ignore[misc]
            await until(pilot, lambda: "stardust up" in shown(pilot, "#state"))


async def test_what_was_written_while_the_daemon_is_away_stays_in_the_line(
    daemon: FakeDaemon, tmp_path: Path
) -> None:
    async with chatting(tmp_path, "bob") as pilot:
        daemon.stop()
        await until(pilot, lambda: app_of(pilot).model.connected is False)
        await pilot.press(*"keep", "enter")
        await until(pilot, lambda: pilot.app.query_one(Composer).text == "keep")


async def test_an_unknown_name_is_told(daemon: FakeDaemon, tmp_path: Path) -> None:
    app = ChatApp(tmp_path, "mallory")
    async with app.run_test(size=(110, 40), notifications=True) as pilot:
        await until(pilot, lambda: any("mallory" in one.message for one in app._notifications))
