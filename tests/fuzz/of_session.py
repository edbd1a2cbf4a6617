"""Decoders of what a peer device sends inside a link: Olm messages, and frames for the delivery engine."""

from __future__ import annotations

from functools import cache
from typing import Literal

from stardust.delivery.events import ItemsRefused, Now, PeerMisbehaved, Received
from stardust.session.account import load_account
from stardust.session.errors import KeysDamagedError, NoSessionError, UndecryptableError
from stardust.session.port import Sealed
from stardust.session.sessions import Sessions
from stardust.wire.codec import encode
from stardust.wire.frames import Data, Frame, Resume
from stardust.wire.ids import DeviceId
from stardust.wire.items import BUNDLE, Bundle
from tests.fakes.delivery_link import Wire
from tests.fakes.delivery_node import Node, acquainted, device_id
from tests.fakes.delivery_store import MemoryStore
from tests.fakes.session_side import Side
from tests.fuzz.decoder import Decoder, golden
from tests.unit.vectors.test_sessions import MESSAGES, VECTORS, both, restored
from tests.vectors.forms import FRAMES
from tests.vectors.sessions import PICKLE_KEY

STREAM = b"stream 9"


class Undo(Exception):
    """Takes a transaction back, so that each try begins with the same state."""


@cache
def _receiver(olm_type: int) -> tuple[Side, DeviceId]:
    """Who waits for a first message; or who has a session already."""
    if olm_type:
        return restored("one", MESSAGES[1]), device_id("two")
    return both()["two"], device_id("one")


def _open(olm_type: Literal[0, 1], data: bytes) -> object:
    side, sender = _receiver(olm_type)
    try:
        with side.store.transaction():
            opened = side.sessions.open(sender, Sealed(olm_type, data))
            raise Undo
    except Undo:
        return opened
    finally:
        side.sessions.discard_unsaved()


def _pickle(data: bytes) -> object:
    store = MemoryStore()
    with store.transaction():
        store.save_account(data.decode("utf-8", "replace"))
    load_account(store, PICKLE_KEY)
    return Sessions(store, PICKLE_KEY, lambda device: None).identity


def _ciphertexts(olm_type: int) -> list[bytes]:
    """Those that the receiver of this kind can read come first."""
    kept = [bytes.fromhex(one["ciphertext"]) for one in MESSAGES if one["olm_type"] == olm_type]
    return kept or golden("sessions", key="ciphertext")


@cache
def _linked() -> Wire:
    one, two = Node("one"), Node("two")
    acquainted(one, two)
    wire = Wire(one, two)
    wire.open()
    wire.call(one, lambda now: one.submit(now, two, 0, 1))
    wire.run(5.0)
    assert two.inbox.bodies() == ["message 0", "message 1"]
    return wire


def _taken(frames: list[bytes]) -> list[object]:
    """What a device does with frames of a peer whose allowance is fresh; afterwards all is as before."""
    wire = _linked()
    one, two = wire.one, wire.two
    now = Now(wire.time, wire.now().wall)
    effects: list[object] = []
    try:
        with two.store.transaction():
            two.start()
            two.engine.link_opened(now, one.device)
            for frame in frames:
                effects += two.engine.frames_received(now, one.device, [frame]).effects
            raise Undo
    except Undo:
        return effects


class Refused(Exception):
    """The engine said that the peer misbehaved, or did nothing."""


def _frames(data: bytes) -> object:
    effects = _taken([data])
    if not effects or any(isinstance(one, PeerMisbehaved) for one in effects):
        raise Refused
    return effects


def _bundle(data: bytes) -> object:
    """Any plaintext of a peer, sealed as it should be, as the first items of a stream."""
    wire = _linked()
    one, two = wire.one, wire.two
    try:
        with one.store.transaction():
            sealed = one.sessions.seal(two.device, data)
            raise Undo
    except Undo:
        one.sessions.discard_unsaved()
    frames: list[Frame] = [Resume(STREAM, 0, None, False)]
    frames += [Data(STREAM, 0, 3, sealed.olm_type, sealed.ciphertext)]
    effects = _taken([encode(frame) for frame in frames])
    if not any(isinstance(one, Received | ItemsRefused) for one in effects):
        raise Refused
    return effects


def _bundles() -> list[bytes]:
    encoded = golden("edges", "items", "bundles") + golden("delivery", "bundle")
    known = [BUNDLE.decode(data) for data in encoded]
    return [encode(Bundle(STREAM, 0, bundle.items[:3])) for bundle in known]


DECODERS = (
    Decoder(
        "first Olm messages",
        lambda data: _open(0, data),
        lambda: _ciphertexts(0)[:2],
        refuses=(UndecryptableError, NoSessionError),
        covers=("session.sessions.Sessions.open",),
        cost=4,
    ),
    Decoder(
        "Olm messages",
        lambda data: _open(1, data),
        lambda: _ciphertexts(1),
        refuses=(UndecryptableError, NoSessionError),
        covers=("session.sessions.Sessions.open",),
        cost=4,
    ),
    Decoder(
        "pickles",
        _pickle,
        lambda: [str(VECTORS["accounts"]["one"]["pickle"]).encode()],
        refuses=(KeysDamagedError,),
        covers=("session.account.load_account",),
        cost=2,
    ),
    Decoder(
        "frames to the engine",
        _frames,
        lambda: [encode(form) for form in FRAMES],
        refuses=(Refused,),
        covers=("delivery.engine.DeliveryEngine.frames_received",),
        cost=4,
        largest=65_537,
    ),
    Decoder(
        "sealed bundles",
        _bundle,
        _bundles,
        refuses=(Refused,),
        covers=("delivery.engine.DeliveryEngine.frames_received",),
        cost=4,
        largest=60_000,
    ),
)
