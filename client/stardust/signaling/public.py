"""Whether signals go on chain although a way off it was asked for, in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stardust.signaling.policy import PALLET
from stardust.signaling.port import TransportHealth

WHAT_TO_DO: Final = (
    "under [signaling] in config.toml, name other nodes or another rendezvous; with fallback = false nothing"
    " goes on chain"
)


def described(transports: Sequence[TransportHealth]) -> str:
    """How each is, in one line."""
    return "; ".join(f"{one.name}: {one.detail.removesuffix('.')}" for one in transports)


def why_public(transports: Sequence[TransportHealth]) -> str | None:
    """``transports`` of somebody who asked for a way off chain. None: one of those may still serve, or the
    chain serves as little."""
    free = [one for one in transports if one.name != PALLET]
    if not free or not all(one.failed for one in free):
        return None
    if not any(one.name == PALLET and one.usable for one in transports):
        return None
    return (
        "Signals go on chain, where everybody can see for ever who signals whom, although the settings ask"
        f" for another way ({described(free)})."
    )
