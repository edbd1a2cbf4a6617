"""From submitted items to sealed frames, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from stardust.delivery.errors import ItemTooLargeError, QueueFullError, StreamDamagedError
from stardust.delivery.events import (
    KeysNotAccepted,
    PeerMisbehaved,
    SendFrame,
    StateChanged,
    Step,
    Submission,
)
from stardust.delivery.outgoing import InFlight, Outgoing
from stardust.delivery.peer import Peer
from stardust.delivery.port import (
    Application,
    DeliveryStore,
    DroppedItem,
    Failure,
    MessageState,
    OutgoingItem,
    OutgoingStream,
    SealedFrame,
)
from stardust.delivery.receiving import digest
from stardust.session.errors import DeviceNotTrustedError, KeysDamagedError
from stardust.session.port import Encryption
from stardust.wire.codec import encode
from stardust.wire.frames import FRAME, Ack, Data, Reset
from stardust.wire.ids import DeviceId, MessageId
from stardust.wire.items import MAX_BUNDLE, MAX_BUNDLED, MAX_ITEM, Bundle, Void

MAX_QUEUED = 100_000
"""Items that may wait for one device."""
MAX_RESETS_IN_VAIN = 8
EXPIRED_AT_ONCE = 256

_BUNDLE_OVERHEAD = 32
_EXPIRED = encode(Void(reason="expired"))


class Sending:
    """Everything here runs inside a transaction that the engine holds."""

    def __init__(
        self,
        store: DeliveryStore,
        encryption: Encryption,
        application: Application,
        random: Callable[[int], bytes],
    ) -> None:
        self._store = store
        self._encryption = encryption
        self._application = application
        self._random = random

    def load(self, device: DeviceId) -> Outgoing:
        """The stream as stored, without its frames; a new one when there is none."""
        stored = self._store.outgoing(device)
        if stored is None:
            return Outgoing(stream=self._random(8), acked=0, sealed=0, next=0)
        return Outgoing(stream=stored.stream, acked=stored.acked, sealed=stored.sealed, next=stored.next)

    def open(self, device: DeviceId) -> Outgoing:
        """The stream for an open link; from now on it has its name."""
        outgoing = self.load(device)
        outgoing.restore((head.first, head.count, head.size) for head in self._store.frame_heads(device))
        self._save(device, outgoing)
        return outgoing

    # queued
    def prepare(self, outgoing: Outgoing, submissions: Sequence[Submission]) -> list[OutgoingItem]:
        """The next items of the stream. Raises ``ItemTooLargeError``, ``QueueFullError``."""
        if outgoing.next - outgoing.acked + len(submissions) > MAX_QUEUED:
            raise QueueFullError
        return [
            OutgoingItem(number, submission.message_id, self._body(submission), submission.expires)
            for number, submission in enumerate(submissions, outgoing.next)
        ]

    def append(self, device: DeviceId, outgoing: Outgoing, items: Sequence[OutgoingItem]) -> None:
        """Queues what was prepared, durably."""
        self._store.append_items(device, items)
        outgoing.next += len(items)
        self._save(device, outgoing)

    def _body(self, submission: Submission) -> bytes:
        body = encode(submission.item)
        if len(body) > MAX_ITEM:
            raise ItemTooLargeError(f"{len(body)} bytes, at most {MAX_ITEM} are possible")
        return body

    # sent
    def pump(self, step: Step, peer: Peer) -> None:
        """Seals and sends what is queued, as far as the window goes."""
        sent: list[MessageId] = []
        frames: list[SendFrame] = []
        try:
            while peer.outgoing.may_seal:
                items = self._next_items(step, peer)
                frames.append(SendFrame(peer.device, self._seal(step, peer, items)))
                sent += [item.message_id for item in items if item.message_id is not None]
        except DeviceNotTrustedError:
            step.add(KeysNotAccepted(peer.device))
        except (StreamDamagedError, KeysDamagedError) as error:
            step.damaged(peer.device, error)
        if frames:
            self._save(peer.device, peer.outgoing)
            self._changed(step, peer.device, sent, MessageState.SENT)
            step.effects += frames

    def _next_items(self, step: Step, peer: Peer) -> list[OutgoingItem]:
        """Consecutive items for one bundle; the expired among them are void by now."""
        device, outgoing = peer.device, peer.outgoing
        items = self._store.items(device, outgoing.sealed, MAX_BUNDLED)
        if not items or items[0].number != outgoing.sealed:
            raise StreamDamagedError
        self._void(step, device, [item for item in items if _has_expired(item, step.now.wall)])
        chosen: list[OutgoingItem] = []
        size = _BUNDLE_OVERHEAD
        for item in items:
            current = OutgoingItem(item.number, None, _EXPIRED, None)
            current = current if _has_expired(item, step.now.wall) else item
            size += len(current.body)
            if size > MAX_BUNDLE:
                break
            chosen.append(current)
        return chosen

    def _seal(self, step: Step, peer: Peer, items: Sequence[OutgoingItem]) -> bytes:
        device, outgoing, first = peer.device, peer.outgoing, items[0].number
        raw = tuple(msgspec.Raw(item.body) for item in items)
        sealed = self._encryption.seal(device, encode(Bundle(outgoing.stream, first, raw)))
        data = Data(outgoing.stream, first, len(items), sealed.olm_type, sealed.ciphertext)
        frame = encode(data)
        self._store.save_frame(device, SealedFrame(first, len(items), frame))
        outgoing.sealed_frame(len(items), len(frame), step.now.monotonic)
        return frame

    def resend(self, step: Step, device: DeviceId, frames: Iterable[InFlight]) -> None:
        for flying in frames:
            stored = self._store.frame(device, flying.first)
            if stored is None:
                step.damaged(device, StreamDamagedError())
                return
            step.add(SendFrame(device, stored.frame))

    # delivered
    def acknowledged(self, step: Step, peer: Peer, ack: Ack) -> None:
        """The peer says what it has of our stream."""
        outgoing = peer.outgoing
        if ack.stream != outgoing.stream:
            return
        if ack.next > outgoing.sealed:
            step.add(PeerMisbehaved(peer.device, "it acknowledged what was never sent"))
            return
        now = step.now.monotonic
        if ack.next > outgoing.acked:
            dropped = self._store.drop_items(peer.device, ack.next)
            self._store.drop_frames(peer.device, ack.next)
            outgoing.acknowledged(ack.next, now)
            self._save(peer.device, outgoing)
            self._delivered(step, peer.device, dropped, frozenset(ack.refused))
            peer.resets.stop()
            peer.resets_in_vain = 0
            self.resend(step, peer.device, outgoing.recovering(now))
        self.resend(step, peer.device, outgoing.missing(ack, now))

    def _delivered(
        self, step: Step, device: DeviceId, dropped: Iterable[DroppedItem], refused: frozenset[int]
    ) -> None:
        delivered: list[MessageId] = []
        failed: list[MessageId] = []
        for item in dropped:
            if item.message_id is not None:
                (failed if item.number in refused else delivered).append(item.message_id)
        self._changed(step, device, delivered, MessageState.DELIVERED)
        self._changed(step, device, failed, MessageState.FAILED, Failure.REFUSED)

    # not readable there, or set back here
    def reset(self, step: Step, peer: Peer, reset: Reset) -> None:
        """The peer cannot read a frame. A ``Reset`` about a frame that is not current is late: ignored."""
        now = step.now.monotonic
        if reset.stream != peer.outgoing.stream or not self._is_current(peer, reset):
            return
        if not peer.allowance.answers.available(now) or not (
            peer.resets.deadline is None or peer.resets.due(now)
        ):
            return
        if peer.resets_in_vain >= MAX_RESETS_IN_VAIN:
            step.add(PeerMisbehaved(peer.device, "it cannot read what is sent, in any session"))
            return
        self._encryption.renew(peer.device)
        peer.allowance.answers.spend(now)
        peer.resets.start(now)
        peer.resets_in_vain += 1
        self._seal_again(peer)

    def _is_current(self, peer: Peer, reset: Reset) -> bool:
        flying = peer.outgoing.covering(reset.first)
        stored = self._store.frame(peer.device, flying.first) if flying else None
        if stored is None:
            return False
        data = FRAME.decode(stored.frame)
        return isinstance(data, Data) and digest(data) == reset.digest

    def start_new_stream(self, peer: Peer) -> None:
        """The peer has more of our stream than we know of: our data was set back to an earlier
        state. Its numbers and session keys are used up; go on under another name."""
        self._encryption.renew(peer.device)
        peer.outgoing.stream = self._random(8)
        self._seal_again(peer)

    def _seal_again(self, peer: Peer) -> None:
        self._store.drop_frames(peer.device, None)
        peer.outgoing.start_over()
        self._save(peer.device, peer.outgoing)

    # failed
    def expire(self, step: Step) -> None:
        """Voids what could not leave in time, of all devices, a bounded number at once."""
        by_device: dict[DeviceId, list[OutgoingItem]] = {}
        for device, item in self._store.expired(step.now.wall, EXPIRED_AT_ONCE):
            by_device.setdefault(device, []).append(item)
        for device, items in by_device.items():
            self._void(step, device, items)

    def _void(self, step: Step, device: DeviceId, items: Iterable[OutgoingItem]) -> None:
        failed: list[MessageId] = []
        for item in items:
            self._store.void_item(device, item.number, _EXPIRED)
            if item.message_id is not None:
                failed.append(item.message_id)
        self._changed(step, device, failed, MessageState.FAILED, Failure.EXPIRED)

    def withdraw(self, step: Step, device: DeviceId, outgoing: Outgoing) -> None:
        """Gives up everything that is not acknowledged."""
        dropped = self._store.drop_items(device, outgoing.next)
        self._store.drop_frames(device, None)
        outgoing.start_over()
        outgoing.acked = outgoing.sealed = outgoing.next
        self._save(device, outgoing)
        failed = [item.message_id for item in dropped if item.message_id is not None]
        self._changed(step, device, failed, MessageState.FAILED, Failure.WITHDRAWN)

    def _changed(
        self,
        step: Step,
        device: DeviceId,
        ids: Sequence[MessageId],
        state: MessageState,
        reason: Failure | None = None,
    ) -> None:
        if ids:
            self._application.state_changed(device, ids, state, reason)
            step.add(StateChanged(device, tuple(ids), state, reason))

    def _save(self, device: DeviceId, outgoing: Outgoing) -> None:
        stream = OutgoingStream(
            device, outgoing.stream, acked=outgoing.acked, sealed=outgoing.sealed, next=outgoing.next
        )
        self._store.save_outgoing(stream)


def _has_expired(item: OutgoingItem, wall: int) -> bool:
    return item.expires is not None and item.expires <= wall
