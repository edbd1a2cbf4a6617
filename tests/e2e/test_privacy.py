"""What somebody who reads the whole chain, or every file of a home, does not find there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from websockets.sync.client import connect

from stardust.api.calls import ContactsRename, MessagesSend
from stardust.api.events import MessageReceived, MessageStateChanged
from tests.e2e.daemon import Person, until
from tests.e2e.devchain import DevChain

pytestmark = [pytest.mark.chain, pytest.mark.timeout(180)]

MARKER = "xylophone-marker-quartz"


def extrinsics(url: str) -> list[bytes]:
    """All extrinsics of all blocks, as they stand in the blocks."""
    with connect(url, max_size=None) as node:

        def ask(method: str, *params: object) -> object:
            node.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
            return json.loads(node.recv())["result"]

        def block(number: int) -> list[bytes]:
            answer = ask("chain_getBlock", ask("chain_getBlockHash", number))
            assert isinstance(answer, dict)
            return [bytes.fromhex(one[2:]) for one in answer["block"]["extrinsics"]]

        head = ask("chain_getHeader")
        assert isinstance(head, dict)
        return [one for number in range(int(head["number"], 16) + 1) for one in block(number)]


def holding(mark: bytes, places: dict[str, bytes]) -> list[str]:
    """The places in which ``mark`` stands, plain or as hex."""
    return [name for name, data in places.items() if mark in data or mark.hex().encode() in data]


def files(home: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in home.rglob("*") if file.is_file()}


async def test_no_message_or_name_stands_on_the_chain_or_in_a_file(
    devchain: DevChain, friends: tuple[Person, Person]
) -> None:
    alice, bob = friends
    states = await alice.client.subscribe(MessageStateChanged)
    arrivals = await bob.client.subscribe(MessageReceived)
    sent = await alice.client.call(MessagesSend("Bob", f"{MARKER} said Alice"))
    await until(arrivals, MessageReceived)
    await until(states, MessageStateChanged, id=sent.id, state="delivered")
    await alice.client.call(ContactsRename("Bob", f"Bob {MARKER}"))
    while_running = files(alice.home) | files(bob.home)
    await alice.down()
    await bob.down()
    places = while_running | {f"{name}, later": data for name, data in files(alice.home).items()}
    places |= {f"{name}, later": data for name, data in files(bob.home).items()}
    assert any(name.endswith(".log") for name in places)
    chain = {f"extrinsic {number}": data for number, data in enumerate(extrinsics(devchain.url))}
    assert len(chain) > 10
    for mark in (MARKER.encode(), MARKER.encode("utf-16-le")):
        assert holding(mark, places | chain) == []
    for mark in (bytes.fromhex(sent.id), b"Alice", b"said"):
        assert holding(mark, chain) == []
