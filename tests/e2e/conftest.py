"""The real parts: a dev chain for the whole run, and two people on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.e2e.daemon import Person, befriend
from tests.e2e.devchain import DevChain


@pytest.fixture(scope="session")
def devchain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevChain]:
    chain = DevChain(Path(tmp_path_factory.mktemp("devchain")) / "chain.log")
    try:
        chain.wait()
        yield chain
    finally:
        chain.stop()


@pytest.fixture
async def friends(devchain: DevChain, tmp_path: Path) -> AsyncIterator[tuple[Person, Person]]:
    """Both registered and each other's contact."""
    alice = Person.create("Alice", tmp_path / "alice", devchain.url)
    bob = Person.create("Bob", tmp_path / "bob", devchain.url)
    try:
        for person in (alice, bob):
            await person.up()
            await person.login()
        await befriend(alice, bob)
        yield alice, bob
    finally:
        await alice.down()
        await bob.down()
