"""Two people with real daemons on a dev chain of their own, who know each other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from demo.chains import DevChain
from demo.person import Person, wait_for
from stardust.api.calls import ContactsList
from stardust.api.events import ContactChanged

UNSEEN = '[presence]\nannounce = "off"'
"""TOML. Who is seen online is greeted with a link before the first word."""
SEEN = '[presence]\nannounce = "contacts"'
"""By contacts, off chain."""


@asynccontextmanager
async def dev_chain(folder: Path) -> AsyncIterator[DevChain]:
    """The dev chain, running."""
    chain = DevChain(folder)
    try:
        chain.wait()
        yield chain
    finally:
        chain.stop()


async def new_person(name: str, folder: Path, node: str, *more: str, config: str = "") -> Person:
    """A registered person whose daemon runs, on the chain that ``node`` serves. ``more``: options of
    ``stardust init``; ``config``: TOML, added to ``config.toml`` before the first start."""
    person = Person(name, folder / name, f"passphrase of {name}")
    await person.stardust("init", "--name", name.capitalize(), "--node", node, *more)
    with (person.home / "config.toml").open("a") as file:
        file.write(f"\n{config}\n")
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
async def two_friends(
    folder: Path, nodes: tuple[str, str], *more: str, config: str = ""
) -> AsyncIterator[tuple[Person, Person]]:
    """Alice and Bob, each with a node, contacts of each other; the rest is as for ``new_person``."""
    people: list[Person] = []
    try:
        for name, node in zip(("alice", "bob"), nodes, strict=True):
            people.append(await new_person(name, folder, node, *more, config=config))
        alice, bob = people
        await introduce(alice, bob)
        yield alice, bob
    finally:
        for person in people:
            await person.down()


@asynccontextmanager
async def two_people(folder: Path, config: str = "") -> AsyncIterator[tuple[DevChain, Person, Person]]:
    """Alice and Bob on a dev chain of their own."""
    async with (
        dev_chain(folder) as chain,
        two_friends(folder, (chain.url, chain.url), config=config) as (alice, bob),
    ):
        yield chain, alice, bob
