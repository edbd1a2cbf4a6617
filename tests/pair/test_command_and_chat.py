"""The command and the chat against two whole daemons: only chain and network are not real."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stardust.tui.app import ChatApp
from stardust.tui.widgets import Composer, MessageRow
from tests.fakes.daemons import PASSPHRASE, World, person

STARDUST = str(Path(sys.executable).parent / "stardust")


@dataclass
class Terminal:
    """A person at a command line."""

    home: Path

    async def __call__(self, *arguments: str, code: int = 0) -> Any:
        child = await asyncio.create_subprocess_exec(
            STARDUST,
            "--json",
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"STARDUST_HOME": str(self.home), "STARDUST_PASSPHRASE": PASSPHRASE, "PATH": ""},
        )
        out, err = await child.communicate()
        assert child.returncode == code, (arguments, out, err)
        assert err == b""
        return json.loads(out)


@dataclass
class Two:
    alice: Terminal
    bob: Terminal


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    world = World()
    async with (
        person(world, tmp_path / "alice", "Alice"),
        person(world, tmp_path / "bob", "Bob"),
    ):
        yield Two(Terminal(tmp_path / "alice"), Terminal(tmp_path / "bob"))


async def meet(two: Two) -> None:
    """By invite, until both sides have the other as a contact with a name."""
    invite = await two.alice("invite")
    assert invite["link"].startswith("stardust:invite:")
    await two.bob("contact", "add", invite["link"])
    for terminal, name in ((two.alice, "Bob"), (two.bob, "Alice")):
        while [(one["name"], one["state"]) for one in await contacts(terminal)] != [(name, "accepted")]:
            pass  # each question is a process of its own: slow enough


async def contacts(terminal: Terminal) -> list[Any]:
    listed: list[Any] = (await terminal("contact", "list"))["contacts"]
    return listed


async def test_two_people_meet_verify_and_talk_by_command(two: Two) -> None:
    assert (await two.alice("login"))["call"] == "none"
    assert (await two.alice("whoami"))["registered"]
    await meet(two)
    hers = await two.alice("contact", "verify", "bob")
    his = await two.bob("contact", "verify", "alice")
    assert hers["safety_number"] == his["safety_number"]
    assert len("".join(hers["safety_number"].split())) == 60
    assert (await two.bob("contact", "verify", "alice", "--scanned", hers["qr"]))["verified"]
    wrong = await two.alice("contact", "verify", "bob", "--confirm", "0" * 60, code=2)
    assert "nothing was confirmed" in wrong["error"]["message"]
    assert (await two.alice("contact", "verify", "bob", "--confirm", his["safety_number"]))["verified"]
    refused = await two.alice("contact", "verify", "bob", "--scanned", hers["qr"], code=2)
    assert refused["error"]["message"]
    sent = await two.alice("send", "bob", "hello", "Bob", "--wait", "delivered", "--timeout", "20")
    assert sent["state"] in ("delivered", "read")
    page = await two.bob("history", "alice")
    assert [(one["body"], one["outgoing"]) for one in page["messages"]] == [("hello Bob", False)]
    assert [hit["message"]["body"] for hit in (await two.bob("search", "hel"))["hits"]] == ["hello Bob"]
    assert (await two.bob("contact", "block", "alice"))["blocked"]
    blocked = await two.bob("send", "alice", "hi", code=2)
    assert blocked["error"]["code"] == "contact_blocked"


async def test_what_is_written_by_command_is_read_and_answered_in_the_chat(two: Two) -> None:
    await meet(two)
    chat = ChatApp(two.bob.home, "alice")
    async with chat.run_test(size=(110, 40)) as pilot:

        async def until(happened: Callable[[], bool]) -> None:
            while not happened():
                await pilot.pause()
                await asyncio.sleep(0.01)

        await until(lambda: not chat.query_one(Composer).has_class("closed"))
        sent = await two.alice("send", "bob", "are you there?", "--wait", "read", "--timeout", "20")
        assert sent["state"] == "read"
        await until(lambda: [row.message.body for row in chat.query(MessageRow)] == ["are you there?"])
        await until(lambda: chat.focused is chat.query_one(Composer))
        await pilot.press(*"yes", "enter")
        await until(lambda: [row.message.state for row in chat.query(MessageRow)][1:] == ["delivered"])
        page = await two.alice("history", "bob")
        assert [one["body"] for one in page["messages"]] == ["are you there?", "yes"]
