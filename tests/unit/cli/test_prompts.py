"""What is asked of a person at a terminal: a real one, of the operating system."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from stardust.cli import main
from stardust.daemon import setup
from stardust.daemon.home import Home
from stardust.identity.accounts import AccountKey
from tests.fakes.api_daemon import FakeDaemon, contact, fake_daemon

COLOUR = re.compile("\x1b\\[(?:[0-9;]*;)?3[0-7]")
STARDUST = str(Path(sys.executable).parent / "stardust")


class Terminal:
    """A command with a terminal around it."""

    def __init__(self, home: Path, *arguments: str, **variables: str) -> None:
        self._ours, theirs = pty.openpty()
        environment = {"STARDUST_HOME": str(home), "PATH": "", "TERM": "xterm", "LANG": "C.UTF-8"}
        environment |= variables
        self._child = subprocess.Popen(
            [STARDUST, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.wait()
        os.close(self._ours)

    def until(self, text: str) -> None:
        """Reads on until ``text`` came; the end of the program before that is a failure."""
        start = len(self.seen)
        while text not in self.seen[start:]:
            assert self._read(), self.seen

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def ended(self) -> int:
        while self._read():
            pass
        return self._child.wait()

    def _read(self) -> bool:
        select.select([self._ours], [], [])
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # how Linux says that the other side of a terminal is gone
            return False
        self.seen += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def daemon(home: Path) -> Iterator[FakeDaemon]:
    home.mkdir()
    with fake_daemon(home) as running:
        running.world.add(contact("Bob"))
        yield running


def test_a_new_passphrase_is_asked_twice_and_never_shown(home: Path) -> None:
    with Terminal(home, "init") as terminal:
        for typed, again in (("first try\n", "another\n"), ("open sesame\n", "open sesame\n")):
            terminal.until("New passphrase: ")
            terminal.type(typed)
            terminal.until("Repeat for confirmation: ")
            terminal.type(again)
        assert terminal.ended() == 0
        assert "sesame" not in terminal.seen
        assert "first try" not in terminal.seen
        assert "recovery phrase" in terminal.seen
    assert setup.read_account_key(Home.at(home), "open sesame").address in terminal.seen


@pytest.mark.parametrize(
    ("weak", "said", "question"),
    [("hunter2", "easily guessed", "Use it all the same?"), ("", "Without a passphrase", "Go on without?")],
)
def test_a_weak_passphrase_is_taken_only_from_who_insists(
    home: Path, weak: str, said: str, question: str
) -> None:
    with Terminal(home, "init") as terminal:
        for typed, insists in ((weak, False), (weak, True)):
            for prompt in ("New passphrase: ", "Repeat for confirmation: "):
                terminal.until(prompt)
                terminal.type(typed + "\n")
            terminal.until(question)
            terminal.type("y\n" if insists else "\n")
        assert terminal.ended() == 0
        assert terminal.seen.count(said) == 2
    assert setup.read_account_key(Home.at(home), weak).address in terminal.seen


def test_a_recovery_phrase_is_asked_for_and_never_shown(home: Path) -> None:
    key, phrase = AccountKey.create()
    with Terminal(home, "init", "--phrase") as terminal:
        terminal.until("Recovery phrase: ")
        terminal.type(phrase + "\n")
        terminal.until("New passphrase: ")
        terminal.type("open sesame\n")
        terminal.until("Repeat for confirmation: ")
        terminal.type("open sesame\n")
        assert terminal.ended() == 0
        assert key.address in terminal.seen
        assert phrase.split()[0] + " " + phrase.split()[1] not in terminal.seen


def test_ctrl_c_at_a_prompt_ends_quietly_and_changes_nothing(home: Path) -> None:
    with Terminal(home, "init") as terminal:
        terminal.until("New passphrase: ")
        terminal.type("\x03\x04")
        assert terminal.ended() == 130
        assert "Traceback" not in terminal.seen
    assert not Home.at(home).exists


@pytest.mark.parametrize(("answer", "verified"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_the_safety_number_is_confirmed_by_the_person_only(
    home: Path, daemon: FakeDaemon, answer: str, verified: bool
) -> None:
    with Terminal(home, "contact", "verify", "bob") as terminal:
        terminal.until("Do the numbers agree")
        assert "00008" in terminal.seen
        terminal.type(answer)
        assert terminal.ended() == 0
    assert daemon.world.find("Bob").verified is verified


@pytest.mark.parametrize("arguments", [("send", "nobody", "hi"), ("contact", "block", "bob"), ("doctor",)])
def test_no_color_is_heard(home: Path, daemon: FakeDaemon, arguments: tuple[str, ...]) -> None:
    for variables, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        with Terminal(home, *arguments, **variables) as terminal:
            terminal.ended()
            assert bool(COLOUR.search(terminal.seen)) is coloured


def test_every_mark_of_colour_comes_from_one_place() -> None:
    source = Path(main.__file__).parent
    users = {path.name for path in source.glob("*.py") if "click.style" in path.read_text()}
    assert users == {"display.py"}


def test_no_line_of_a_table_ends_in_blanks(home: Path, daemon: FakeDaemon) -> None:
    with Terminal(home, "contact", "list", NO_COLOR="1", COLUMNS="90") as terminal:
        terminal.ended()
    lines = terminal.seen.splitlines()
    assert "there  name  standing" in re.sub("\x1b\\[[0-9;]*m", "", lines[0])
    assert [line for line in lines[1:] if line != line.rstrip()] == []


@pytest.mark.parametrize("meanwhile", [False, True])
def test_changed_devices_are_accepted_by_the_person_who_saw_them(
    home: Path, daemon: FakeDaemon, meanwhile: bool
) -> None:
    daemon.do(lambda world: world.change_keys("Bob"))
    with Terminal(home, "contact", "accept", "bob", "--keys") as terminal:
        terminal.until("Accept these devices?")
        if meanwhile:
            daemon.do(lambda world: world.change_keys("Bob"))
        terminal.type("y\n")
        assert (terminal.ended() == 0) is not meanwhile
    assert daemon.world.find("Bob").keys_changed is meanwhile
