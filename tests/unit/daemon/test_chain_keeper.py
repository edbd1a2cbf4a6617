"""What is told and logged of the chain's state."""

from __future__ import annotations

from dataclasses import replace

from stardust.chain.port import ChainStatus
from stardust.daemon.chain_keeper import ChainKeeper
from tests.fakes.chain import FakeChain
from tests.fakes.ledger import FakeLedger
from tests.fixtures.logs import CaptureLogs

WELL = ChainStatus(True, "node", bytes(32), "stardust", 1, None)


async def nothing(*_: object) -> None:
    """Nobody listens."""


async def test_a_problem_whose_numbers_grow_is_told_each_time_and_logged_once(
    capture_logs: CaptureLogs,
) -> None:
    told: list[ChainStatus] = []
    keeper = ChainKeeper(FakeChain(FakeLedger()), on_state=told.append, on_ready=nothing, on_event=nothing)
    lag = [replace(WELL, problem=f"At block 5, while block {number} was made.") for number in range(30, 60)]
    with capture_logs() as logs:
        for status in (WELL, *lag, WELL, *lag):
            keeper._tell(status)
    assert told == [WELL, *lag, WELL, *lag]
    assert [entry["problem"] for entry in logs] == [None, lag[0].problem, None, lag[0].problem]
