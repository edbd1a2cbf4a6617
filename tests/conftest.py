"""Fixtures for all tests."""

from tests.fixtures.coturn import coturn
from tests.fixtures.devchain import dev_chain, own_dev_chain

__all__ = ["coturn", "dev_chain", "own_dev_chain"]
