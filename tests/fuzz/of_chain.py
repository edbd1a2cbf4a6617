"""Decoders of what a node of the chain says, under the recorded runtime."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import msgspec

from stardust.chain import records
from stardust.chain.codec import VIEWS, Codec
from stardust.chain.codecs import Codecs
from stardust.chain.connection import Connection
from stardust.chain.errors import BadNodeError, ChainUnavailableError, Refusal, UnsuitableChainError
from stardust.chain.jsonrpc import JsonRpc
from stardust.chain.refusals import refusal
from stardust.chain.submission import _stands_in
from stardust.errors import StardustError
from stardust.identity.certificates import check
from stardust.wire.ids import AccountId
from tests.fuzz.decoder import Decoder, text
from tests.fuzz.of_daemon import RUNNER
from tests.unit.identity.helpers import GENESIS
from tests.vectors.chain import codec, metadata, runtime

BAD = (BadNodeError, UnsuitableChainError)
ACCOUNT = AccountId(bytes(32))


def _device(value: Any) -> object:
    devices = [records.device(ACCOUNT, one) for one in value]
    for device in devices:
        try:
            check(device, GENESIS)
        except StardustError:
            continue
    return devices


SHAPES: dict[str, Callable[[Any], object]] = {
    "account": records.account_info,
    "devices": _device,
    "presence": records.presence,
    "inbox": lambda value: [records.signal(one) for one in value],
    "notices": lambda value: [records.notice(one) for one in value],
    "backup": records.backup,
    "profile": bytes,
    "peer_info": bytes,
    "allowance": int,
}


def _view(name: str) -> Decoder:
    def decode(data: bytes) -> object:
        value = codec().view_result(name, data)
        return records.shaped(SHAPES.get(name, lambda found: found), value)

    def seeds() -> list[bytes]:
        return [bytes.fromhex(one["answer"]) for one in runtime()["answers"] if one["view"] == name]

    return Decoder(f"view: {name}", decode, seeds, refuses=BAD, covers=("chain.codec.Codec.decode",), cost=2)


def _events(data: bytes) -> object:
    found = codec().events(data)
    outcomes = [codec().outcome(found, index) for index in range(2)]
    return records.chain_events(7, found), outcomes


def _metadata(data: bytes) -> object:
    return Codec(runtime()["version"], "0x" + data.hex(), GENESIS).view_request("work")


def json_of(data: bytes) -> Any:
    """As a node's answers are read; what is no JSON is refused before it gets further."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadNodeError from None


class _Node:
    """Stands for a connection whose node gives the same answer to everything."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def request(self, method: str, *params: Any, limit: float | None = None) -> Any:
        return self._answer


@cache
def _codecs() -> Codecs:
    return Codecs()


def _answers(data: bytes) -> object:
    """Every question that a node may answer with any JSON. Accepted when one of them is."""
    connection = Connection(_Node(json_of(data)), _codecs(), GENESIS)  # type: ignore[arg-type]
    connection.codec = codec()
    asked: list[Callable[[], Awaitable[object]]] = [
        connection.best,
        lambda: connection.hashes(0, 1),
        lambda: connection.place(bytes(32), b""),
        lambda: connection.next_nonce("5F"),
        connection.timestamp,
        lambda: connection.events(bytes(32)),
        lambda: connection.view("work"),
    ]
    understood = [RUNNER.run(_unless_bad(question)) for question in asked]
    if not any(understood):
        raise BadNodeError
    return understood


async def _unless_bad(question: Callable[[], Awaitable[object]]) -> bool:
    try:
        await question()
    except BAD:
        return False
    return True


class _Socket:
    """A WebSocket on which one frame comes, and then nothing."""

    def __init__(self, frame: bytes) -> None:
        self._frames = [frame]
        self._asked = asyncio.Event()

    def __aiter__(self) -> _Socket:
        return self

    async def __anext__(self) -> bytes:
        await self._asked.wait()
        if not self._frames:
            raise StopAsyncIteration
        return self._frames.pop()

    async def send(self, message: str) -> None:
        self._asked.set()

    async def close(self) -> None:
        return


async def _asked(data: bytes) -> object:
    """One request on a connection whose node says this: an answer, or an error of ours; no fault."""
    rpc = JsonRpc("ws://node", _Socket(data))
    try:
        return await rpc.request("chain_getHeader", limit=5)
    finally:
        (fault,) = await asyncio.gather(rpc._reader, return_exceptions=True)
        if isinstance(fault, Exception):
            raise fault


def _refusal(data: bytes) -> object:
    """The sentence or the JSON with which a pool refuses: always one of our reasons."""
    reasons = [refusal(text(data))]
    with contextlib.suppress(BadNodeError):
        reasons.append(refusal(json_of(data)))
    assert all(isinstance(reason, Refusal) for reason in reasons)
    return reasons


class _States:
    """A watched extrinsic's states: one, and then the connection ends."""

    def __init__(self, state: Any) -> None:
        self._states = [state]

    async def next(self) -> Any:
        if not self._states:
            raise ChainUnavailableError
        return self._states.pop()


def _state(data: bytes) -> object:
    return RUNNER.run(_stands_in("heartbeat", _States(json_of(data))))  # type: ignore[arg-type]


def _headers() -> list[bytes]:
    header = msgspec.json.encode(runtime()["header"]["json"])
    block = b'{"block":{"header":{"number":"0x7"},"extrinsics":["0x","0x00"]}}'
    return [header, block, b'"0x0011223344556677"', b"7", b"null"]


RPC_FRAMES = (
    b'{"jsonrpc":"2.0","id":1,"result":{"number":"0x1"}}',
    b'{"jsonrpc":"2.0","id":1,"error":{"code":1010,"message":"Invalid","data":"Custom error: 1"}}',
    b'{"jsonrpc":"2.0","method":"x","params":{"subscription":"abc","result":7}}',
)
STATES = (
    b'{"inBlock":"0x00ff"}',
    b'{"invalid":{"custom":3}}',
    b'"invalid"',
    b'{"usurped":"0x00"}',
    b'"ready"',
)

DECODERS = (
    *(_view(name) for name in VIEWS),
    Decoder(
        "events",
        _events,
        lambda: [bytes.fromhex(one["encoded"]) for one in runtime()["events"]],
        refuses=BAD,
        covers=("chain.codec.Codec.decode",),
        cost=8,
    ),
    Decoder(
        "metadata", _metadata, lambda: [metadata()], refuses=BAD, covers=("chain.codec.Codec",), cost=400
    ),
    Decoder("answers of a node", _answers, _headers, refuses=BAD, covers=("chain.records.unhexed",), cost=8),
    Decoder(
        "JSON-RPC of a node",
        lambda data: RUNNER.run(_asked(data)),
        lambda: list(RPC_FRAMES),
        refuses=(ChainUnavailableError,),
        covers=("chain.jsonrpc.JsonRpc",),
        cost=2,
    ),
    Decoder(
        "refusals",
        _refusal,
        lambda: [
            b"Invalid Transaction: Custom error: 1",
            b'{"invalid":{"payment":null}}',
            b'{"custom":' + b"9" * 5000 + b"}",
        ],
        refuses=(),
        covers=("chain.refusals.refusal",),
    ),
    Decoder(
        "states of an extrinsic",
        _state,
        lambda: list(STATES),
        refuses=(StardustError,),
        covers=("chain.records.unhexed",),
        cost=2,
    ),
)
