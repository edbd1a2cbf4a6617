"""Two people whose clocks are ten minutes apart."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stardust.api.calls import MessagesSend
from tests.e2e.daemon import Person
from tests.e2e.devchain import DevChain
from tests.e2e.test_faults import arrived, befriend, no_traceback

pytestmark = [pytest.mark.chain, pytest.mark.timeout(300)]

OFF = 600
SITE = """
import os, time
ahead = float(os.environ["TEST_CLOCK_AHEAD"])
seconds, nanoseconds = time.time, time.time_ns
time.time = lambda: seconds() + ahead
time.time_ns = lambda: nanoseconds() + int(ahead * 1e9)
"""
"""Python runs this before the daemon: its clock is ahead of this machine's."""


@contextmanager
def ahead(folder: Path, seconds: int) -> Iterator[None]:
    """Processes that start within have such a clock."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(SITE)
    os.environ |= {"PYTHONPATH": str(folder), "TEST_CLOCK_AHEAD": str(seconds)}
    try:
        yield
    finally:
        del os.environ["PYTHONPATH"], os.environ["TEST_CLOCK_AHEAD"]


async def talk(ann: Person, bob: Person, rounds: range) -> list[str]:
    """In turns, each after the other's words came; what was said."""
    said = []
    for number in rounds:
        for sender, receiver in ((ann, bob), (bob, ann)):
            body = f"{sender.name} {number}"
            await sender.client.call(MessagesSend(receiver.name, body))
            await arrived(receiver, sender, number + 1)
            said.append(body)
    return said


async def seen(person: Person, other: Person) -> list[str]:
    return [message.body for message in await person.messages(other.name)]


async def test_with_clocks_ten_minutes_apart_both_see_the_order_in_which_they_wrote(
    tmp_path: Path, devchain: DevChain
) -> None:
    ann = Person.create("Ann", tmp_path / "ann", devchain.url)
    bob = Person.create("Bob", tmp_path / "bob", devchain.url)
    try:
        with ahead(tmp_path / "site", OFF):
            await ann.up()
        await bob.up()
        for person in (ann, bob):
            await person.login()
        await befriend(ann, bob)
        said = await talk(ann, bob, range(4))
        assert await seen(ann, bob) == said
        assert await seen(bob, ann) == said
        # Each sees the other's words in the own time.
        for person, other, off in ((ann, bob, OFF), (bob, ann, 0)):
            for message in await person.messages(other.name):
                assert abs(message.sent_at / 1000 - off - time.time()) < OFF / 2
        # Her clock is set back by twenty minutes: what was there stays where it was, what comes follows.
        await ann.kill()
        with ahead(tmp_path / "site", -OFF):
            await ann.up()
        assert await seen(ann, bob) == said
        said += await talk(ann, bob, range(4, 7))
        assert await seen(ann, bob) == said
        assert await seen(bob, ann) == said
        no_traceback(ann, bob)
    finally:
        await ann.down()
        await bob.down()
