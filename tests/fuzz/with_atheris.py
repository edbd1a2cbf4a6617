"""Fuzzes one decoder for as long as you like: ``python -m tests.fuzz.with_atheris NAME [-runs=N …]``.

By hand, guided by coverage (https://github.com/google/atheris), with libFuzzer's options. atheris is
not among the locked packages: install it beside them, in an environment of its own.
"""

from __future__ import annotations

import importlib
import os
import random
import sys
import tempfile
from collections.abc import Callable
from multiprocessing import Array
from pathlib import Path
from typing import Any

from tests.fuzz.mutations import damaged

INSTRUMENTED = ["stardust", "dag_cbor", "multiformats", "scalecodec", "tomllib"]


def main(arguments: list[str]) -> int:
    try:
        atheris: Any = importlib.import_module("atheris")
    except ImportError:
        print("atheris is not installed here: python -m pip install atheris", file=sys.stderr)
        return 2
    with atheris.instrument_imports(include=INSTRUMENTED):
        from tests.fuzz.decoders import DECODERS
    name = arguments[0] if arguments else ""
    if name not in DECODERS:
        print(f"Which decoder? One of: {', '.join(DECODERS)}", file=sys.stderr)
        return 2
    return run(atheris, DECODERS[name], arguments[1:])


def run(atheris: Any, decoder: Any, options: list[str]) -> int:
    """libFuzzer ends its process without a word to Python, so it gets one of its own."""
    counted: Any = Array("q", 3)

    def attempt(data: bytes) -> None:
        try:
            decoder.attempt(data)
        finally:
            counts = decoder.counts
            counted[:] = [counts.tried, counts.accepted, counts.refused]

    with tempfile.TemporaryDirectory(prefix="stardust-fuzz-") as folder:
        for number, seed in enumerate(decoder.seeds):
            (Path(folder) / f"seed-{number}").write_bytes(seed)
        child = os.fork()
        if child == 0:
            limits = [f"-max_len={min(decoder.largest, 65_536)}", "-artifact_prefix=./"]
            given = [sys.argv[0], *limits, *options, folder]
            atheris.Setup(given, attempt, custom_mutator=mutator(atheris, decoder.seeds))
            atheris.Fuzz()
        _, status = os.waitpid(child, 0)
    tried, accepted, refused = counted
    print(f"{decoder.name}: {tried:,} tried, {accepted:,} accepted, {refused:,} refused")
    return os.waitstatus_to_exitcode(status)


def mutator(atheris: Any, seeds: list[bytes]) -> Callable[[bytes, int, int], bytes]:
    """libFuzzer's own changes, and those of the tests, in turns: msgspec's decoders are compiled, so
    coverage says little about them."""

    def change(data: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.5:
            return bytes(atheris.Mutate(data, longest))
        choices = chance.randbytes(chance.randint(4, 16))
        return damaged(choices, [data, data, *seeds])[:longest]

    return change


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
