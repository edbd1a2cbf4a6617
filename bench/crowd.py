"""Many people on one connection: registered, and calling as fast as a node takes it.

The client's own chain adapter serves one device and waits for every block; here the same codec signs
for hundreds, nonces are counted, and whatever the pool refuses is only counted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from scalecodec.utils.ss58 import ss58_encode
from substrateinterface.utils.hasher import xxh128

from network.spec import Spec
from stardust.chain.codec import PALLET, Anchor, Signer
from stardust.chain.codecs import Codecs
from stardust.chain.connection import Connection
from stardust.chain.jsonrpc import RpcError
from stardust.chain.records import device_arguments, hexed
from stardust.identity.certificates import certify
from stardust.identity.records import CertifiedDevice
from stardust.identity.work import solve
from tests.fakes.people import CURVE_KEYS, Person

WORK = xxh128(PALLET.encode()) + xxh128(b"WorkDifficulty")
AHEAD = 500
"""Blocks for which a registration is good."""
AT_ONCE = 200
"""Registrations that are handed over before blocks are waited for."""


def without_work(chain: Spec) -> Spec:
    """The same chain where registering hundreds of people takes no time."""
    raw = chain["genesis"]["raw"]
    return {**chain, "genesis": {"raw": {**raw, "top": {**raw["top"], hexed(WORK): "0x00"}}}}


@dataclass
class Member:
    """Somebody registered. ``certified``: the device's record as it stands on the chain."""

    person: Person
    certified: CertifiedDevice
    nonce: int = 0

    @property
    def device(self) -> str:
        return hexed(self.person.device.device)

    @property
    def account(self) -> str:
        return hexed(self.person.account.account)

    @property
    def signer(self) -> Signer:
        return Signer(self.person.device.device, "ed25519", self.person.device.sign)


@dataclass
class Crowd:
    """``taken`` and ``refused``: calls by name, as the pool has answered."""

    connection: Connection
    members: list[Member] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _anchor: Anchor | None = None

    @classmethod
    @asynccontextmanager
    async def on(cls, url: str, size: int) -> AsyncIterator[Crowd]:
        """``size`` registered people on the chain of the node at ``url``, which wants no work."""
        codecs = Codecs()
        connection = await Connection.open(url, codecs, None)
        try:
            crowd = cls(connection)
            await crowd._register(size)
            yield crowd
        finally:
            await connection.close()

    async def _register(self, size: int) -> None:
        block, _ = await self.connection.best()
        for at in range(0, size, AT_ONCE):
            for _ in range(min(AT_ONCE, size - at)):
                member = self._newcomer(block.number + AHEAD)
                await self._submit("register", self.registration(member))
                self.members.append(member)
            await self.settled()
        await self.renew()

    def _newcomer(self, expires: int) -> Member:
        person = Person.fresh()
        record = person.device.record(*CURVE_KEYS)
        genesis = self.connection.genesis
        return Member(
            person, certify(person.account, person.device, record, genesis=genesis, expires=expires)
        )

    def registration(self, member: Member) -> bytes:
        """The extrinsic."""
        work = solve(self.connection.genesis, member.certified, 0)
        assert work is not None
        return self.connection.codec.general("register", device_arguments(member.certified, work))

    async def settled(self) -> None:
        """Returns when nothing waits for a block any more."""
        while await self.connection.rpc.request("author_pendingExtrinsics"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    async def renew(self) -> None:
        """What is signed from now on is good from the best block on. Nonces are asked for: of what a pool
        has taken, a block may still refuse something, and what comes after it would wait for ever."""
        self._anchor = await self.connection.anchor()
        for member in self.members:
            member.nonce = await self.connection.next_nonce(ss58_encode(member.device, 42))

    def signed(self, member: Member, call: str, **arguments: Any) -> bytes:
        """The extrinsic, with the member's next nonce."""
        assert self._anchor is not None, "renew comes first"
        codec = self.connection.codec
        return codec.signed(call, arguments, member.signer, member.nonce, self._anchor)

    async def call(self, member: Member, name: str, **arguments: Any) -> bool:
        """Whether the pool takes it."""
        taken = await self._submit(name, self.signed(member, name, **arguments))
        member.nonce += taken
        return taken

    async def _submit(self, name: str, extrinsic: bytes) -> bool:
        try:
            await self.connection.rpc.request("author_submitExtrinsic", hexed(extrinsic))
        except RpcError:
            self.refused[name] += 1
            return False
        self.taken[name] += 1
        return True
