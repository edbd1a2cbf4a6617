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


@dataclass
class Ledger:
    kinds: dict[str, Kind]
    blocks: int
    holds_plaintext: bool
    """One of the texts stands in an extrinsic, readable."""


def read(url: str, texts: list[str]) -> Ledger:
    """Reads all blocks from ``url``; ``texts`` are messages to look for in the raw bytes."""
    chain = SubstrateInterface(url=url)
    try:
        head: int = chain.get_block_header()["header"]["number"]
        kinds: dict[str, Kind] = defaultdict(Kind)
        found = False
        for number in range(1, head + 1):
            block_hash = chain.get_block_hash(number)
            raw = chain.rpc_request("chain_getBlock", [block_hash])["result"]["block"]["extrinsics"]
            fees = _fees(chain, block_hash)
            for index, text in enumerate(raw):
                data = bytes.fromhex(text[2:])
                found = found or any(message.encode() in data for message in texts)
                kind = kinds[_name(chain, data)]
                kind.count += 1
                kind.size += len(data)
                kind.fees += fees.get(index, 0)
        return Ledger(dict(kinds), head, found)
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
    length.decode(stream)
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
    decoded = chain.create_scale_object("Call", chain.metadata)
    decoded.decode(ScaleBytes(call))
    return f"{decoded.value['call_module']}.{decoded.value['call_function']}"
