"""QR codes for a terminal."""

from __future__ import annotations

import io

QUIET_ZONE = 2
"""Modules of light border; the standard says four, cameras are content with two."""


def terminal_qr(text: str) -> str:
    """A QR code of ``text`` in half blocks, two modules a character cell, without colour codes.

    Light modules are drawn, dark ones are left as background: readable on a dark
    terminal as it is, and by most cameras inverted on a light one.
    """
    import segno

    rows = [bytes(row) for row in segno.make(text, error="l", micro=False).matrix_iter(border=QUIET_ZONE)]
    if len(rows) % 2:
        rows.append(bytes(len(rows[0])))
    out = io.StringIO()
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        for top, bottom in zip(upper, lower, strict=True):
            out.write({(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}[bool(top), bool(bottom)])
        out.write("\n")
    return out.getvalue().rstrip("\n")
