"""Disks that are full or cannot be written: nothing is lost, and what is said is a sentence."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from stardust.api.calls import MessagesGet, MessagesSend, SystemStatus
from stardust.daemon.launch import launch
from stardust.errors import StardustError
from tests.e2e.daemon import PASSPHRASE, Person
from tests.e2e.devchain import DevChain
from tests.e2e.test_faults import arrived, befriend, no_traceback

pytestmark = [pytest.mark.chain, pytest.mark.timeout(300)]


@contextlib.contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """A small file system of its own on ``folder``; needs root."""
    done = subprocess.run(["mount", "-t", "tmpfs", *options, "none", str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip("mounting needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextlib.asynccontextmanager
async def acquainted(ann_home: Path, bob_home: Path, chain: DevChain) -> AsyncIterator[tuple[Person, Person]]:
    """Ann and Bob, each other's contact, in these folders."""
    ann, bob = (Person.create(name, home, chain.url) for name, home in (("Ann", ann_home), ("Bob", bob_home)))
    try:
        for person in (ann, bob):
            await person.up()
            await person.login()
        await befriend(ann, bob)
        yield ann, bob
        no_traceback(ann, bob)
    finally:
        await ann.down()
        await bob.down()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with mounted(folder, "-o", "size=8m"):
        yield folder


async def test_a_full_disk_refuses_new_messages_and_loses_none(
    tmp_path: Path, disk: Path, devchain: DevChain
) -> None:
    async with acquainted(disk / "ann", tmp_path / "bob", devchain) as (ann, bob):
        _fill(disk / "filler")
        kept, sentence = await _write_until_refused(ann)
        assert "disk" in sentence.lower()
        (disk / "filler").unlink()
        kept.append((await ann.client.call(MessagesSend("Bob", "room again"))).id)
        assert [message.id for message in await ann.messages("Bob")] == kept
        await arrived(bob, ann, len(kept))


async def test_a_receiver_whose_disk_is_full_gets_everything_when_there_is_room(
    tmp_path: Path, disk: Path, devchain: DevChain
) -> None:
    async with acquainted(tmp_path / "ann", disk / "bob", devchain) as (ann, bob):
        written = ["before"]
        await ann.client.call(MessagesSend("Bob", "before"))
        await arrived(bob, ann, 1)
        _fill(disk / "filler")
        while await problem_of(bob) != "disk_full":
            written.append(f"{len(written)} " + "x" * 4000)
            await ann.client.call(MessagesSend("Bob", written[-1]))
            await asyncio.sleep(0.1)
        written.append("nobody has this one")
        last = await ann.client.call(MessagesSend("Bob", written[-1]))
        await asyncio.sleep(2)
        # Who writes is not told that it was delivered, and it was not.
        assert (await ann.client.call(MessagesGet(last.id))).state in ("queued", "sent")
        assert written[-1] not in [message.body for message in await bob.messages("Ann")]
        (disk / "filler").unlink()
        assert await arrived(bob, ann, len(written)) == written
        async with asyncio.timeout(30):
            while True:
                if await problem_of(bob) is None:
                    break
                await asyncio.sleep(0.2)


async def problem_of(person: Person) -> str | None:
    """The code of what stands in the way of this person's daemon, if anything does."""
    problems = (await person.client.call(SystemStatus())).problems
    return problems[0].code if problems else None


def _make_read_only(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)


def _fill(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("wb") as file:
        while True:
            file.write(bytes(4096))
            file.flush()


async def _write_until_refused(person: Person) -> tuple[list[str], str]:
    kept: list[str] = []
    for number in range(5_000):
        try:
            kept.append((await person.client.call(MessagesSend("Bob", f"{number} " + "x" * 4000))).id)
        except StardustError as error:
            return kept, str(error)
    raise AssertionError("the disk never filled up")


async def test_a_read_only_home_is_a_sentence(tmp_path: Path, devchain: DevChain) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with mounted(folder, "-o", "size=16m"):
        ann = Person.create("Ann", folder / "ann", devchain.url)
        _make_read_only(folder)
        with pytest.raises(StardustError, match=r"(?i)read-only|cannot be written"):
            await asyncio.to_thread(launch, ann.home, PASSPHRASE)
