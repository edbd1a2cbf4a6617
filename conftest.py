"""Fixtures that start real parts, for all tests."""

from __future__ import annotations

pytest_plugins = ["tests.fixtures.kubo", "tests.fixtures.network"]
