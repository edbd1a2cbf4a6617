"""From ``Data`` frames to stored items."""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal

from stardust.delivery.events import (
    ItemsRefused,
    ItemsSkipped,
    KeysNotAccepted,
    PeerMisbehaved,
    Received,
    SendFrame,
    StateChanged,
    Step,
)
from stardust.delivery.incoming import Incoming, Offer
from stardust.delivery.peer import Peer
from stardust.delivery.port import Application, DeliveryStore, IncomingStream, MessageState
from stardust.errors import DecodeError
from stardust.session.errors import (
    DeviceNotTrustedError,
    KeysDamagedError,
    NoSessionError,
    UndecryptableError,
)
from stardust.session.port import Encryption, Sealed
from stardust.wire.codec import encode
from stardust.wire.frames import Data, Reset
from stardust.wire.ids import DeviceId, MessageId
from stardust.wire.items import BUNDLE, ITEM, Bundle, Item, ReadReceipt, Text, Void


def digest(data: Data) -> bytes:
    """8 bytes that name a frame in a ``Reset``."""
    return blake2b(data.ciphertext, digest_size=32).digest()[:8]


def _reset(data: Data, number: int, error: NoSessionError | UndecryptableError) -> Reset:
    reason: Literal["no_session", "undecryptable"] = (
        "no_session" if isinstance(error, NoSessionError) else "undecryptable"
    )
    return Reset(data.stream, number, digest(data), reason)


class Receiving:
    """Opens frames in the order of the stream and hands their items to the application."""

    def __init__(self, store: DeliveryStore, encryption: Encryption, application: Application) -> None:
        self._store = store
        self._encryption = encryption
        self._application = application

    def load(self, device: DeviceId) -> Incoming:
        stored = self._store.incoming(device)
        if stored is None:
            return Incoming()
        return Incoming(stream=stored.stream, next=stored.next, refused=stored.refused)

    def announced(self, step: Step, peer: Peer, stream: bytes, base: int) -> None:
        """The peer's ``Resume`` names its stream."""
        skipped = peer.incoming.begin(stream, base)
        if skipped:
            self._application.skipped(peer.device, skipped)
            step.add(ItemsSkipped(peer.device, skipped))
            self._save(peer)
            self.drain(step, peer)

    def data(self, peer: Peer, data: Data) -> None:
        """A frame came; ``drain`` opens it."""
        if peer.incoming.offer(data) is Offer.STRANGE:
            peer.ask_due = True
        else:
            peer.ack_due = True

    def drain(self, step: Step, peer: Peer) -> None:
        """Opens and stores what is in order, as far as the peer's allowance and the application's
        room go."""
        before = (peer.incoming.next, peer.incoming.refused)
        self._open_in_order(step, peer)
        if (peer.incoming.next, peer.incoming.refused) == before:
            return
        self._save(peer)
        peer.ack_due = True

    def _open_in_order(self, step: Step, peer: Peer) -> None:
        """Each frame is handed over before the next one is opened: it may have taken the last room."""
        now = step.now.monotonic
        failed: Reset | None = None
        while (data := peer.incoming.ready()) is not None:
            peer.wake = self._held_back(peer, now)
            if peer.wake is not None or not self._application.has_room(peer.device):
                return
            try:
                self._hand_over(step, peer.device, self._opened(step, peer, data))
                failed = None
            except DeviceNotTrustedError:
                step.add(KeysNotAccepted(peer.device))
                return
            except KeysDamagedError as error:
                step.damaged(peer.device, error)
                return
            except (NoSessionError, UndecryptableError) as error:
                failed = _reset(data, peer.incoming.next, error)
                self._not_acceptable(peer, data, now)
            except DecodeError as error:
                step.add(PeerMisbehaved(peer.device, f"a sealed bundle is malformed: {error}"))
                self._not_acceptable(peer, data, now)
        if failed is not None:
            step.add(SendFrame(peer.device, encode(failed)))

    def _held_back(self, peer: Peer, now: float) -> float | None:
        waits = [
            bucket.wait()
            for bucket in (peer.allowance.items, peer.allowance.strain)
            if not bucket.available(now)
        ]
        return now + max(waits) if waits else None

    def _not_acceptable(self, peer: Peer, data: Data, now: float) -> None:
        peer.incoming.drop(data)
        peer.allowance.strain.spend(now)

    def _opened(self, step: Step, peer: Peer, data: Data) -> list[Item]:
        """The items of ``data`` that are new here; the stream moves behind them."""
        sealed = Sealed(data.olm_type, data.ciphertext)
        opened = self._encryption.open(peer.device, sealed)
        if opened.new_session:
            peer.allowance.strain.spend(step.now.monotonic)
        bundle = BUNDLE.decode(opened.plaintext)
        if (bundle.stream, bundle.first, len(bundle.items)) != (data.stream, data.first, data.count):
            raise DecodeError("it says something else than its frame")
        peer.allowance.items.spend(step.now.monotonic, data.count)
        items, refused = self._decoded(bundle, peer.incoming.next)
        if refused:
            step.add(ItemsRefused(peer.device, len(refused)))
        peer.incoming.stored(data.first + data.count, refused)
        return items

    def _decoded(self, bundle: Bundle, first: int) -> tuple[list[Item], list[int]]:
        items: list[Item] = []
        refused: list[int] = []
        for number, raw in enumerate(bundle.items, bundle.first):
            if number < first:
                continue
            try:
                items.append(ITEM.decode(bytes(raw)))
            except DecodeError:
                refused.append(number)
        return items, refused

    def _hand_over(self, step: Step, device: DeviceId, items: list[Item]) -> None:
        new: list[Item] = []
        for item in items:
            if isinstance(item, ReadReceipt):
                self._read(step, device, item)
            elif isinstance(item, Text) and not self._store.first_sight(device, MessageId(item.id)):
                continue
            elif not isinstance(item, Void):
                new.append(item)
        if new:
            self._application.received(device, new)
            step.add(Received(device, tuple(new)))

    def _read(self, step: Step, device: DeviceId, receipt: ReadReceipt) -> None:
        ids = tuple(MessageId(id) for id in receipt.ids)
        self._application.state_changed(device, ids, MessageState.READ, None)
        step.add(StateChanged(device, ids, MessageState.READ))

    def _save(self, peer: Peer) -> None:
        incoming = peer.incoming
        if incoming.stream is not None:
            stored = IncomingStream(peer.device, incoming.stream, incoming.next, incoming.refused)
            self._store.save_incoming(stored)
