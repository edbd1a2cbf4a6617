"""Every screen on terminals from 40 columns on: nothing that matters is out of sight."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, OptionList

from stardust.tui.app import ChatApp
from stardust.tui.dialogs import HelpDialog, InviteDialog, QrCode, QrPage, SearchDialog, VerifyDialog
from stardust.tui.widgets import Composer
from tests.fakes.api_daemon import FakeDaemon, contact, fake_daemon
from tests.unit.tui.test_chat import until

Size = tuple[int, int]
SIZES: list[Size] = [(80, 24), (100, 30), (40, 24)]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[FakeDaemon]:
    with fake_daemon(tmp_path) as running:
        running.world.add(contact("Bob", online=True, link="open"))
        for number in range(30):
            running.world.write("Bob", f"hello {number}", outgoing=False)
        yield running


@asynccontextmanager
async def chatting(home: Path, size: Size) -> AsyncIterator[Pilot[None]]:
    app = ChatApp(home, "bob")
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.model.contact is not None and not composer(app).has_class("closed"))
        yield pilot


def composer(app: App[None]) -> Composer:
    return app.screen_stack[0].query_one(Composer)


async def opened(pilot: Pilot[None], key: str, kind: type[Screen[Any]]) -> Screen[Any]:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))
    return pilot.app.screen


def in_sight(widget: Widget) -> bool:
    """Whole, inside its container's and the terminal's edges."""
    parent = widget.parent
    assert isinstance(parent, Widget)
    frames = (parent.region, widget.screen.region)
    return widget.region.area > 0 and all(frame.contains_region(widget.region) for frame in frames)


@pytest.mark.parametrize("size", [(40, 24), (63, 30)])
async def test_a_narrow_terminal_shows_the_people_or_a_conversation(
    daemon: FakeDaemon, tmp_path: Path, size: Size
) -> None:
    async with chatting(tmp_path, size) as pilot:
        people, conversation = (pilot.app.query_one(one) for one in ("#people-side", "#conversation"))
        await until(pilot, lambda: conversation.region.width == size[0] and people.region.width == 0)
        await pilot.press(*"hi", "escape")
        await until(pilot, lambda: people.region.width == size[0] and conversation.region.width == 0)
        await pilot.press("enter")
        await until(pilot, lambda: conversation.region.width == size[0])
        assert composer(pilot.app).text == "hi"
        await until(pilot, lambda: pilot.app.focused is composer(pilot.app))


@pytest.mark.parametrize("size", SIZES)
async def test_the_header_has_both_its_parts(daemon: FakeDaemon, tmp_path: Path, size: Size) -> None:
    async with chatting(tmp_path, size) as pilot:
        own, state = (pilot.app.query_one(one) for one in ("#own", "#state"))
        assert own.region.right <= state.region.x
        assert state.region.right <= size[0]
        assert state.region.width >= len("● chain   1 link")


@pytest.mark.parametrize("size", SIZES[:2])
async def test_all_of_the_help_is_seen_at_once(daemon: FakeDaemon, tmp_path: Path, size: Size) -> None:
    async with chatting(tmp_path, size) as pilot:
        help_ = await opened(pilot, "f1", HelpDialog)
        assert all(in_sight(one) for one in help_.query("Static"))
        assert "Escape" in str(help_.query_one(".box").border_subtitle)


@pytest.mark.parametrize("size", SIZES)
async def test_search_keeps_its_title_while_one_goes_through_the_results(
    daemon: FakeDaemon, tmp_path: Path, size: Size
) -> None:
    async with chatting(tmp_path, size) as pilot:
        dialog = await opened(pilot, "f2", SearchDialog)
        await pilot.press(*"hello")
        results = dialog.query_one(OptionList)
        await until(pilot, lambda: results.option_count == 30)
        await pilot.press(*["down"] * 20)
        await until(pilot, lambda: results.highlighted == 19)
        assert in_sight(dialog.query_one(".title"))
        assert in_sight(results)


@pytest.mark.parametrize("size", SIZES)
async def test_safety_number_and_buttons_are_seen(daemon: FakeDaemon, tmp_path: Path, size: Size) -> None:
    async with chatting(tmp_path, size) as pilot:
        dialog = await opened(pilot, "f5", VerifyDialog)
        await until(pilot, lambda: dialog.query_one(QrCode).query_one(".room").display)
        assert in_sight(dialog.query_one(".number"))
        assert all(in_sight(one) for one in dialog.query(Button))


async def test_a_code_that_does_not_fit_is_told_and_not_cut(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path, (80, 24)) as pilot:
        code = (await opened(pilot, "f3", InviteDialog)).query_one(QrCode)
        words = code.query_one(".room")
        await until(pilot, lambda: words.display)
        needs = code.needs
        assert not code.query_one(".qr").display
        assert f"{needs.width} columns and {needs.height} rows" in str(words.render())
        await pilot.press("f6")
        await pilot.pause()
        assert isinstance(pilot.app.screen, InviteDialog)


async def test_a_code_has_a_page_of_its_own_where_that_is_enough(daemon: FakeDaemon, tmp_path: Path) -> None:
    async with chatting(tmp_path, (110, 38)) as pilot:
        dialog = await opened(pilot, "f3", InviteDialog)
        assert not dialog.query_one(".qr").display
        page = await opened(pilot, "f6", QrPage)
        await until(pilot, lambda: in_sight(page.query_one(".qr")))
        assert page.query_one(".qr").region.size == dialog.query_one(QrCode).needs
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is dialog)
        await pilot.resize_terminal(110, 60)
        await until(pilot, lambda: in_sight(dialog.query_one(".qr")))
