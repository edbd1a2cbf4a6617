"""Decoders of what lies in a home folder, and of the local API in both directions."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from nacl import secret

from stardust.api.calls import METHODS, EventsSubscribe, SystemStatus
from stardust.api.client import MALFORMED, Client
from stardust.api.frames import Incoming
from stardust.daemon import config, vault
from stardust.daemon.api_server import ApiConnection, Handler, Scope
from stardust.daemon.errors import ConfigError, HomeUnusableError, VaultDamagedError
from stardust.daemon.home import Home
from stardust.daemon.hub import EventHub, Subscriber
from stardust.daemon.parts import known_genesis
from stardust.errors import StardustError, UsageError, WrongPassphraseError
from stardust.history.errors import CursorError
from stardust.history.store import Store, open_store
from tests.fuzz.decoder import Decoder, text
from tests.fuzz.of_identity import cheap_passphrases
from tests.unit.history.helpers import KEY, WITH_BOB, fill
from tests.vectors.api import example
from tests.vectors.make import stored

FOLDER = tempfile.TemporaryDirectory()
"""Of the whole run."""
HOME = Home.at(Path(FOLDER.name))


# at home
def _vault(data: bytes) -> object:
    HOME.vault.write_bytes(data)
    with cheap_passphrases():
        return vault.unseal(HOME, "pass")


def _vaults() -> list[bytes]:
    with cheap_passphrases():
        vault.seal(HOME, SECRETS, "pass")
    return [HOME.vault.read_bytes(), bytes.fromhex(stored("vault")["file"])]


SECRETS = vault.Secrets(bytes(32), "sr25519", bytes(129), bytes(32), bytes(32), b"a key")


def _secrets(data: bytes) -> object:
    """Any content, sealed under the passphrase."""
    header = vault._HEADER.pack(vault._MAGIC, 1, 1, 8, bytes(16))
    with cheap_passphrases():
        key = vault._stretch("pass", header)
    return _vault(header + bytes(secret.Aead(key).encrypt(data, header, bytes(24))))


def _config(data: bytes) -> object:
    HOME.config.write_bytes(data)
    found = config.load(HOME.config)
    HOME.config.write_text(config.render(found), encoding="utf-8")
    assert config.load(HOME.config) == found
    return found


CONFIG = b"""[chain]
nodes = ["wss://a.example", "ws://127.0.0.1:9944"]
genesis = "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
[network]
stun = "stun:s.example:3478"
turn = { url = "turn:t.example:3478", username = 'a "user"', password = "p\\\\w" }
relay_only_for_strangers = true
[ipfs]
api = "http://127.0.0.1:5002"
[api]
websocket = true
port = 8080
[presence]
announce = "contacts"
[log]
level = "debug"
"""


def _genesis(data: bytes) -> object:
    HOME.genesis.write_bytes(data)
    found = known_genesis(HOME, config.Config())
    assert found is None or len(found) == 32
    return found


# the API
class _OneFrame:
    """A client that sends one frame, and keeps what it gets."""

    def __init__(self, frame: bytes) -> None:
        self._frames = [frame]
        self.answers: list[bytes] = []

    async def read(self) -> bytes | None:
        return self._frames.pop() if self._frames else None

    async def write(self, frame: bytes) -> None:
        self.answers.append(frame)


async def _answer(call: Any, scope: Scope) -> Any:
    return example(call.result)


HANDLERS: dict[str, Handler] = dict.fromkeys(METHODS, _answer)


class Refused(UsageError):
    """The other side answered with an error."""


def _request(data: bytes) -> object:
    """The daemon answers each request once, with a result or an error that has a code."""
    channel = _OneFrame(data)
    RUNNER.run(ApiConnection(channel, HANDLERS, EventHub()).run())
    if not data.strip():
        assert not channel.answers
        raise Refused
    (answer,) = (msgspec.json.decode(frame, type=Incoming) for frame in channel.answers)
    if answer.error is not None:
        assert answer.error.data.code != "error", answer.error.message
        raise Refused
    return answer.result


class _Runner:
    """One event loop for all tries."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()

    def run(self, work: Awaitable[Any]) -> Any:
        async def done() -> Any:
            return await work

        return self._runner.run(done())


RUNNER = _Runner()


class _Daemon:
    """Answers to whatever it is asked with the same bytes, and then leaves."""

    def __init__(self, frame: bytes) -> None:
        self._frame: bytes | None = frame
        self._asked = asyncio.Event()

    async def read(self) -> bytes | None:
        await self._asked.wait()
        frame, self._frame = self._frame, None
        return frame

    async def write(self, frame: bytes) -> None:
        self._asked.set()

    async def close(self) -> None:
        return


async def _called(data: bytes) -> object:
    """What a client makes of an answer: a result, or an error of ours; and it ends in any case."""
    client = Client(_Daemon(data))
    try:
        return await client.call(SystemStatus())
    finally:
        await asyncio.wait((client._reader,), timeout=5)
        error = client._reader.exception() if client._reader.done() else TimeoutError("still reading")
        await client.close()
        if error is not None:
            raise error


async def _subscribed(data: bytes) -> object:
    client = Client(_Daemon(b'{"jsonrpc":"2.0","id":1,"result":{"subscription":1,"cursor":"x:0"}}'))
    with contextlib.suppress(StardustError):
        await client.call(EventsSubscribe())
    client._take(msgspec.json.decode(data, type=Incoming))
    await client.close()
    return None


def _results() -> list[bytes]:
    known = stored("api")
    errors = [line.encode() for line in known["errors"]]
    return [known["results"]["system.status"].encode(), *errors, errors[0].replace(b"contact", b"\xee")]


def _cursor(data: bytes) -> object:
    store = history()
    hub = EventHub()
    hub.add(Subscriber(1, frozenset(), lambda: None), text(data)[:256])
    return store.messages.page(WITH_BOB, before=text(data))


def _search(data: bytes) -> object:
    """No text that a person types is an error."""
    return history().search.find(text(data))


def _search_cursor(data: bytes) -> object:
    return history().search.find("number", before=text(data))


def history() -> Store:
    """A small one."""
    if not _STORES:
        store = open_store(Path(FOLDER.name) / "history.db", KEY, create=True)
        fill(store, 5)
        _STORES.append(store)
    return _STORES[0]


_STORES: list[Store] = []


def _cursors() -> list[bytes]:
    page = history().messages.page(WITH_BOB, limit=2)
    return [(page.before or "").encode(), b"0badcafe:7"]


def _lines(part: str) -> Callable[[], list[bytes]]:
    return lambda: [line.encode() for line in stored("api")[part].values()]


DECODERS = (
    Decoder(
        "vaults",
        _vault,
        _vaults,
        refuses=(VaultDamagedError, WrongPassphraseError),
        covers=("daemon.vault.unseal",),
    ),
    Decoder(
        "contents of vaults",
        _secrets,
        lambda: [msgspec.msgpack.encode(SECRETS)],
        refuses=(VaultDamagedError,),
        covers=("daemon.vault.unseal",),
    ),
    Decoder(
        "configurations",
        _config,
        lambda: [CONFIG, b"", b"a = " + b"[" * 5000, b"[api]\nport = " + b"9" * 5000],
        refuses=(ConfigError,),
        covers=("daemon.config.load",),
        cost=2,
    ),
    Decoder(
        "genesis files",
        _genesis,
        lambda: [b"0x" + b"ab" * 32, b"cd" * 32 + b"\n", b"\xe2", b"0xab"],
        refuses=(HomeUnusableError,),
        covers=("daemon.parts.known_genesis",),
    ),
    Decoder(
        "API requests",
        _request,
        _lines("requests"),
        refuses=(Refused,),
        covers=("daemon.api_server._REQUEST", "daemon.api_server._PARAMS"),
        cost=4,
        largest=256 * 1024,
    ),
    Decoder(
        "API answers",
        lambda data: RUNNER.run(_called(data)),
        _results,
        refuses=(StardustError,),
        covers=("api.client._INCOMING", "api.frames.from_error_object"),
        cost=4,
    ),
    Decoder(
        "API events",
        lambda data: RUNNER.run(_subscribed(data)),
        _lines("events"),
        refuses=MALFORMED,
        covers=("api.client._INCOMING", "api.client._NOTICE"),
        cost=4,
    ),
    Decoder(
        "cursors",
        _cursor,
        _cursors,
        refuses=(CursorError,),
        covers=("history.messages.Messages.page",),
        largest=256,
    ),
    Decoder(
        "searches",
        _search,
        lambda: [b"number 3", 'Zoë "quoted" ⭐* NEAR(a b) AND OR -x:y'.encode()],
        refuses=(),
        covers=("history.search.Search.find",),
        largest=64 * 1024,
    ),
    Decoder(
        "search cursors",
        _search_cursor,
        lambda: [b"3", b"0"],
        refuses=(CursorError,),
        covers=("history.search.Search.find",),
        largest=256,
    ),
)
