"""Makes the golden vectors: ``python -m tests.vectors.make [--replace] [NAME …]``.

Writes files that are missing. A vector that exists is never changed without ``--replace``: other
programs rely on it, and a difference is a change of a format. Recorded files hold what is never
twice the same (fresh keys, another program's output) and are made anew only by their names.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tests.fixtures.paths  # noqa: F401
from tests.vectors import api, backups, beats, chain, forms, homes, rendezvous, sessions, statements, topics

FOLDER = Path(__file__).parent
WRITTEN_ONCE = frozenset({"certificates", "delivery", "invites", "safety", "signals"})
"""Older files, each checked by the tests of its package; nothing here makes them."""


@dataclass(frozen=True)
class File:
    """``NAME.json``. ``recorded``: ``make`` gives something else each time."""

    make: Callable[[], Any]
    recorded: bool = False


def edges() -> dict[str, Any]:
    made = (
        *(forms.frames, forms.items, forms.profiles, forms.descriptions),
        *(forms.link_messages, forms.link_payloads, forms.signals),
    )
    return {one.__name__: one() for one in made}


FILES: dict[str, File] = {
    "edges": File(edges),
    "envelopes": File(forms.record_envelopes, recorded=True),
    "sessions": File(sessions.record_sessions, recorded=True),
    "backup_forms": File(backups.backup_forms),
    "backup": File(backups.record_backup, recorded=True),
    "vault": File(homes.record_vault, recorded=True),
    "keystores": File(homes.record_keystores, recorded=True),
    "runtime": File(chain.record_runtime, recorded=True),
    "calls": File(chain.calls),
    "api": File(api.api),
    "topics": File(topics.topics),
    "beats": File(beats.beats),
    "rendezvous": File(rendezvous.rendezvous),
    "statements": File(statements.statements),
}
"""In this order: ``calls`` needs ``runtime``."""


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.json"


def stored(name: str) -> Any:
    return json.loads(path_of(name).read_text(encoding="utf-8"))


def text_of(vectors: Any) -> str:
    return json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"


def update(names: Sequence[str], *, replace: bool) -> list[str]:
    """Writes what is missing or may be replaced; the names of files that differ and were left."""
    refused = []
    for name in names or tuple(FILES):
        file, path = FILES[name], path_of(name)
        if path.exists() and file.recorded and not (replace and name in names):
            continue
        made = text_of(file.make())
        if path.exists() and path.read_text(encoding="utf-8") == made:
            continue
        if path.exists() and not replace:
            refused.append(name)
            continue
        path.write_text(made, encoding="utf-8")
        print(f"{path.name}: written")
    return refused


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.vectors.make", description="Makes golden vectors.")
    parser.add_argument("names", nargs="*", choices=[[], *FILES], metavar="NAME", help=", ".join(FILES))
    parser.add_argument("--replace", action="store_true", help="change vectors that exist")
    given = parser.parse_args()
    refused = update(given.names, replace=given.replace)
    for name in refused:
        print(f"{name}.json differs from what the program makes now; --replace would change it")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
