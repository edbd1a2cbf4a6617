"""Fixtures for all tests."""

from tests.fixtures.coturn import coturn, operators_coturn
from tests.fixtures.devchain import dev_chain, own_dev_chain
from tests.fixtures.logs import _capture_logs

__all__ = ["_capture_logs", "coturn", "dev_chain", "operators_coturn", "own_dev_chain"]
