from __future__ import annotations

import asyncio
import importlib.util
import signal
import subprocess
import sys
import time
from pathlib import Path

from stardust.api.calls import MessagesSend
from stardust.api.events import MessageReceived, MessageStateChanged
from tests.fakes.api_daemon import contact, fake_daemon
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
        await alice.call(MessagesSend("Bot", "yes", reply_to=answer.message.id))
        await alice.call(MessagesSend("Bot", "and now"))
        answer = await answers.next()
        assert isinstance(answer, MessageReceived)
        assert answer.message.body == "and now"
        while True:
            event = await read.next()
            if isinstance(event, MessageStateChanged) and event.state == "read":
                break
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def test_without_a_daemon_it_says_so(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, str(SOURCE), str(tmp_path)], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "The daemon is not running.\n")


def minding_ctrl_c() -> None:
    """Also where the tests run in a shell's background, which has programs ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_ends_it_with_a_word(tmp_path: Path) -> None:
    command = [sys.executable, str(SOURCE), str(tmp_path)]
    with (
        fake_daemon(tmp_path) as daemon,
        subprocess.Popen(command, stderr=subprocess.PIPE, preexec_fn=minding_ctrl_c) as bot,
    ):
        daemon.world.add(contact("Bob"))
        while not any(isinstance(call, MessagesSend) for call in daemon.world.received):
            daemon.do(lambda world: world.receive("Bob", "hello"))
            time.sleep(0.05)
        bot.send_signal(signal.SIGINT)
        assert bot.communicate()[1] == b"Stopped.\n"


def test_the_bot_is_as_short_as_promised() -> None:
    lines = [line for line in SOURCE.read_text().splitlines() if line.strip()]
    assert len(lines) <= 20
