"""The command in this process, with or without a daemon of canned people behind it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stardust.cli.main import run
from tests.fakes.api_daemon import FakeDaemon, contact, fake_daemon


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


Stardust = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [one for one in os.environ if "PASSPHRASE" in one]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STARDUST_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def stardust(home: Path, capsys: pytest.CaptureFixture[str]) -> Stardust:
    def call(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run(list(arguments))
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Ran(int(code), captured.out, captured.err)

    return call


@pytest.fixture
def daemon(home: Path) -> Iterator[FakeDaemon]:
    home.mkdir()
    with fake_daemon(home) as running:
        running.world.add(contact("Bob", online=True))
        running.world.add(contact("Carol", state="request_received", note="hello"))
        yield running
