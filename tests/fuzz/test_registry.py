"""Every decoder of the client is among those that are fuzzed, or it is written here why not."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import msgspec

import stardust
from stardust.wire.codec import Decoder as FormDecoder
from tests.fuzz.decoders import DECODERS

DECODING = re.compile(r"(decode|parse|from|open|read|import)(_.*)?|un(hexed|seal|wrap)")
"""Names that decoders have."""

COVERED = {name for decoder in DECODERS.values() for name in decoder.covers}

NOT_FUZZED = {
    **dict.fromkeys(
        (
            "api.streams.UnixStream.read",
            "api.streams.WebSocketStream.read",
            "api.streams.open_unix",
            "api.streams.open_websocket",
            "chain.connection.Connection.open",
            "chain.jsonrpc.JsonRpc.open",
            "chain.light.rpc.LightRpc.open",
            "signaling.store_node.StoreNode.open",
            "daemon.api_listeners.Listeners.open_unix",
            "daemon.api_listeners.Listeners.open_websocket",
            "daemon.chains.open_chain",
            "signaling.rendezvous_client.RendezvousConnection.open",
        ),
        "transport: what it carries is decoded by others",
    ),
    **dict.fromkeys(
        ("daemon.services.backup.BackupService.read_last", "history.streams._NUMBERS"),
        "of the own database, which is encrypted and authenticated",
    ),
    **dict.fromkeys(
        (
            "daemon.setup.import_account",
            "daemon.setup.import_account_file",
            "daemon.setup.read_account_key",
        ),
        "by identity.accounts.AccountKey.from_uri and identity.keystore.import_keystore",
    ),
    **dict.fromkeys(
        (
            "chain.cursor.EventCursor.read",
            "daemon.services.contacts.ContactsService.open_chat",
            "delivery.sending.Sending.open",
            "tui.model.Model.open_page",
        ),
        "takes what was decoded already",
    ),
    "chain.light.spec.read_spec": "by chain.light.spec.parse_spec",
    "history.store.open_store": "SQLite's format; damaged files: tests/unit/history/test_database.py",
    "wire.codec.Decoder.decode": "what all forms are decoded by",
}


def modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(stardust.__path__, "stardust."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def decoders_of(module: Any) -> Iterator[str]:
    """Public functions and methods with a decoder's name, and decoders of msgspec and our own."""
    path = module.__name__.removeprefix("stardust.")
    for name, value in vars(module).items():
        if is_decoder(value):
            if defined_here(module, name):
                yield f"{path}.{name}"
        elif getattr(value, "__module__", None) != module.__name__ or name.startswith("_"):
            continue
        elif inspect.isfunction(value) and DECODING.fullmatch(name):
            yield f"{path}.{name}"
        elif inspect.isclass(value) and not getattr(value, "_is_protocol", False):
            for method, made in vars(value).items():
                function = getattr(made, "__func__", made)
                if inspect.isfunction(function) and DECODING.fullmatch(method):
                    yield f"{path}.{name}.{method}"


def is_decoder(value: Any) -> bool:
    kinds = (FormDecoder, msgspec.msgpack.Decoder, msgspec.json.Decoder)
    if isinstance(value, dict):
        return bool(value) and all(isinstance(one, kinds) for one in value.values())
    return isinstance(value, kinds)


def defined_here(module: Any, name: str) -> bool:
    """Not imported from where it is defined."""
    return bool(re.search(rf"^{name}\b.*=", inspect.getsource(module), re.MULTILINE))


FOUND = sorted({name for module in modules() for name in decoders_of(module)})


def test_every_decoder_is_fuzzed_or_excused() -> None:
    assert [name for name in FOUND if name not in COVERED and name not in NOT_FUZZED] == []


def test_nothing_is_excused_that_is_fuzzed_or_gone() -> None:
    assert [name for name in NOT_FUZZED if name in COVERED or name not in FOUND] == []


def test_what_the_fuzzed_decoders_name_exists() -> None:
    for name in COVERED:
        parts = name.split(".")
        for at in range(len(parts), 0, -1):
            try:
                value: Any = importlib.import_module(".".join(["stardust", *parts[:at]]))
            except ModuleNotFoundError:
                continue
            for part in parts[at:]:
                value = getattr(value, part)
            break
        assert callable(value) or is_decoder(value), name


def test_decoders_have_names_of_their_own_and_seeds() -> None:
    assert len(DECODERS) > 70
    assert [name for name, decoder in DECODERS.items() if not decoder.seeds] == []
