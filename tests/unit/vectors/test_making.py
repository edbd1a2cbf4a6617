"""The golden vectors are what the program makes today, and are not changed by accident."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from children import ROOT
from tests.vectors import make


@pytest.mark.parametrize("name", [name for name, file in make.FILES.items() if not file.recorded])
def test_what_is_made_today_are_the_golden_vectors(name: str) -> None:
    assert json.loads(make.text_of(make.FILES[name].make())) == make.stored(name)


def test_every_file_of_vectors_is_made_or_was_written_once() -> None:
    files = {path.stem for path in make.FOLDER.glob("*.json")}
    assert files == make.FILES.keys() | make.WRITTEN_ONCE


@pytest.fixture
def numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Makes two files in a folder of their own: the newest of these numbers."""
    made = [1]
    files = {
        "counted": make.File(lambda: made[-1]),
        "recorded": make.File(lambda: made[-1], recorded=True),
    }
    monkeypatch.setattr(make, "FOLDER", tmp_path)
    monkeypatch.setattr(make, "FILES", files)
    return made


def test_missing_files_are_written(numbers: list[int]) -> None:
    assert make.update([], replace=False) == []
    assert (make.stored("counted"), make.stored("recorded")) == (1, 1)


def test_an_existing_vector_is_not_changed_without_being_told_to(numbers: list[int]) -> None:
    make.update([], replace=False)
    numbers.append(2)
    assert make.update([], replace=False) == ["counted"]
    assert (make.stored("counted"), make.stored("recorded")) == (1, 1)


def test_replacing_changes_recorded_vectors_only_by_their_name(numbers: list[int]) -> None:
    make.update([], replace=False)
    numbers.append(2)
    assert make.update([], replace=True) == []
    assert (make.stored("counted"), make.stored("recorded")) == (2, 1)
    assert make.update(["recorded"], replace=False) == []
    assert make.stored("recorded") == 1
    make.update(["recorded"], replace=True)
    assert make.stored("recorded") == 2


def test_it_runs_as_the_command_that_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.vectors.make", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "--replace" in done.stdout
