"""The tools of these tests: changes that fuzzers choose, and the driver for atheris."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz import with_atheris
from tests.fuzz.examples import examples
from tests.fuzz.mutations import damaged, enormous

SEEDS = [b"first seed", b"", b"another one"]


def test_without_choices_a_seed_stays_as_it_is() -> None:
    assert damaged(b"", SEEDS) == SEEDS[0]
    assert damaged(b"\x02", SEEDS) == SEEDS[2]


@examples()
@given(st.binary(max_size=40))
def test_the_same_choices_make_the_same_damage(given: bytes) -> None:
    assert damaged(given, SEEDS) == damaged(given, SEEDS)


def test_all_kinds_of_damage_are_done() -> None:
    done = {damaged(bytes([0, kind, *rest]), SEEDS) for kind in range(11) for rest in ((3, 5, 2), (9, 1, 1))}
    lengths = {len(data) for data in done}
    assert len(done) > 15
    assert min(lengths) < len(SEEDS[0]) < max(lengths)


def test_long_inputs_are_as_long_as_wanted() -> None:
    assert {len(data) for data in enormous(SEEDS, 1000)} == {1000}


def test_without_atheris_a_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "atheris", None)
    assert with_atheris.main(["frames"]) == 2
    assert "atheris is not installed" in capsys.readouterr().err
