"""Two people who use the network: one through TLS, one on the machine itself; both through TURN."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.person import Person, say, see_read, wait_for
from demo.screen import Screen, require
from stardust.api.calls import SystemStatus
from stardust.api.events import ContactChanged

PASSPHRASE = "correct horse battery staple"


@dataclass(frozen=True)
class Services:
    """What the people are told of the network."""

    plain: str
    tls: str
    ipfs: str
    turn: str
    turn_user: str
    turn_password: str

    def network_toml(self) -> str:
        """Strangers meet on the TURN server only."""
        access = f'url = "{self.turn}", username = "{self.turn_user}", password = "{self.turn_password}"'
        return f"\n[network]\nturn = {{ {access} }}\nrelay_only_for_strangers = true\n"


class People:
    """``stop`` ends their daemons whatever happened."""

    def __init__(self, folder: Path, services: Services, screen: Screen) -> None:
        self.folder = folder
        self.services = services
        self.screen = screen
        self.alice = Person("alice", folder / "alice", PASSPHRASE)
        self.bob = Person("bob", folder / "bob", PASSPHRASE)
        self._phrase = ""

    async def meet(self) -> None:
        """Both register, become contacts and talk."""
        for person, node in ((self.alice, self.services.tls), (self.bob, self.services.plain)):
            made = await person.stardust(
                "init", "--name", person.name.capitalize(), "--node", node, "--ipfs", self.services.ipfs
            )
            self._phrase = self._phrase or made["phrase"]
            with (person.home / "config.toml").open("a") as config:
                config.write(self.services.network_toml())
            await person.up()
            login = await person.stardust("login")
            self.screen.say(f"{person.name} through {node}: registered in block {login['block']}")
        invite = await self.alice.stardust("invite")
        added = await self.alice.api.subscribe(ContactChanged)
        await self.bob.stardust("contact", "add", invite["link"], "--name", "alice")
        known = await wait_for(
            added,
            lambda e: isinstance(e, ContactChanged) and e.contact.state == "accepted",
            "Bob to become Alice's contact",
        )
        assert isinstance(known, ContactChanged)
        await self.alice.stardust("contact", "rename", known.contact.address, "bob")
        await self.talk("Hi Bob, is this ours?", "All of it.")

    async def talk(self, question: str, answer: str) -> None:
        """One message each way, read on the other side."""
        for sender, receiver, text in ((self.alice, self.bob, question), (self.bob, self.alice, answer)):
            said = await say(sender, receiver, text)
            receipts = await see_read(sender, receiver, said)
            self.screen.chat(sender.name, text, receipts)

    async def routes(self) -> set[str]:
        """Of the open links."""
        status = await self.alice.api.call(SystemStatus())
        return {link.route or "unknown" for link in status.links if link.state == "open"}

    async def back_up(self) -> Any:
        """Alice's history goes to the IPFS node of the network."""
        report = await self.alice.stardust("backup", "create", "--to", "ipfs")
        require(report["anchored"], "the backup's head was not anchored on chain")
        return report

    async def restore(self) -> None:
        """Alice has lost her machine; her phrase is enough."""
        before = [(message.id, message.body) for message in await self.alice.history("bob")]
        await self.alice.down()
        shutil.rmtree(self.alice.home)
        phrase = self.folder / "phrase"
        phrase.touch(mode=0o600)
        phrase.write_text(self._phrase + "\n")
        network = ("--node", self.services.tls, "--ipfs", self.services.ipfs)
        await self.alice.stardust("restore", *network, "--phrase-file", str(phrase))
        await self.alice.up()
        after = [(message.id, message.body) for message in await self.alice.history("bob")]
        require(after == before, f"{len(after)} messages were restored, {len(before)} there were")
        self.screen.say(f"restored from IPFS by the recovery phrase: {len(after)} messages, the same")

    async def stop(self) -> None:
        for person in (self.alice, self.bob):
            await person.leave()
            if person.home.exists():
                await person.stardust("down")
