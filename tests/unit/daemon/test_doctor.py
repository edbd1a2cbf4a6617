"""What the doctor says about signals."""

from __future__ import annotations

import pytest

from stardust.daemon.config import Config, SignalingConfig
from stardust.daemon.doctor import _signals
from stardust.signaling.policy import Preference
from stardust.signaling.port import TransportHealth

STORE, NO_STORE = TransportHealth("statements", True, "by a"), TransportHealth("statements", False, "none")
PALLET, NO_CHAIN = TransportHealth("pallet", True, "by b"), TransportHealth("pallet", False, "away")


class Healthy:
    def __init__(self, *transports: TransportHealth) -> None:
        self._transports = transports

    async def health(self) -> tuple[TransportHealth, ...]:
        return self._transports


@pytest.mark.parametrize(
    ("transports", "prefer", "severity", "words"),
    [
        ((STORE, PALLET), "auto", "ok", "through statements; statements: by a; pallet: by b"),
        ((NO_STORE, PALLET), "auto", "ok", "through pallet; statements: none"),
        ((NO_STORE, PALLET), "statements", "warning", "statements: none"),
        ((PALLET, STORE), "pallet", "ok", "through pallet"),
        ((NO_STORE, NO_CHAIN), "auto", "problem", "pallet: away"),
        ((), "auto", "problem", "no way"),
    ],
)
async def test_signals_and_which_way_they_go(
    transports: tuple[TransportHealth, ...], prefer: Preference, severity: str, words: str
) -> None:
    config = Config(signaling=SignalingConfig(prefer=prefer))
    finding = await _signals(Healthy(*transports), config)  # type: ignore[arg-type]
    assert finding.severity == severity
    assert words in finding.finding
