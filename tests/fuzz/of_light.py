"""Decoders of what the light client says, and of the file that says which chain it is to follow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from stardust.chain.errors import BadNodeError, ChainSpecError
from stardust.chain.light.blocks import Blocks
from stardust.chain.light.rpc import _state
from stardust.chain.light.spec import parse_spec
from stardust.chain.light.watch import number_of
from tests.fuzz.decoder import Decoder
from tests.fuzz.of_chain import json_of

SPEC = (
    b'{"name":"Net","id":"net","bootNodes":["/dns/n.example/tcp/30333/p2p/'
    b'12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"],"telemetryEndpoints":null,'
    b'"genesis":{"raw":{"top":{"0x3a636f6465":"0x00"},"childrenDefault":{}}}}'
)
FOLLOWED = (
    {
        "event": "initialized",
        "finalizedBlockHashes": ["a"],
        "finalizedBlockRuntime": {"type": "valid", "spec": {"specVersion": 1, "apis": {}}},
    },
    {"event": "newBlock", "blockHash": "b", "parentBlockHash": "a", "newRuntime": None},
    {"event": "bestBlockChanged", "bestBlockHash": "b"},
    {"event": "finalized", "finalizedBlockHashes": ["b"], "prunedBlockHashes": []},
)
WATCHED = (
    b'{"event":"bestChainBlockIncluded","block":{"hash":"0x00","index":1}}',
    b'{"event":"finalized","block":{"hash":"0x00","index":1}}',
    b'{"event":"invalid","error":"Invalid transaction: Payment"}',
    b'{"event":"dropped","broadcasted":true,"error":"gap in chain of blocks"}',
)


def _followed(data: bytes) -> object:
    """The events after the first, so that there is something to name."""
    blocks = Blocks()
    blocks.take(FOLLOWED[0])
    told = json_of(data)
    for event in told if isinstance(told, list) else [told]:
        blocks.take(event)
    return blocks


def _watched(data: bytes) -> Any:
    return _state(json_of(data))


DECODERS = (
    Decoder(
        "chain specs",
        lambda data: parse_spec(Path("net.json"), data),
        lambda: [SPEC, b"{}", SPEC.replace(b"raw", b"stateRootHash")],
        refuses=(ChainSpecError,),
        covers=("chain.light.spec.parse_spec",),
    ),
    Decoder(
        "blocks of the light client",
        _followed,
        lambda: [msgspec.json.encode(FOLLOWED[1:]), *map(msgspec.json.encode, FOLLOWED)],
        refuses=(BadNodeError,),
        covers=("chain.light.blocks.Blocks",),
    ),
    Decoder(
        "headers of the light client",
        lambda data: number_of(json_of(data)),
        lambda: [b'{"number":"0x7"}', b'{"number":"0x' + b"f" * 5000 + b'"}'],
        refuses=(BadNodeError,),
        covers=("chain.light.watch.number_of",),
    ),
    Decoder(
        "calls that the light client watches",
        _watched,
        lambda: list(WATCHED),
        refuses=(BadNodeError,),
        covers=("chain.light.rpc.LightRpc",),
    ),
)
