from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path

from stardust.api.calls import MessagesSend
from stardust.api.events import MessageReceived, MessageStateChanged
from tests.fakes.daemons import World, befriend, person

SOURCE = Path(__file__).parents[2] / "docs" / "echo_bot.py"


async def test_the_documented_bot_says_everything_back(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("echo_bot", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    bot = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bot)
    world = World()
    async with (
        person(world, tmp_path / "alice", "Alice") as (_, alice),
        person(world, tmp_path / "bot", "Bot") as (daemon, client),
    ):
        await befriend(alice, client)
        running = asyncio.create_task(bot.main(daemon.home))
        answers = await alice.subscribe(MessageReceived)
        read = await alice.subscribe(MessageStateChanged)
        sent = await alice.call(MessagesSend("Bot", "hello bot"))
        answer = await answers.next()
        assert isinstance(answer, MessageReceived)
        assert (answer.message.body, answer.message.reply_to) == ("hello bot", sent.id)
        while True:
            event = await read.next()
            if isinstance(event, MessageStateChanged) and event.state == "read":
                break
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def test_the_bot_is_as_short_as_promised() -> None:
    lines = [line for line in SOURCE.read_text().splitlines() if line.strip()]
    assert len(lines) <= 20
