"""Parsing, help, errors and exit codes, where no daemon is needed."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from stardust.cli import main as cli
from stardust.cli.exits import Exit, exit_for
from stardust.errors import (
    DecodeError,
    LocalError,
    StardustError,
    UnavailableError,
    UntrustedError,
    UsageError,
    WrongPassphraseError,
)
from tests.unit.cli.conftest import Stardust

COMMANDS = [name for section in cli.SECTIONS.values() for name in section]


def test_help_names_every_command_without_loading_one() -> None:
    script = (
        "import sys; from stardust.cli.main import run; run(['--help']);"
        "heavy = {'rich', 'textual', 'msgspec', 'asyncio', 'stardust.api.calls', 'substrateinterface'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    assert done.stdout.strip().endswith("[]")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_begins_as_the_list_says(name: str, stardust: Stardust) -> None:
    ran = stardust(name, "--help")
    assert ran.code == Exit.OK
    line = next(section[name][1] for section in cli.SECTIONS.values() if name in section)
    assert line.split(".")[0].split(",")[0].split(" ")[0] in ran.out
    context = click.Context(cli.stardust)
    command = cli.stardust.get_command(context, name)
    assert command is not None
    assert command.name == name


@pytest.mark.parametrize("arguments", [(), ("contact",), ("backup",)])
def test_no_line_of_a_list_of_commands_is_cut(
    arguments: tuple[str, ...], stardust: Stardust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    _, listed = stardust(*arguments, "--help").out.split("Options:")
    assert [line for line in listed.splitlines() if line.endswith(("...", "…"))] == []


def test_without_a_command_it_shows_help(stardust: Stardust) -> None:
    ran = stardust()
    assert ran.code == Exit.USAGE
    assert "stardust init" in ran.out


def test_the_version_is_told(stardust: Stardust) -> None:
    assert stardust("--version").out.startswith("stardust ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("send",),
        ("history",),
        ("history", "bob", "--limit", "0"),
        ("invite", "--for", "soon"),
        ("send", "bob", "hi", "--wait", "never"),
        ("completions", "tcsh"),
        ("up", "--nonsense"),
        ("contact", "nonsense"),
        ("backup", "create", "--to", "cloud"),
    ],
)
def test_wrong_usage_is_one_sentence_and_what_to_do(arguments: tuple[str, ...], stardust: Stardust) -> None:
    ran = stardust(*arguments)
    assert ran.code == Exit.USAGE
    assert ran.out == ""
    assert ran.err.startswith("error: ")
    assert "--help" in ran.err
    as_json = stardust(*arguments, "--json")
    assert as_json.code == Exit.USAGE
    assert as_json.json["error"]["code"] == "usage"
    assert as_json.json["error"]["message"].endswith((".", "?"))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_json_and_home_go_before_and_after_every_command(
    place: int, stardust: Stardust, tmp_path: Path
) -> None:
    words = ["contact", "list"]
    words[place:place] = ["--json", "--home", str(tmp_path / "elsewhere")]
    ran = stardust(*words)
    assert ran.code == Exit.UNAVAILABLE
    assert set(ran.json) == {"error"}
    assert ran.json["error"] == {
        "code": "not_running",
        "message": "The daemon is not running.",
        "hint": "start it with: stardust up",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("whoami",),
        ("login",),
        ("status",),
        ("invite",),
        ("contact", "list"),
        ("send", "bob", "hi"),
        ("history", "bob"),
        ("search", "hi"),
        ("backup", "status"),
        ("export", "/tmp/never"),
        ("profile",),
    ],
)
def test_without_a_daemon_it_says_how_to_start_it(arguments: tuple[str, ...], stardust: Stardust) -> None:
    ran = stardust(*arguments)
    assert ran.code == Exit.UNAVAILABLE
    assert ran.err == "error: The daemon is not running.\n  → start it with: stardust up\n"


def test_stopping_what_does_not_run_is_fine(stardust: Stardust) -> None:
    assert stardust("down", "--json").json == {"stopped": False}


def test_up_without_an_account_says_what_to_do(stardust: Stardust) -> None:
    ran = stardust("up")
    assert ran.code == Exit.USAGE
    assert "stardust init" in ran.err


def test_the_doctor_finds_that_nothing_is_set_up(stardust: Stardust) -> None:
    ran = stardust("doctor", "--json")
    assert ran.code == Exit.ERROR
    assert [one["severity"] for one in ran.json["findings"]] == ["problem", "problem"]


def test_the_chat_needs_a_terminal(stardust: Stardust) -> None:
    ran = stardust("chat")
    assert ran.code == Exit.USAGE
    assert "terminal" in ran.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_are_printed(shell: str, stardust: Stardust) -> None:
    assert "_STARDUST_COMPLETE" in stardust("completions", shell).out
    assert stardust("completions", shell, "--json").json["shell"] == shell


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StardustError(), Exit.ERROR),
        (UsageError(), Exit.USAGE),
        (UnavailableError(), Exit.UNAVAILABLE),
        (UntrustedError(), Exit.UNTRUSTED),
        (DecodeError(), Exit.UNTRUSTED),
        (LocalError(), Exit.LOCAL),
        (WrongPassphraseError(), Exit.LOCAL),
    ],
)
def test_the_exit_code_says_who_has_to_act(error: StardustError, code: Exit) -> None:
    assert exit_for(error) is code


def test_changed_keys_are_a_matter_of_trust() -> None:
    error = UsageError()
    error.code = "keys_changed"
    assert exit_for(error) is Exit.UNTRUSTED


def test_an_unexpected_failure_is_a_sentence_and_a_log_without_its_text(
    stardust: Stardust, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir()
    module = importlib.import_module("stardust.cli.service")
    monkeypatch.setattr(module, "_pid", lambda _: 1 / 0 if True else None)
    ran = stardust("down", "--json")
    assert ran.code == Exit.ERROR
    assert "ZeroDivisionError" in ran.json["error"]["message"]
    log = home / "log" / "cli.log"
    assert "_pid" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_errors_are_json_in_utf_8(stardust: Stardust, tmp_path: Path) -> None:
    ran = stardust("up", "--json", "--home", str(tmp_path / "zoë"))
    assert "zoë" in json.loads(ran.out)["error"]["message"]
