"""Fixtures for all tests."""

from tests.fixtures.devchain import dev_chain, own_dev_chain

__all__ = ["dev_chain", "own_dev_chain"]
