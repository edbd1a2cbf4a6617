"""What the doctor says about signals, and without a daemon about the chain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stardust.chain.examine import Level, NodeFinding
from stardust.chain.port import ChainStatus
from stardust.daemon.checks import clock, findings_of
from stardust.daemon.config import ChainConfig, Config, SignalingConfig
from stardust.daemon.doctor import _chain, _signals
from stardust.signaling.policy import Preference
from stardust.signaling.port import TransportHealth
from tests.fakes.chain import FakeChain
from tests.fakes.ledger import FakeLedger

STORE, NO_STORE = TransportHealth("statements", True, "by a"), TransportHealth("statements", False, "none")
FAILED = replace(NO_STORE, failed=True)
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
        ((FAILED, PALLET), "statements", "warning", "Signals go on chain"),
        ((FAILED, PALLET), "auto", "ok", "through pallet; statements: none"),
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


@pytest.mark.parametrize(
    ("problem", "severity", "words"),
    [(None, "warning", "not found yet"), ("No peer was found.", "problem", "No peer was found.")],
)
async def test_a_light_client_may_take_its_time(problem: str | None, severity: str, words: str) -> None:
    away = ChainStatus(False, None, None, None, None, None, problem)
    config = Config(chain=ChainConfig(spec="network.json"))
    finding = await _chain(FakeChain(FakeLedger()), away, config)
    assert finding.severity == severity
    assert words in finding.finding
    assert finding.advice


def test_without_a_daemon_one_node_that_serves_is_enough() -> None:
    serving, dead = (
        NodeFinding("ws://a", Level.OK, "block 7"),
        NodeFinding("ws://b", Level.PROBLEM, "away", "!"),
    )
    assert [one.severity for one in findings_of((serving, dead))] == ["ok", "warning"]
    assert [one.severity for one in findings_of((dead, dead))] == ["problem", "problem"]
    assert findings_of((serving,))[0].finding == "ws://a: block 7"


@pytest.mark.parametrize(
    ("age", "severity", "says"),
    [
        (3.0, "ok", "agrees with the chain to 3 s"),
        (-3.0, "ok", "agrees with the chain to 3 s"),
        (-90.0, "problem", "90 s behind the chain"),
        (3600.0, "warning", "60 minutes ahead of the chain's newest block"),
        (None, "ok", "nothing to compare it with"),
    ],
)
async def test_this_clock_is_compared_with_the_newest_block(
    age: float | None, severity: str, says: str
) -> None:
    finding = await clock(Config(chain=ChainConfig(nodes=("ws://127.0.0.1:9",))), age)
    assert finding.severity == severity
    assert says in finding.finding
