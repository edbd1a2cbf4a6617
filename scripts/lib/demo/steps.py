"""The seven steps of the main job. Each raises when it did not really happen."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from pathlib import Path
from typing import Any

from demo import ledger
from demo.chains import Chain, DevChain, LocalNetwork
from demo.figures import Figures, show_chain, show_signals, show_times
from demo.parts import IpfsSearch
from demo.person import STARDUST, Person, end_all, say, see_read, wait_for
from demo.screen import DemoFailedError, Screen, require
from demo.store import StoreWatch
from stardust.api.calls import (
    ContactsList,
    MessagesSend,
    SystemStatus,
)
from stardust.api.events import ContactChanged, KeysChanged, MessageStateChanged
from stardust.tui.qr import terminal_qr

TALK = (
    ("alice", "Hi Bob, is this thing on?"),
    ("bob", "Loud and clear. No server in the middle?"),
    ("alice", "None. The chain only told us where to find each other."),
    ("bob", "I like it. Lunch on Thursday?"),
)
PASSPHRASE = "correct horse battery staple"
"""Alice's, which opens her backups too."""
WHILE_AWAY = 25
PROBES = 100
FOUND_S = 3.0
"""For an IPFS binary that needs no building to be found."""
BUILT_S = 1200.0


class Demo:
    """Owns all processes of the run; ``stop`` ends them whatever happened. ``on``: what it runs on."""

    def __init__(
        self, folder: Path, screen: Screen, on: type[DevChain] | type[LocalNetwork] = DevChain
    ) -> None:
        self.folder = folder
        self.screen = screen
        self.on = on
        self.figures = Figures()
        self._chain: Chain | None = None
        self.store: StoreWatch | None = None
        self._ipfs: IpfsSearch | None = None
        self.alice = Person("alice", folder / "alice", PASSPHRASE)
        self.bob = Person("bob", folder / "bob", "tr0ub4dor and three")
        self.homes = [self.alice, self.bob]
        self.phrase = ""
        self.texts: list[str] = [text for _, text in TALK]
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.devices: list[str] = []

    @property
    def chain(self) -> Chain:
        if self._chain is None:
            raise DemoFailedError("the chain is not running")
        return self._chain

    @property
    def ipfs(self) -> IpfsSearch:
        if self._ipfs is None:
            raise DemoFailedError("nobody has looked for IPFS")
        return self._ipfs

    async def run(self) -> None:
        with self.screen.step("Start the chain, and an IPFS node if there is one"):
            await self.start_parts()
        with self.screen.step("Two people without money make accounts and sign in"):
            await self.sign_in()
        with self.screen.step("Alice invites Bob; both compare the safety number"):
            await self.meet()
        with self.screen.step(f"They talk: offer and answer through {self.on.carries}, messages over WebRTC"):
            await self.talk()
        with self.screen.step("Bob's daemon is killed; Alice writes on; Bob comes back"):
            await self.lose_and_find()
        with self.screen.step("Alice backs up, loses her machine, and gets her history back, twice"):
            await self.back_up_and_restore()
        with self.screen.step("What it cost"):
            await self.count_up()

    # 1
    async def start_parts(self) -> None:
        """What waits does so in a thread, so that Ctrl-C is heard; what is started is known at once."""
        self._chain = self.on(self.folder)
        self._ipfs = IpfsSearch(self.folder)
        self.say_ipfs(await self._ipfs.wait(FOUND_S))
        self.screen.say(await asyncio.to_thread(self.chain.wait))
        if self.chain.by_statements:
            self.store = await StoreWatch.open(self.chain.url)

    def say_ipfs(self, version: str | None) -> None:
        if version:
            self.screen.say(f"IPFS: kubo {version}, private, on loopback")
        elif self.ipfs.building:
            self.screen.say("IPFS: kubo is being built meanwhile, once; step 6 waits for it")
        else:
            self.screen.say(
                "IPFS: no `ipfs` on the PATH and no Go to build it: the backup goes to a CAR file"
            )

    # 2
    async def sign_in(self) -> None:
        for person in (self.alice, self.bob):
            await self.sign_in_one(person)
        balances = [ledger.balance(self.chain.url, address) for address in self.addresses]
        require(not any(balances), f"the accounts should own nothing, but own {balances}")
        self.screen.say("each has a daemon, a home folder and a device key of its own, and owns 0 STAR")

    async def sign_in_one(self, person: Person) -> None:
        made = await person.stardust("init", "--name", person.name.capitalize(), *self.network())
        if person is self.alice:
            self.phrase = made["phrase"]
        await person.up()
        began = time.monotonic()
        login = await person.stardust("login")
        self.figures.login_s[person.name] = time.monotonic() - began
        require(login["call"] == "register", f"{person.name} was not registered")
        who = await person.stardust("whoami")
        self.addresses.append(who["address"])
        self.devices.append(who["device"])
        require(who["registered"] and len(who["devices"]) == 1, f"{person.name}'s device is not on chain")
        self.screen.say(
            f"{person.name}: {who['address']}  device {who['device'][:12]}…  "
            f"registered in block {login['block']}"
        )

    def network(self) -> list[str]:
        return [*self.chain.options(), *(["--ipfs", self.ipfs.api] if self.ipfs.api else [])]

    # 3
    async def meet(self) -> None:
        invite = await self.alice.stardust("invite")
        self.screen.plain(terminal_qr(invite["link"]))
        self.screen.say(f"[dim]{invite['link']}[/]")
        added = await self.alice.api.subscribe(ContactChanged)
        await self.bob.stardust("contact", "add", invite["link"], "--name", "alice")
        await wait_for(
            added,
            lambda e: isinstance(e, ContactChanged) and e.contact.state == "accepted",
            "Bob to become Alice's contact",
        )
        contacts = (await self.alice.api.call(ContactsList())).contacts
        require(len(contacts) == 1, "Alice should know exactly one person")
        await self.alice.stardust("contact", "rename", contacts[0].address, "bob")
        hers = await self.alice.stardust("contact", "verify", "bob")
        his = await self.bob.stardust("contact", "verify", "alice")
        require(hers["safety_number"] == his["safety_number"], "the safety numbers differ")
        await self.alice.stardust("contact", "verify", "bob", "--confirm", his["safety_number"])
        await self.bob.stardust("contact", "verify", "alice", "--scanned", hers["qr"])
        self.screen.say(f"safety number, the same on both sides: [bold]{hers['safety_number']}[/]")

    # 4
    async def talk(self) -> None:
        people = {"alice": self.alice, "bob": self.bob}
        for name, text in TALK:
            sender, receiver = people[name], people["bob" if name == "alice" else "alice"]
            said = await say(sender, receiver, text)
            self.ids.append(said.id)
            receipts = await see_read(sender, receiver, said)
            self.screen.chat(name, text, f"{receipts}  {said.took_s * 1000:.0f} ms")
        status = await self.alice.api.call(SystemStatus())
        links = [link for link in status.links if link.state == "open"]
        require(bool(links), "there is no open link between them")
        self.figures.link_setup_ms = links[0].setup_ms or 0.0
        self.figures.route = links[0].route or "unknown"
        for number in range(PROBES):
            text = f"probe {number}"
            said = await say(self.alice, self.bob, text)
            self.texts.append(text)
            self.ids.append(said.id)
            self.figures.latencies_s.append(said.took_s)
        self.screen.say(f"link: WebRTC data channel, {self.figures.route}; {PROBES} more messages measured")

    # 5
    async def lose_and_find(self) -> None:
        status = await self.bob.api.call(SystemStatus())
        await self.bob.kill(status.pid)
        self.screen.say(f"bob's daemon (pid {status.pid}) is gone by SIGKILL")
        texts = [f"While you were away, {number + 1}" for number in range(WHILE_AWAY)]
        self.texts += texts
        last = ""
        for text in texts:
            last = (await self.alice.api.call(MessagesSend(contact="bob", body=text))).id
            self.ids.append(last)
        self.screen.say(f"alice writes {WHILE_AWAY} messages into the dark")
        delivered = await self.alice.api.subscribe(MessageStateChanged)
        began = time.monotonic()
        await self.bob.up()
        await wait_for(
            delivered,
            lambda e: isinstance(e, MessageStateChanged) and e.id == last and e.state == "delivered",
            "the last message to be delivered after Bob came back",
            limit=120,
        )
        self.figures.catch_up_s = time.monotonic() - began
        got = [message.body for message in await self.bob.history("alice")]
        received = [body for body in got if body.startswith("While you were away")]
        require(received == texts, f"Bob has {len(received)} of {len(texts)} messages, or in another order")
        theirs = [(m.id, m.body) for m in await self.alice.history("bob")]
        require(theirs == [(m.id, m.body) for m in await self.bob.history("alice")], "the histories differ")
        self.screen.say(f"bob is back and has each of the {WHILE_AWAY} messages exactly once, in order")

    # 6
    async def back_up_and_restore(self) -> None:
        if self.ipfs.building:
            self.screen.say("waiting for kubo to be built")
            self.say_ipfs(await self.ipfs.wait(BUILT_S))
        by_ipfs = self.ipfs.node is not None
        car = self.folder / "alice.car"
        to = ["--to", "ipfs"] if by_ipfs else ["--to", "file", "--path", str(car)]
        report = await self.alice.stardust("backup", "create", *to)
        require(report["anchored"], "the backup's head was not anchored on chain")
        self.figures.backup = report
        self.screen.say(
            f"backup: {report['messages']} messages, {report['bytes']:,} bytes sealed in {report['blocks']} "
            f"blocks, {'pinned by kubo' if by_ipfs else 'in a CAR file'}; "
            f"its head {report['cid'][:16]}… stands on chain"
        )
        lost = await self.alice.stardust("whoami")
        before = await self.rows(self.alice, "before")
        await self.alice.down()
        shutil.rmtree(self.alice.home)
        self.screen.say("alice's home folder is deleted")
        source = [] if by_ipfs else ["--from", str(car)]
        phrase_file = self.folder / "phrase"
        phrase_file.touch(mode=0o600)
        phrase_file.write_text(self.phrase + "\n")
        self.alice = await self.restore(
            "recovery phrase", "another passphrase", ["--phrase-file", str(phrase_file), *source], before
        )
        await self.meet_again(lost["device"])
        machine = await self.restore(
            "passphrase", PASSPHRASE, ["--address", lost["address"], *source], before
        )
        await machine.down()

    async def restore(self, by: str, passphrase: str, arguments: list[str], before: Any) -> Person:
        """A new machine of Alice's with everything on it, its daemon running."""
        machine = Person("alice", self.folder / f"new-{by.split()[-1]}", passphrase)
        self.homes.append(machine)
        began = time.monotonic()
        await machine.stardust("restore", *self.network(), *arguments)
        self.figures.restore_s[by] = time.monotonic() - began
        await machine.up()
        rows = await self.rows(machine, f"after-{by.split()[-1]}")
        require(rows == before, f"the history restored by {by} differs from the one before")
        self.screen.say(
            f"new machine, by {by} alone: every row is there again ({len(str(rows)):,} characters equal)"
        )
        return machine

    async def meet_again(self, lost_device: str) -> None:
        """Alice signs in with the new machine and takes the lost one off the chain; Bob is told, compares."""
        changes = await self.bob.api.subscribe(ContactChanged, KeysChanged)
        await self.alice.stardust("login")
        await self.alice.stardust("revoke", lost_device)
        device = (await self.alice.stardust("whoami"))["device"]
        self.devices.append(device)
        await wait_for(
            changes,
            lambda e: (
                isinstance(e, ContactChanged | KeysChanged)
                and e.contact.keys_changed
                and [one.device for one in e.contact.devices] == [device]
            ),
            "Bob to hear of Alice's new device",
        )
        await changes.close()
        self.screen.say("alice signs in with it and revokes the lost one; bob is told: her devices changed")
        shown = await self.alice.stardust("contact", "verify", "bob")
        done = await self.bob.stardust("contact", "verify", "alice", "--scanned", shown["qr"])
        require(done["verified"], "Bob compared, but Alice is not verified")
        self.screen.say("bob compares the safety number with her, and accepts the new device")
        for sender, receiver, text in (
            (self.bob, self.alice, "Is it you?"),
            (self.alice, self.bob, "Who else?"),
        ):
            said = await say(sender, receiver, text)
            self.texts.append(text)
            self.ids.append(said.id)
            receipts = await see_read(sender, receiver, said)
            self.screen.chat(sender.name, text, f"{receipts}  {said.took_s * 1000:.0f} ms")

    async def rows(self, person: Person, name: str) -> Any:
        """The exported history, without what is particular to the export itself."""
        path = self.folder / f"{name}.json"
        await person.stardust("export", str(path))
        exported = json.loads(path.read_text())
        exported.pop("exported_at", None)
        return exported

    # 7
    async def count_up(self) -> None:
        marks = [*(text.encode() for text in self.texts), *map(bytes.fromhex, self.ids)]
        book = await asyncio.to_thread(ledger.read, self.chain.url, marks)
        messages = book.with_messages
        require(messages.count == 0, f"{messages.count} extrinsics hold text or id of a message")
        show_chain(self.screen, book)
        calls = book.kinds.get("P2pSignaling.send_signaling", ledger.Kind()).count
        if self.store is None:
            require(calls > 0, "no signal went through the pallet")
        else:
            stored = self.store.carried(marks)
            require(len(stored.signers) == len(self.devices), "not every device signaled by statements")
            require(stored.holding == 0, f"{stored.holding} statements hold text or id of a message")
            show_signals(self.screen, calls, stored)
        show_times(self.screen, self.figures, self.chain)

    def say_how_to_go_on(self) -> None:
        """The commands for a person who wants to go on by hand."""
        self.screen.say("\n[bold]All is still running.[/] Go on by hand in other terminals:")
        self.screen.plain(f'\n   export PATH="{Path(STARDUST).parent}:$PATH"')
        for person, other, address in zip(
            (self.alice, self.bob), (self.bob, self.alice), self.addresses, strict=True
        ):
            self.screen.say(f"\n[bold]{person.name}[/], {address}")
            command = f"   stardust --home {person.home}"
            self.screen.plain(f"{command} chat {other.name}")
            self.screen.plain(f"{command} send {other.name} 'Hello!'")
            self.screen.plain(f"{command} status")
            self.screen.say(f"passphrase, should one be asked for: in {person.passphrase_file}")
        self.screen.say("\nCtrl-C here ends everything and removes the folders.")

    async def stop(self) -> None:
        """Ends every process of the run."""
        await end_all(self.homes, self.screen)
        if self.store is not None:
            await self.store.close()
        for part in (self._ipfs, self._chain):
            if part is not None:
                part.stop()
