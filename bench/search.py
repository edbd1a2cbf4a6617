"""Full-text search in an encrypted history, beside a scan without the index."""

from __future__ import annotations

import time
from pathlib import Path

from bench.histories import RARE, WITH_BOB, new_history, words, write
from bench.table import Row, quantile
from stardust.history.store import Store

MESSAGES = 100_000


def run(folder: Path, *, quick: bool) -> list[Row]:
    """Milliseconds of a page of 50 hits, for several kinds of queries."""
    count = 5_000 if quick else MESSAGES
    store = new_history(folder / "history.db")
    try:
        write(store, 0, count)
        common = words(4000)
        queries = {
            "a frequent word": common[0],
            "a rare word": RARE,
            "two words": f"{common[2]} {common[40]}",
            "a beginning (two letters)": common[0][:2],
            "no hit": "xyzzy",
        }
        times = 5 if quick else 30
        waits = {name: timed(store, query, times) for name, query in queries.items()}
        scan = scanned(store)
    finally:
        store.close()
    slowest = max(waits, key=lambda name: quantile(waits[name], 0.5))
    return [
        Row(
            f"search in {count:,} messages, the slowest of {len(queries)} kinds, p50",
            quantile(waits[slowest], 0.5) * 1000,
            "ms",
            20,
            floor=scan * 1000,
            floor_name="reading all of them",
            note=slowest,
        ),
        *(Row(f"· {name}, p95", quantile(took, 0.95) * 1000, "ms") for name, took in waits.items()),
    ]


def timed(store: Store, query: str, times: int) -> list[float]:
    """Seconds of each search."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        store.search.find(query)
        took.append(time.perf_counter() - began)
    return took


def scanned(store: Store) -> float:
    """Seconds to look into every message instead."""
    began = time.perf_counter()
    sum("xyzzy" in message.body for message in store.messages.each(WITH_BOB))
    return time.perf_counter() - began
