"""Golden vectors of what goes to the chain and comes from it (docs/chain.md), under a recorded runtime.

``runtime.json`` is recorded from a dev chain: the metadata of its runtime, answers, events, a header.
What follows from it and fixed keys (calls, extrinsics, questions) is made again each time.
"""

from __future__ import annotations

import asyncio
import base64
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import zstandard

from stardust.chain import records
from stardust.chain.codec import VIEWS, Anchor, Codec, Signer
from stardust.chain.connection import EVENTS_KEY
from stardust.chain.jsonrpc import JsonRpc
from stardust.chain.rpc import RpcChain
from stardust.identity.certificates import certify
from stardust.identity.devices import DeviceKeys
from stardust.identity.records import Scheme
from stardust.identity.work import solve
from stardust.wire.signals import SignalKind
from tests.fixtures.devchain import DevChain
from tests.unit.identity.helpers import GENESIS, account, device, record
from tests.vectors.plain import plain

RUNTIME = Path(__file__).with_name("runtime.json")
EXPIRES = 700
CID = bytes.fromhex("01711220") + bytes(32)
ANCHOR = Anchor(1000, bytes(range(0x40, 0x60)))


@lru_cache(maxsize=1)
def runtime() -> dict[str, Any]:
    recorded: dict[str, Any] = json.loads(RUNTIME.read_text(encoding="utf-8"))
    return recorded


def metadata() -> bytes:
    """SCALE, V14."""
    return zstandard.decompress(base64.b64decode(runtime()["metadata"]))


@lru_cache(maxsize=1)
def codec() -> Codec:
    """The codec of the recorded runtime. For one thread."""
    return Codec(runtime()["version"], "0x" + metadata().hex(), GENESIS)


def registration() -> dict[str, Any]:
    """Arguments of ``register``: alice's account (ed25519, whose signatures never vary), device one."""
    owner = account("alice", Scheme.ED25519)
    certified = certify(owner, device("one"), record("one"), genesis=GENESIS, expires=EXPIRES)
    return records.device_arguments(certified, work=9213)


def arguments() -> dict[str, dict[str, Any]]:
    """An example of every call that this client makes."""
    other, bob = records.hexed(device("two").device), records.hexed(account("bob").account)
    kind = records.KIND_NAMES[SignalKind.ANSWER]
    return {
        "register": registration(),
        "add_device": registration(),
        "revoke_device": {"device": other},
        "deregister": {},
        "heartbeat": {},
        "go_offline": {},
        "set_profile": {"profile": "0x50726f66696c65"},
        "register_peer_info": {"info": "0x"},
        "send_signaling": {"to": other, "kind": kind, "payload": "0x" + "ab" * 100},
        "clear_signaling": {"up_to": 2**32},
        "block_user": {"account": bob},
        "unblock_user": {"account": bob},
        "notify_offline_message": {"to": bob, "cid": records.hexed(CID)},
        "clear_notifications": {"up_to": 7},
        "set_chat_backup": {"cid": records.hexed(CID), "sequence": 3, "digest": "0x" + "0d" * 32},
        "clear_chat_backup": {},
        "renew": {},
    }


def signer(keys: DeviceKeys) -> Signer:
    return Signer(keys.device, "ed25519", keys.sign)


def calls() -> dict[str, Any]:
    """Extrinsics of every call: general ones for what authorises itself, else signed by device one."""
    one = signer(device("one"))
    made = {}
    for name, given in arguments().items():
        if name in ("register", "add_device"):
            extrinsic = codec().general(name, given)
        else:
            extrinsic = codec().signed(name, given, one, 5, ANCHOR)
        made[name] = {"arguments": given, "extrinsic": extrinsic.hex()}
    subject = account("alice").account
    views = {
        name: codec().view_request(name, *((subject,) if types != "()" else ()))
        for name, (types, _, _) in VIEWS.items()
        if name != "is_blocked"
    }
    return {
        "about": "docs/chain.md, calls and views under the runtime of runtime.json. Nonce 5, mortal from"
        " the anchor on, no tip; the signer is device one.",
        "genesis": GENESIS.hex(),
        "anchor": plain(ANCHOR),
        "signer": device("one").device.hex(),
        "calls": made,
        "views": {"account": subject.hex(), "requests": views},
    }


def record_runtime() -> dict[str, Any]:
    """Starts a dev chain, lets two people act on it, and keeps what the node says."""
    chain = DevChain()
    chain.start()
    try:
        return asyncio.run(_record(chain.url))
    finally:
        chain.stop()


async def _record(url: str) -> dict[str, Any]:
    alice, bob = (RpcChain([url], signer=device(name)) for name in ("one", "two"))
    rpc = await JsonRpc.open(url)
    try:
        blocks = await _life(alice, bob)
        version = await rpc.request("state_getRuntimeVersion")
        raw = bytes.fromhex((await rpc.request("state_getMetadata"))[2:])
        read = Codec(version, "0x" + raw.hex(), alice.genesis)
        head = await rpc.request("chain_getHeader")
        named = await rpc.request("chain_getBlockHash", int(head["number"], 16))
        packed = zstandard.ZstdCompressor(level=19).compress(raw)
        return {
            "about": "A dev chain's runtime (metadata: SCALE V14, zstd, base64) and what it said.",
            "genesis": alice.genesis.hex(),
            "version": {name: version[name] for name in ("specName", "specVersion", "transactionVersion")},
            "metadata": base64.b64encode(packed).decode(),
            "header": {"json": head, "hash": named[2:]},
            "answers": await _answers(rpc, read),
            "events": [await _events(rpc, read, block) for block in blocks],
        }
    finally:
        await rpc.close()
        await alice.close()
        await bob.close()


async def _life(alice: RpcChain, bob: RpcChain) -> list[bytes]:
    """Something under every view and most events; the hashes of the blocks."""
    await alice.connect()
    await bob.connect()
    for chain, name in ((alice, "alice"), (bob, "bob")):
        keys = device("one" if name == "alice" else "two")
        owner, expires = account(name), (await chain.head()).number + 20
        certified = certify(
            owner, keys, keys.record(bytes(32), bytes(32)), genesis=chain.genesis, expires=expires
        )
        difficulty, _ = await chain.work()
        work = solve(chain.genesis, certified, difficulty)
        assert work is not None
        await chain.register(certified, work)
    await alice.heartbeat()
    await alice.set_profile(b"a profile")
    await alice.register_peer_info(b"an address book")
    await alice.set_chat_backup(CID, 3, bytes(32))
    await bob.send_signaling(device("one").device, SignalKind.OFFER, b"an offer")
    await bob.notify_offline_message(account("alice").account, CID)
    await alice.block_user(account("bob").account)
    await alice.go_offline()
    return [receipt.block_hash for chain in (alice, bob) for receipt in chain.calls()]


async def _answers(rpc: JsonRpc, read: Codec) -> list[dict[str, Any]]:
    alice, one = account("alice").account, device("one").device
    asked = {
        name: (one,) if name in ("owner", "peer_info", "inbox") else (alice,)
        for name in VIEWS
        if name not in ("work", "is_blocked")
    }
    answers = []
    for name, subject in {**asked, "work": (), "is_blocked": (alice, account("bob").account)}.items():
        request = read.view_request(name, *subject)
        said = await rpc.request("state_call", "RuntimeViewFunction_execute_view_function", request)
        answer = bytes.fromhex(said[2:])
        answers.append({"view": name, "answer": answer.hex(), "value": plain(read.view_result(name, answer))})
    return answers


async def _events(rpc: JsonRpc, read: Codec, block: bytes) -> dict[str, Any]:
    said = await rpc.request("state_getStorage", EVENTS_KEY, "0x" + block.hex())
    data = bytes.fromhex(said[2:])
    return {"encoded": data.hex(), "records": plain(read.events(data))}
