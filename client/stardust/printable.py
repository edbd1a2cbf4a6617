"""Words from outside, before they are kept or said."""

from __future__ import annotations


def printable(text: str) -> str:
    """Without what could fool a terminal, and without spaces around it."""
    return "".join(char for char in text if char.isprintable()).strip()
