"""Two people with real daemons on a dev chain of their own, who know each other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from demo.chains import DevChain
from demo.person import Person, wait_for
from stardust.api.calls import ContactsList
from stardust.api.events import ContactChanged


@asynccontextmanager
async def dev_chain(folder: Path) -> AsyncIterator[DevChain]:
    """The dev chain, running."""
    chain = DevChain(folder)
    try:
        chain.wait()
        yield chain
    finally:
        chain.stop()


async def new_person(name: str, folder: Path, chain: DevChain, *more: str) -> Person:
    """A registered person whose daemon runs."""
    person = Person(name, folder / name, f"passphrase of {name}")
    await person.stardust("init", "--name", name.capitalize(), "--node", chain.url, *more)
    await person.up()
    await person.stardust("login")
    return person


async def introduce(host: Person, guest: Person) -> None:
    """``guest`` uses an invite of ``host``; afterwards each calls the other by name."""
    invite = await host.stardust("invite")
    changes = await host.api.subscribe(ContactChanged)
    known = {contact.address for contact in (await host.api.call(ContactsList())).contacts}
    await guest.stardust("contact", "add", invite["link"], "--name", host.name)
    event = await wait_for(
        changes,
        lambda e: (
            isinstance(e, ContactChanged) and e.contact.address not in known and e.contact.state == "accepted"
        ),
        f"{guest.name} to become a contact",
    )
    await changes.close()
    if isinstance(event, ContactChanged):
        await host.stardust("contact", "rename", event.contact.address, guest.name)


@asynccontextmanager
async def two_people(folder: Path, *more: str) -> AsyncIterator[tuple[DevChain, Person, Person]]:
    """The chain, Alice and Bob, contacts of each other; ``more`` are options of ``stardust init``."""
    async with dev_chain(folder) as chain:
        people: list[Person] = []
        try:
            for name in ("alice", "bob"):
                people.append(await new_person(name, folder, chain, *more))
            alice, bob = people
            await introduce(alice, bob)
            yield chain, alice, bob
        finally:
            for person in people:
                await person.down()
