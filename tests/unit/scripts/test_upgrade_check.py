"""What ``scripts/upgrade-check`` takes for wrong, and that it says so by its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from demo.person import Person
from upgrade_check import state
from upgrade_check.talk import LATE_S, Said, Talk

ROOT = Path(__file__).resolve().parents[3]

CHECK = """
from upgrade_check import __main__, steps

async def run(self):
    self.results.note("something", {holds}, "seen")

steps.Check.run = run
__main__.main()
"""


@pytest.mark.parametrize(("holds", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_says_whether_everything_held(holds: bool, code: int, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'scripts/lib'}:{ROOT}", "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", CHECK.format(holds=holds)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == code, done.stderr
    assert "What has to hold" in done.stdout


def test_messages_that_are_lost_doubled_or_late_are_found(tmp_path: Path) -> None:
    talk = Talk(*(Person(name, tmp_path / name, "") for name in ("alice", "bob")))
    for text, arrived in (("well", [1.0]), ("lost", []), ("twice", [1.0, 2.0]), ("late", [1.0 + LATE_S])):
        talk.said[text] = Said(text, "before", 0.5, arrived)
    assert talk.lost() == ["lost"]
    assert talk.doubled() == ["twice"]
    assert [one.split()[0] for one in talk.late()] == ["late"]
    ((phase, count, _, longest),) = talk.figures()
    assert (phase, count, longest) == ("before", 3, LATE_S + 0.5)


def test_an_allowance_is_wanted_with_its_old_values_and_a_count_of_none() -> None:
    """``u32`` credits, ``u32`` block, and the new ``u64``."""
    key = state.prefix("Allowances") + "aa"
    before = {key: "0x1000000007000000", state.prefix("Accounts") + "aa": "0x01"}
    assert state.migrated(before) == {key: "0x1000000007000000" + "00" * 8}
    assert state.without("Allowances", before) == {state.prefix("Accounts") + "aa": "0x01"}
