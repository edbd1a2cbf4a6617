"""When it is said that signals go on chain against the settings."""

from __future__ import annotations

import pytest

from stardust.signaling.port import TransportHealth
from stardust.signaling.public import why_public

NO_STORE = TransportHealth("statements", False, "No node has a store.", failed=True)
NOT_YET = TransportHealth("statements", False, "No node was reached yet.")
FULL = TransportHealth("statements", True, "the last signal was not taken", failed=True)
STORE = TransportHealth("statements", True, "by a node")
NO_SERVER = TransportHealth("rendezvous", False, "It cannot be reached.", failed=True)
SERVER = TransportHealth("rendezvous", True, "by a server")
PALLET, NO_CHAIN = TransportHealth("pallet", True, "by a node"), TransportHealth("pallet", False, "away")


@pytest.mark.parametrize(
    ("transports", "reasons"),
    [
        ((NO_STORE, PALLET), "(statements: No node has a store)."),
        ((FULL, PALLET), "(statements: the last signal was not taken)."),
        (
            (NO_STORE, NO_SERVER, PALLET),
            "(statements: No node has a store; rendezvous: It cannot be reached).",
        ),
    ],
)
def test_it_is_said_with_every_reason(transports: tuple[TransportHealth, ...], reasons: str) -> None:
    said = why_public(transports)
    assert said is not None
    assert said.startswith("Signals go on chain, where everybody can see")
    assert said.endswith(reasons)


@pytest.mark.parametrize(
    "transports",
    [
        (),
        (PALLET,),
        (STORE, PALLET),
        (NOT_YET, PALLET),
        (NO_STORE, SERVER, PALLET),
        (NO_STORE, NO_CHAIN),
        (NO_STORE,),
    ],
)
def test_otherwise_there_is_nothing_to_say(transports: tuple[TransportHealth, ...]) -> None:
    assert why_public(transports) is None
