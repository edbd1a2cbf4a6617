"""The delivery engine: durable, ordered, exactly-once streams of items between devices.

Contract for the daemon
-----------------------
- All calls come from one thread, the one of the store. None of them waits for the
  network; a call with work to do commits one transaction.
- Every call takes the time (``Now``) and returns an ``Outcome``. Carry its effects
  out in their order, and the effects of one call before those of the next:
  ``SendFrame`` is given to ``Links.send`` (False or an error need no answer: what is
  lost is sent again), the others are for the user interfaces. All of them stand on
  committed data, so losing them in a crash loses nothing.
- Call ``tick`` at ``Outcome.deadline`` (of the last call) at the latest. Calling it
  more often does no harm.
- ``link_opened`` once for each link that opened, ``link_closed`` when it is gone; frames
  of a former link must not come in after that. A second ``link_opened`` for the same
  device means a new link.
- ``frames_received`` takes what has piled up, in order: one call, one transaction, one
  acknowledgement. Handing over frames one by one is as correct and slower.
- ``submit`` takes many items at once for the same reason. What a person wrote goes into
  the application's own tables in ``record``, inside the same transaction.
- What the application does in ``Application`` and ``record`` happens inside the
  transaction; an exception there, or from the store, rolls the call back, nothing was
  sent or acknowledged, and it reaches the caller. The engine then reads the state of the
  devices concerned anew: call ``tick`` a second later.
- What is damaged in the store for one device (``DeviceDamaged``) stops that device only:
  until its next link, and what is submitted for it meanwhile waits.
- Keys: ``Encryption`` asks the layer above whether a device is trusted. When its answer
  for a device changes, call ``trust_changed``. Until then nothing is sealed for the
  device, and what it sends is neither opened nor acknowledged, so it will come again.
  The same goes for ``Application.has_room``, which concerns only what comes in.
- ``PeerMisbehaved`` may be answered by closing the link; the engine is safe without.

docs/protocol.md describes what goes over the wire.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from stardust.delivery.events import (
    DeviceDamaged,
    KeysNotAccepted,
    Now,
    Outcome,
    PeerMisbehaved,
    SendFrame,
    Step,
    Submission,
)
from stardust.delivery.limits import Allowance
from stardust.delivery.outgoing import Outgoing
from stardust.delivery.peer import Peer
from stardust.delivery.port import Application, DeliveryStore
from stardust.delivery.receiving import Receiving
from stardust.delivery.sending import Sending
from stardust.errors import DecodeError
from stardust.session.errors import DeviceNotTrustedError, KeysDamagedError
from stardust.session.port import Encryption
from stardust.wire.codec import encode
from stardust.wire.frames import FRAME, Ack, Data, Frame, Reset, Resume
from stardust.wire.ids import DeviceId

REMEMBERED_ALLOWANCES = 1024
RETRY_AFTER_FAILURE = 1.0
LONGEST_SLEEP = 3600.0
"""Seconds; the wall clock, which decides about expiry, may have jumped meanwhile."""


class DeliveryEngine:
    """See the contract above. ``random(n)`` gives ``n`` random bytes."""

    def __init__(
        self,
        store: DeliveryStore,
        encryption: Encryption,
        application: Application,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._store = store
        self._encryption = encryption
        self._sending = Sending(store, encryption, application, random)
        self._receiving = Receiving(store, encryption, application)
        self._linked: set[DeviceId] = set()
        self._damaged: set[DeviceId] = set()
        """Linked, but not to be read again before there is a reason."""
        self._peers: dict[DeviceId, Peer] = {}
        self._allowances: dict[DeviceId, Allowance] = {}
        self._next_expiry = store.first_expiry()
        self._retry_at: float | None = None

    def waiting(self) -> tuple[DeviceId, ...]:
        """Devices for which something is queued or not acknowledged: to these a link is wanted."""
        return self._store.waiting()

    # links
    def link_opened(self, now: Now, device: DeviceId) -> Outcome:
        self._linked.add(device)
        self._damaged.discard(device)
        self._peers.pop(device, None)
        with self._step(now, device) as step:
            self._open(step, device)
        return self._outcome(step)

    def link_closed(self, now: Now, device: DeviceId) -> Outcome:
        self._linked.discard(device)
        self._damaged.discard(device)
        self._peers.pop(device, None)
        return self._outcome(Step(now))

    def trust_changed(self, now: Now, device: DeviceId) -> Outcome:
        """A person accepted the device's keys, or they changed and wait to be accepted; or there is
        room for what it sends."""
        self._damaged.discard(device)
        with self._step(now, device) as step:
            peer = self._peers.get(device)
            if peer is not None and self._encryption.trusts(device):
                self._settle(step, peer)
            else:
                self._peers.pop(device, None)
                if device in self._linked:
                    self._open(step, device)
        return self._outcome(step)

    def frames_received(self, now: Now, device: DeviceId, frames: Sequence[bytes]) -> Outcome:
        """Frames of the open link of ``device``, in the order in which they came."""
        if device not in self._peers:
            return self._outcome(Step(now))
        with self._step(now, device) as step:
            peer = self._peers[device]
            for frame in frames:
                self._frame(step, peer, frame)
            self._settle(step, peer)
        return self._outcome(step)

    # messages
    def submit(
        self, now: Now, submissions: Sequence[Submission], record: Callable[[], None] | None = None
    ) -> Outcome:
        """Queues items durably, and sends what can be sent at once. All or nothing: raises
        ``ItemTooLargeError`` or ``QueueFullError`` (per device) and nothing is queued then."""
        by_device: dict[DeviceId, list[Submission]] = {}
        for submission in submissions:
            by_device.setdefault(submission.device, []).append(submission)
        streams = {device: self._stream(device) for device in by_device}
        items = {device: self._sending.prepare(streams[device], own) for device, own in by_device.items()}
        with self._step(now, *by_device) as step:
            if record is not None:
                record()
            for device, outgoing in streams.items():
                self._sending.append(device, outgoing, items[device])
                self._submitted(step, device)
        expiries = [one.expires for one in submissions if one.expires is not None]
        self._expect_expiry(min(expiries, default=None))
        return self._outcome(step)

    def _stream(self, device: DeviceId) -> Outgoing:
        peer = self._peers.get(device)
        return peer.outgoing if peer else self._sending.load(device)

    def _submitted(self, step: Step, device: DeviceId) -> None:
        peer = self._peers.get(device)
        if peer:
            self._sending.pump(step, peer)
        elif not self._encryption.trusts(device):
            step.add(KeysNotAccepted(device))

    def withdraw(self, now: Now, device: DeviceId) -> Outcome:
        """Gives up everything queued or unacknowledged for ``device`` (revoked, contact removed)."""
        with self._step(now, device) as step:
            self._sending.withdraw(step, device, self._stream(device))
            peer = self._peers.get(device)
            if peer:
                step.add(SendFrame(device, self._resume(peer, ask=False)))
        return self._outcome(step)

    # time
    def tick(self, now: Now) -> Outcome:
        """Timers. Call it at the deadline of the last outcome."""
        if not self._anything_due(now):
            return self._outcome(Step(now))
        with self._step(now, *self._linked) as step:
            if self._retry_at is not None and now.monotonic >= self._retry_at:
                self._retry_at = None
                for device in self._linked - self._peers.keys() - self._damaged:
                    self._open(step, device)
            for peer in list(self._peers.values()):
                self._tick_peer(step, peer)
            if self._next_expiry is not None and now.wall >= self._next_expiry:
                self._sending.expire(step)
        self._next_expiry = self._store.first_expiry()
        return self._outcome(step)

    def _anything_due(self, now: Now) -> bool:
        times = [peer.deadline() for peer in self._peers.values()] + [self._retry_at]
        expired = self._next_expiry is not None and now.wall >= self._next_expiry
        return expired or any(time is not None and time <= now.monotonic for time in times)

    def _tick_peer(self, step: Step, peer: Peer) -> None:
        now = step.now.monotonic
        if peer.resume.due(now):
            peer.resume.start(now)
            step.add(SendFrame(peer.device, self._resume(peer, ask=True)))
        outgoing = peer.outgoing
        if outgoing.deadline is not None and outgoing.deadline <= now:
            self._sending.resend(step, peer.device, outgoing.timed_out(now))
        if peer.wake is not None and peer.wake <= now:
            self._settle(step, peer)

    # frames
    def _frame(self, step: Step, peer: Peer, encoded: bytes) -> None:
        now = step.now.monotonic
        if not peer.allowance.frames.available(now):
            if PeerMisbehaved(peer.device, "too many frames") not in step.effects:
                step.add(PeerMisbehaved(peer.device, "too many frames"))
            return
        peer.allowance.frames.spend(now)
        try:
            frame = FRAME.decode(encoded)
        except DecodeError as error:
            step.add(PeerMisbehaved(peer.device, f"not a frame: {error}"))
            return
        try:
            self._dispatch(step, peer, frame)
        except DeviceNotTrustedError:
            step.add(KeysNotAccepted(peer.device))
        except KeysDamagedError as error:
            step.damaged(peer.device, error)

    def _dispatch(self, step: Step, peer: Peer, frame: Frame) -> None:
        match frame:
            case Data():
                self._receiving.data(peer, frame)
            case Ack():
                self._sending.acknowledged(step, peer, frame)
            case Reset():
                self._sending.reset(step, peer, frame)
            case Resume():
                self._resumed(step, peer, frame)

    def _resumed(self, step: Step, peer: Peer, resume: Resume) -> None:
        """The peer says where both streams stand: ours goes on from there."""
        now = step.now.monotonic
        self._receiving.announced(step, peer, resume.stream, resume.base)
        have = resume.have
        set_back = have and have.stream == peer.outgoing.stream and have.next > peer.outgoing.sealed
        if set_back and peer.allowance.answers.available(now):
            self._sending.start_new_stream(peer)
        elif have and not set_back:
            self._sending.acknowledged(step, peer, have)
        if resume.ask or set_back:
            self._answer(step, peer, ask=False)
        if not peer.outgoing.ready:
            peer.resume.stop()
            self._sending.resend(step, peer.device, peer.outgoing.resumed(now))

    def _answer(self, step: Step, peer: Peer, *, ask: bool) -> None:
        now = step.now.monotonic
        if peer.allowance.answers.available(now):
            peer.allowance.answers.spend(now)
            step.add(SendFrame(peer.device, self._resume(peer, ask=ask)))

    def _resume(self, peer: Peer, *, ask: bool) -> bytes:
        outgoing = peer.outgoing
        return encode(Resume(outgoing.stream, outgoing.acked, peer.incoming.ack(), ask))

    def _settle(self, step: Step, peer: Peer) -> None:
        """After frames came: store what is in order, acknowledge it, use the window that opened."""
        if peer.ask_due:
            self._answer(step, peer, ask=True)
        self._receiving.drain(step, peer)
        self._sending.pump(step, peer)
        ack = peer.incoming.ack()
        if peer.ack_due and ack is not None:
            step.add(SendFrame(peer.device, encode(ack)))
        peer.ack_due = peer.ask_due = False

    def _open(self, step: Step, device: DeviceId) -> None:
        """Reads a linked device's state from the store and says where it stands."""
        if not self._encryption.trusts(device):
            step.add(KeysNotAccepted(device))
            return
        peer = Peer(device, self._sending.open(device), self._receiving.load(device), self._allowance(device))
        self._peers[device] = peer
        peer.resume.start(step.now.monotonic)
        step.add(SendFrame(device, self._resume(peer, ask=True)))

    def _allowance(self, device: DeviceId) -> Allowance:
        allowance = self._allowances.setdefault(device, Allowance())
        if len(self._allowances) > REMEMBERED_ALLOWANCES:
            del self._allowances[next(iter(self._allowances))]
        return allowance

    # steps
    @contextmanager
    def _step(self, now: Now, *devices: DeviceId) -> Iterator[Step]:
        """One transaction that may change what is kept in memory of ``devices``: if it fails, they are
        read from the store again, and only they."""
        step = Step(now)
        try:
            with self._store.transaction():
                yield step
        except BaseException:
            self._encryption.discard_unsaved()
            for device in devices:
                self._peers.pop(device, None)
            self._retry_at = now.monotonic + RETRY_AFTER_FAILURE
            raise

    def _outcome(self, step: Step) -> Outcome:
        for effect in step.effects:
            if isinstance(effect, DeviceDamaged):
                self._peers.pop(effect.device, None)
                self._damaged.add(effect.device)
        times = [peer.deadline() for peer in self._peers.values()] + [self._retry_at]
        if self._next_expiry is not None:
            seconds = (self._next_expiry - step.now.wall) / 1000
            times.append(step.now.monotonic + min(max(seconds, 0.0), LONGEST_SLEEP))
        deadline = min((time for time in times if time is not None), default=None)
        return Outcome(tuple(step.effects), deadline)

    def _expect_expiry(self, expires: int | None) -> None:
        if expires is not None and (self._next_expiry is None or expires < self._next_expiry):
            self._next_expiry = expires
