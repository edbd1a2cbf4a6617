"""The statement store of one node, as sc-statement-store 32.0.1 keeps it: ``submit`` and what it refuses."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from stardust.identity.devices import verify_device
from stardust.wire.ids import DeviceId
from tests.fakes.statement_scale import fields_of

Answer = dict[str, Any]
ALLOWANCE = (64, 65_536)
"""Statements and bytes of data: what the pallet gives a device."""


@dataclass(frozen=True)
class Kept:
    encoded: bytes
    signer: bytes
    expiry: int
    channel: bytes | None
    topics: frozenset[bytes]
    size: int

    @property
    def digest(self) -> bytes:
        return blake2b(self.encoded, digest_size=32).digest()


def kept(encoded: bytes) -> Kept | str:
    """A statement, or why it is invalid. ``ValueError`` when it is none."""
    fields = dict(fields_of(encoded))
    proof = fields.get("proof")
    if proof is None:
        return "noProof"
    ((scheme, signed),) = proof.items()
    signer, signature = _raw(signed["signer"]), _raw(signed["signature"])
    # Only ed25519 statements are made here, so the signed bytes begin behind that proof.
    if scheme != "ed25519" or not verify_device(DeviceId(signer), encoded[1 + 98 :], signature):
        return "badProof"
    data = fields.get("data", "0x")
    topics = frozenset(_raw(fields[f"topic{n}"]) for n in range(1, 5) if f"topic{n}" in fields)
    channel = _raw(fields["channel"]) if "channel" in fields else None
    size = len(_raw(data) if data.startswith("0x") else data.encode())
    return Kept(encoded, signer, fields.get("expiry", 0), channel, topics, size)


def _raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def rejected(reason: str, **more: int) -> Answer:
    return {"status": "rejected", "reason": reason, **more}


@dataclass
class FakeStore:
    """``allowance`` by signer; ``capacity`` of statements in all; ``drops``: says ``new`` and forgets it."""

    allowance: Callable[[bytes], tuple[int, int]] = field(default=lambda _: ALLOWANCE)
    capacity: int = 4 * 1024 * 1024
    drops: bool = False
    clock: Callable[[], float] = time.time
    entries: dict[bytes, Kept] = field(default_factory=dict)
    listeners: list[Callable[[Kept], None]] = field(default_factory=list)

    def submit(self, encoded: bytes) -> Answer:
        """``SubmitResult`` as JSON."""
        self.expire()
        statement = kept(encoded)
        if isinstance(statement, str):
            return {"status": "invalid", "reason": statement}
        if statement.expiry >> 32 <= self.clock():
            return {"status": "invalid", "reason": "alreadyExpired"}
        if statement.digest in self.entries:
            return {"status": "known"}
        count, size = self.allowance(statement.signer)
        if count == 0 or size == 0:
            return rejected("noAllowance")
        evicted = self._make_room(statement, count, size)
        if isinstance(evicted, dict):
            return evicted
        if not self.drops:
            for digest in evicted:
                del self.entries[digest]
            self.admit(statement)
        return {"status": "new"}

    def admit(self, statement: Kept) -> None:
        self.entries[statement.digest] = statement
        for listener in tuple(self.listeners):
            listener(statement)

    def expire(self) -> None:
        for digest, one in tuple(self.entries.items()):
            if one.expiry >> 32 <= self.clock():
                del self.entries[digest]

    def _make_room(self, new: Kept, count: int, size: int) -> set[bytes] | Answer:
        """``plan_insert``: digests to evict, or why there is no room."""
        if new.size > size:
            return rejected("dataTooLarge", submitted_size=new.size, available_size=size)
        own = {digest: one for digest, one in self.entries.items() if one.signer == new.signer}
        evicted: set[bytes] = set()
        for digest, one in own.items():
            if new.channel is not None and one.channel == new.channel:
                if new.expiry <= one.expiry:
                    return rejected(
                        "channelPriorityTooLow", submitted_expiry=new.expiry, min_expiry=one.expiry
                    )
                evicted.add(digest)
        for digest, one in sorted(own.items(), key=lambda item: (item[1].expiry, item[0])):
            retained = sum(one.size for digest, one in own.items() if digest not in evicted)
            if retained + new.size <= size and len(own) + 1 - len(evicted) <= count:
                break
            if digest in evicted:
                continue
            if one.expiry >= new.expiry:
                if retained + new.size > size:
                    return rejected(
                        "dataTooLarge", submitted_size=new.size, available_size=max(0, size - retained)
                    )
                return rejected("accountFull", submitted_expiry=new.expiry, min_expiry=one.expiry)
            evicted.add(digest)
        if len(self.entries) + 1 - len(evicted) > self.capacity:
            return rejected("storeFull")
        return evicted
