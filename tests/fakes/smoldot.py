"""smoldot as its JSON-RPC looks from outside, over headers that a test makes. Nothing is proven."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from stardust.chain.connection import TIMESTAMP_KEY
from stardust.chain.jsonrpc import JsonRpc
from stardust.chain.light.rpc import LightRpc
from stardust.chain.light.spec import BootNode, ChainSpec

VIEW = "RuntimeViewFunction_execute_view_function"
APIS = {"0x37e397fc7c91f5e4": 2, "0xbc9d89904f5b923f": 1}
"""Metadata and AccountNonceApi, which every runtime has."""
GENESIS = "0x" + "11" * 32


def hash_of(number: int) -> str:
    return "0x" + number.to_bytes(32, "big").hex()


def header(number: int) -> dict[str, Any]:
    zero = "0x" + "00" * 32
    parent = hash_of(number - 1) if number else zero
    return {
        "number": hex(number),
        "parentHash": parent,
        "stateRoot": zero,
        "extrinsicsRoot": zero,
        "digest": {"logs": []},
    }


BUSY: Final[dict[str, Any]] = {"result": {"result": "limitReached"}}


class FakeSmoldot:
    """A ``Wire``. ``asked`` is what reached it, ``calls`` answers runtime calls (None: nobody proves it)."""

    def __init__(self, finalized: int = 10, best: int = 12, apis: dict[str, int] | None = None) -> None:
        self.finalized, self.best, self.peers = finalized, best, 3
        self.asked: list[tuple[str, list[Any]]] = []
        self.calls: dict[str, str | None] = {}
        self.storage: dict[str, str] = {}
        self.silent: set[str] = set()
        self.busy = 0
        """So many calls are not started."""
        self.spec_version = 7
        self.claimed: int | None = None
        """What ``liars`` say that the best block is; None: the truth."""
        self.liars = 64
        """So many of the peers, from the first on."""
        self.times: dict[str, float] = {}
        """Unix seconds by block hash, where a block has a time."""
        self.young = False
        """As on a chain that began lately: no runtime is at hand for a while, and no head is told."""
        self._apis = APIS if apis is None else apis
        self._out: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        self._names: dict[str, list[str]] = {}
        self.ended = False

    # the wire
    async def send(self, message: str) -> None:
        request = json.loads(message)
        method, params = request["method"], request["params"]
        self.asked.append((method, params))
        if method not in self.silent:
            answer = self._answer(method, params)
            self._put({"id": request["id"], **answer})
            if answer != BUSY:
                self._after(method, params)

    async def __aiter__(self) -> AsyncIterator[str]:
        while (message := await self._out.get()) is not None:
            if isinstance(message, Exception):
                raise message
            yield message

    async def close(self) -> None:
        self.ended = True
        self._out.put_nowait(None)

    # what a test does
    def fault(self, error: Exception) -> None:
        self._out.put_nowait(error)

    def advance(self, best: int, finalized: int | None = None) -> None:
        """Blocks are made up to ``best``, and final up to ``finalized``."""
        for number in range(self.best + 1, best + 1):
            self._announce(number)
        self.best = best
        self.tell("chain_subscribeNewHeads", header(best))
        if finalized is not None and finalized != self.finalized:
            self.finalized = finalized
            event = {
                "event": "finalized",
                "finalizedBlockHashes": [hash_of(finalized)],
                "prunedBlockHashes": [],
            }
            self.tell("chainHead_v1_follow", event)
            self.tell("chain_subscribeFinalizedHeads", header(finalized))

    def upgrade(self, version: int) -> None:
        """The next block has another runtime, and is final at once."""
        self.spec_version = version
        self.best += 1
        self._announce(self.best, upgraded=True)
        self.advance(self.best, self.best)

    def stop(self) -> None:
        """smoldot gives the subscription up, as after a gap."""
        self.tell("chainHead_v1_follow", {"event": "stop"})
        self._names.pop("chainHead_v1_follow")

    def tell(self, subscribed: str, result: Any) -> None:
        """To the subscriptions by this method."""
        for name in self._names.get(subscribed, ()):
            self._notify(name, result)

    def count(self, method: str) -> int:
        return sum(one == method for one, _ in self.asked)

    # answers
    def _put(self, message: dict[str, Any]) -> None:
        self._out.put_nowait(json.dumps({"jsonrpc": "2.0", **message}))

    def _notify(self, name: str, result: Any) -> None:
        self._put({"method": "notice", "params": {"subscription": name, "result": result}})

    def _runtime(self) -> dict[str, Any]:
        spec = {"specName": "fake", "specVersion": self.spec_version, "transactionVersion": 1}
        return {"type": "valid", "spec": {**spec, "apis": self._apis}}

    def _announce(self, number: int, *, upgraded: bool = False) -> None:
        for event in self._news(number, upgraded=upgraded):
            self.tell("chainHead_v1_follow", event)

    def _news(self, number: int, *, upgraded: bool = False) -> list[dict[str, Any]]:
        new = {"event": "newBlock", "blockHash": hash_of(number), "parentBlockHash": hash_of(number - 1)}
        best = {"event": "bestBlockChanged", "bestBlockHash": hash_of(number)}
        return [{**new, "newRuntime": self._runtime() if upgraded else None}, best]

    def _answer(self, method: str, params: list[Any]) -> dict[str, Any]:
        match method, params:
            case ("chain_getBlockHash", [0]):
                return {"result": GENESIS}
            case ("chain_getFinalizedHead", []):
                return {"result": hash_of(self.finalized)}
            case ("chain_getHeader", [hash_]):
                return {"result": header(int(hash_, 16))}
            case ("system_health", []):
                behind = any(peer["bestNumber"] > self.best + 5 for peer in self._peers())
                return {"result": {"peers": self.peers, "isSyncing": not self.peers or behind}}
            case ("system_peers", []):
                return {"result": self._peers()}
            case ("state_getStorage", [key, at]) if key == TIMESTAMP_KEY:
                time = self.times.get(at)
                return {"result": time and "0x" + int(time * 1000).to_bytes(8, "little").hex()}
            case ("state_getStorage", [key, _]):
                return {"result": self.storage.get(key)}
            case ("state_queryStorageAt", [keys, at]):
                return {"result": [{"block": at, "changes": [[key, self.storage.get(key)] for key in keys]}]}
            case ("state_getRuntimeVersion", [_]):
                version = self._runtime()["spec"]
                return {"result": {**version, "apis": [list(api) for api in self._apis.items()]}}
            case ("state_call", [function, _, _]):
                return {"result": self.calls[function]}
            case ("chainHead_v1_call", _) if self.busy:
                self.busy -= 1
                return BUSY
            case ("chainHead_v1_call", [_, _, function, _]):
                return {"result": {"result": "started", "operationId": f"op-{function}-{len(self.asked)}"}}
            case (_, _) if "subscribe" in method or method.endswith(("follow", "Watch")):
                name = f"{method}-{len(self.asked)}"
                self._names.setdefault(method, []).append(name)
                return {"result": name}
            case ("chainHead_v1_unpin", _) | ("transactionWatch_v1_unwatch", _):
                return {"result": None}
        return {"error": {"code": -32601, "message": f"fake smoldot has no {method}"}}

    def _peers(self) -> list[dict[str, Any]]:
        lies = self.liars if self.claimed else 0
        return [
            {"peerId": f"12D3KooWFake{number}", "bestNumber": self.claimed if number < lies else self.best}
            for number in range(self.peers)
        ]

    def grow_up(self) -> None:
        """The runtime is at hand, and all heads since the genesis are told."""
        self.young = False
        self._begin(self._names["chainHead_v1_follow"][0])
        for number in range(self.finalized + 1):
            self.tell("chain_subscribeFinalizedHeads", header(number))

    def _begin(self, name: str, *, runtimes: bool = True) -> None:
        """The first events of a ``chainHead_v1_follow``."""
        event: dict[str, Any] = {"event": "initialized", "finalizedBlockHashes": [hash_of(self.finalized)]}
        if runtimes:
            event["finalizedBlockRuntime"] = self._runtime()
        self._notify(name, event)
        for number in range(self.finalized + 1, self.best + 1):
            for event in self._news(number):
                self._notify(name, event)

    def _after(self, method: str, params: list[Any]) -> None:
        match method:
            case "chainHead_v1_follow" if not (self.young and params[0]):
                self._begin(self._names[method][-1], runtimes=params[0])
            case _ if self.young:
                return
            case "chain_subscribeFinalizedHeads":
                self.tell(method, header(self.finalized))
            case "chain_subscribeNewHeads":
                self.tell(method, header(self.best))
            case "chainHead_v1_call":
                function = self.asked[-1][1][2]
                if function not in self.calls:
                    return
                output = self.calls[function]
                done = {"operationId": f"op-{function}-{len(self.asked)}"}
                kind = "operationInaccessible" if output is None else "operationCallDone"
                self._notify(self.asked[-1][1][0], {**done, "event": kind, "output": output})


def light(smoldot: FakeSmoldot) -> LightRpc:
    """The light client on ``smoldot``, of a chain whose boot node nobody can reach."""
    boot = BootNode("/ip4/127.0.0.1/tcp/1/p2p/x", "127.0.0.1", 1)
    spec = ChainSpec(Path("net.json"), "Fake Net", (boot,), "{}")
    return LightRpc(spec, JsonRpc("light client", smoldot))
