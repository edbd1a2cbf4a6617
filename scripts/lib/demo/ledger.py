"""What really stands on the chain after a run: every block is read, every extrinsic weighed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from substrateinterface import SubstrateInterface


@dataclass
class Kind:
    """All extrinsics of one call."""

    count: int = 0
    size: int = 0
    fees: int = 0

    def add(self, size: int, fee: int) -> None:
        self.count += 1
        self.size += size
        self.fees += fee


@dataclass
class Ledger:
    kinds: dict[str, Kind]
    blocks: int
    with_messages: Kind
    """Extrinsics in which a text or id of a message stands, readable."""


def read(url: str, marks: list[bytes]) -> Ledger:
    """Reads all blocks from ``url``; ``marks`` are what to look for in the raw bytes."""
    chain = SubstrateInterface(url=url)
    try:
        head: int = chain.get_block_header()["header"]["number"]
        kinds: dict[str, Kind] = defaultdict(Kind)
        found = Kind()
        for number in range(1, head + 1):
            block_hash = chain.get_block_hash(number)
            raw = chain.rpc_request("chain_getBlock", [block_hash])["result"]["block"]["extrinsics"]
            fees = _fees(chain, block_hash)
            for index, text in enumerate(raw):
                data = bytes.fromhex(text[2:])
                fee = fees.get(index, 0)
                kinds[_name(chain, data)].add(len(data), fee)
                if any(mark in data for mark in marks):
                    found.add(len(data), fee)
        return Ledger(dict(kinds), head, found)
    finally:
        chain.close()


def balance(url: str, address: str) -> int:
    """What the account owns, in planck; free and reserved."""
    chain = SubstrateInterface(url=url)
    try:
        data = chain.query("System", "Account", [address]).value["data"]
        return int(data["free"]) + int(data["reserved"])
    finally:
        chain.close()


def _fees(chain: Any, block_hash: str) -> dict[int, int]:
    paid: dict[int, int] = defaultdict(int)
    for record in chain.get_events(block_hash):
        value = record.value
        if value["event_id"] == "TransactionFeePaid":
            paid[value["extrinsic_idx"]] += value["attributes"]["actual_fee"]
    return paid


def _name(chain: Any, data: bytes) -> str:
    """``pallet.call`` of an extrinsic of any version."""
    from scalecodec.base import ScaleBytes

    stream = ScaleBytes(data)
    length = chain.create_scale_object("Compact<u32>")
    length.decode(stream, check_remaining=False)
    body = data[stream.offset :]
    version, kind = body[0] & 0x3F, body[0] >> 6
    if kind == 0b01 and version == 5:
        # General: extension version, then era, nonce, tip and metadata mode, all empty.
        call = body[6:]
    elif kind == 0b00:
        call = body[1:]
    else:
        # Signed: address (tag, 32), signature (tag, 64), era (1 or 2), nonce, tip, metadata mode.
        at = 1 + 33 + 65
        at += 1 if body[at] == 0 else 2
        for _ in range(2):
            at += {0: 1, 1: 2, 2: 4, 3: 1 + 4 + (body[at] >> 2)}[body[at] & 3]
        call = body[at + 1 :]
    decoded = chain.create_scale_object("Call", data=ScaleBytes(call), metadata=chain.metadata)
    decoded.decode(check_remaining=False)
    return f"{decoded.value['call_module']}.{decoded.value['call_function']}"
