"""Which node to try next, and when. Pure: the time and the jitter come from outside."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 30.0
"""Seconds between two tries of the same node."""


@dataclass(slots=True)
class _Node:
    url: str
    failures: int = 0
    not_before: float = 0.0


class Nodes:
    """Nodes in order of preference. One that failed rests, longer each time; meanwhile the others serve."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._nodes = [_Node(url) for url in dict.fromkeys(urls)]

    def pick(self, now: float, avoid: Container[str] = ()) -> tuple[str, float] | None:
        """The node whose turn it is, and for how many seconds to wait first. None without nodes
        beside those to ``avoid``."""
        nodes = [node for node in self._nodes if node.url not in avoid]
        if not nodes:
            return None
        ready = [node for node in nodes if node.not_before <= now]
        chosen = ready[0] if ready else min(nodes, key=lambda node: node.not_before)
        return chosen.url, max(0.0, chosen.not_before - now)

    def failed(self, url: str, now: float, jitter: float, *, rest: float = 0.0) -> None:
        """``jitter``: 0 to 1, so that many clients do not come back in the same moment. ``rest``: seconds
        for which it is of no use at least."""
        node = self._find(url)
        node.failures += 1
        wait = max(rest, min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(node.failures - 1, 10)))
        node.not_before = now + wait * (0.5 + jitter / 2)

    def wake(self) -> None:
        """None rests any more. One that fails again rests longer all the same."""
        for node in self._nodes:
            node.not_before = 0.0

    def worked(self, url: str) -> None:
        """Call when a node has proven useful, not when it merely accepted a connection."""
        node = self._find(url)
        node.failures, node.not_before = 0, 0.0

    def _find(self, url: str) -> _Node:
        return next(node for node in self._nodes if node.url == url)
