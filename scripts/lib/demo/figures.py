"""What was measured, and the tables in which it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from demo.chains import Chain
from demo.ledger import Ledger
from demo.screen import Screen
from demo.store import Carried


@dataclass
class Figures:
    """Of one run."""

    login_s: dict[str, float] = field(default_factory=dict)
    link_setup_ms: float = 0.0
    route: str = ""
    latencies_s: list[float] = field(default_factory=list)
    catch_up_s: float = 0.0
    backup: dict[str, Any] = field(default_factory=dict)
    restore_s: dict[str, float] = field(default_factory=dict)


def show_chain(screen: Screen, book: Ledger) -> None:
    """What stands on chain, by call."""
    messages = book.with_messages
    rows = [
        (name, str(kind.count), f"{kind.size:,}", f"{kind.fees / 1e12:g} STAR")
        for name, kind in sorted(book.kinds.items())
        if name.startswith("P2pSignaling")
    ]
    looked_for = ("of messages (each text and id looked for)", str(messages.count), str(messages.size), "")
    screen.table(
        f"On chain, {book.blocks} blocks read", [*rows, looked_for], ("call", "count", "bytes", "fees")
    )


def show_signals(screen: Screen, calls: int, stored: Carried) -> None:
    """By which way signals went, on a network."""
    ways = [
        ("statement store", str(stored.count), f"{stored.size:,}", f"of {len(stored.signers)} devices"),
        ("pallet (send_signaling)", str(calls), "", ""),
        ("in which a message stands", str(stored.holding), "", ""),
    ]
    screen.table("What carried the signals", ways, ("", "count", "bytes", ""))


def show_times(screen: Screen, figures: Figures, chain: Chain) -> None:
    """How long it took."""
    waits = sorted(figures.latencies_s)
    rows = [
        (f"sign in (proof of work, register, {chain.done})", f"{max(figures.login_s.values()):.2f} s"),
        (f"link: offer through {chain.carries} to open data channel", f"{figures.link_setup_ms:.0f} ms"),
        ("message on an open link, sent to delivered, p50", f"{waits[len(waits) // 2] * 1000:.1f} ms"),
        ("the same, p95", f"{waits[int(len(waits) * 0.95)] * 1000:.1f} ms"),
        ("Bob's return to his last missed message", f"{figures.catch_up_s:.1f} s"),
        *((f"restore by {by}", f"{took:.1f} s") for by, took in figures.restore_s.items()),
    ]
    screen.table("How long it took", rows, ("", "measured"))
