"""Olm between this device and its peers' devices (the Olm specification, by vodozemac).

Who may be talked to is decided above: ``trusted`` gives the device record that
stands for a device now, or None as long as a person has not accepted its keys.
Sessions made with another identity key than the record's are never used again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import vodozemac

from stardust.identity.records import CertifiedDevice, DeviceRecord
from stardust.session import choice
from stardust.session.account import OlmIdentity, identity_of, load_account
from stardust.session.errors import (
    DeviceNotTrustedError,
    KeysDamagedError,
    NoSessionError,
    UndecryptableError,
)
from stardust.session.port import MAX_SESSIONS, Opened, Sealed, SessionStore, StoredSession
from stardust.wire.ids import DeviceId

MAX_CACHED_PEERS = 256

TrustedDevice = Callable[[DeviceId], CertifiedDevice | None]


@dataclass(slots=True)
class _Live:
    """A session as it stands in the store, unpickled."""

    stored: StoredSession
    olm: vodozemac.Session


class Sessions:
    """Keeps the ``Encryption`` interface. Every method that changes a session saves it
    before it returns: the caller holds the transaction, and calls ``discard_unsaved``
    when that was rolled back."""

    def __init__(self, store: SessionStore, pickle_key: bytes, trusted: TrustedDevice) -> None:
        """``pickle_key``: 32 bytes, of this database. Raises ``KeysDamagedError``."""
        self._store = store
        self._pickle_key = pickle_key
        self._trusted = trusted
        self._account = load_account(store, pickle_key)
        self._peers: dict[DeviceId, dict[str, _Live]] = {}

    @property
    def identity(self) -> OlmIdentity:
        return identity_of(self._account)

    def trusts(self, device: DeviceId) -> bool:
        return self._trusted(device) is not None

    def seal(self, device: DeviceId, plaintext: bytes) -> Sealed:
        record = self._record(device)
        live = self._live(device, record)
        chosen = choice.for_sending(session.stored for session in live.values())
        session = live[chosen.id] if chosen else self._start(device, record, live)
        olm_type, ciphertext = session.olm.encrypt(plaintext).to_parts()
        self._save(device, session, session.stored)
        return Sealed(1 if olm_type else 0, ciphertext)

    def open(self, device: DeviceId, sealed: Sealed) -> Opened:
        record = self._record(device)
        live = self._live(device, record)
        try:
            message = vodozemac.AnyOlmMessage.from_parts(sealed.olm_type, sealed.ciphertext)
        except vodozemac.DecodeException as error:
            raise UndecryptableError("not an Olm message") from error
        pre_key = message.to_pre_key()
        if pre_key is None:
            return Opened(self._decrypt(device, live, message), new_session=False)
        session = live.get(pre_key.session_id())
        if session is not None:
            return Opened(self._decrypt(device, {session.stored.id: session}, message, live), False)
        return Opened(self._accept(device, record, live, pre_key), new_session=True)

    def renew(self, device: DeviceId) -> None:
        for session in self._live(device, self._record(device)).values():
            self._save(device, session, replace(session.stored, sending=False))

    def discard_unsaved(self) -> None:
        self._peers.clear()

    def _record(self, device: DeviceId) -> DeviceRecord:
        certified = self._trusted(device)
        if certified is None:
            raise DeviceNotTrustedError
        return certified.record

    def _live(self, device: DeviceId, record: DeviceRecord) -> dict[str, _Live]:
        """The sessions made with the identity key of ``record``; the others are retired."""
        live = self._peers.get(device)
        if live is None:
            live = {stored.id: self._unpickled(stored) for stored in self._store.load_sessions(device)}
            if len(self._peers) >= MAX_CACHED_PEERS:
                self._peers.clear()
            self._peers[device] = live
        for stale in [session.stored for session in live.values() if session.stored.peer_key != record.olm]:
            self._retire(device, live, stale)
        return live

    def _start(self, device: DeviceId, record: DeviceRecord, live: dict[str, _Live]) -> _Live:
        try:
            olm = self._account.create_outbound_session(
                vodozemac.Curve25519PublicKey.from_bytes(record.olm),
                vodozemac.Curve25519PublicKey.from_bytes(record.fallback),
            )
        except (vodozemac.KeyException, vodozemac.SessionCreationException) as error:
            raise DeviceNotTrustedError("the keys of this device are not usable") from error
        return self._add(device, live, self._new(olm, record, last_use=0))

    def _accept(
        self, device: DeviceId, record: DeviceRecord, live: dict[str, _Live], first: vodozemac.PreKeyMessage
    ) -> bytes:
        """A new session from the peer's first message, which names the peer's identity key:
        vodozemac refuses it unless that is the record's."""
        if self._store.is_retired(device, first.session_id()):
            raise UndecryptableError("the first message of a former session, again")
        identity_key = vodozemac.Curve25519PublicKey.from_bytes(record.olm)
        try:
            olm, plaintext = self._account.create_inbound_session(identity_key, first)
        except (vodozemac.KeyException, vodozemac.SessionCreationException) as error:
            raise UndecryptableError from error
        for changed in choice.superseded(session.stored for session in live.values()):
            self._save(device, live[changed.id], changed)
        self._add(device, live, self._new(olm, record, last_use=1))
        return plaintext

    def _decrypt(
        self,
        device: DeviceId,
        candidates: dict[str, _Live],
        message: vodozemac.AnyOlmMessage,
        all_sessions: dict[str, _Live] | None = None,
    ) -> bytes:
        """Tries the candidates, the likeliest first. A failed try changes nothing in a session."""
        if not candidates:
            raise NoSessionError
        everything = candidates if all_sessions is None else all_sessions
        for session in sorted(candidates.values(), key=lambda one: -one.stored.last_use):
            try:
                plaintext = session.olm.decrypt(message)
            except vodozemac.OlmDecryptionException:
                continue
            others = [other.stored for other in everything.values()]
            self._save(device, session, choice.used(session.stored, others))
            return plaintext
        raise UndecryptableError

    def _new(self, olm: vodozemac.Session, record: DeviceRecord, *, last_use: int) -> _Live:
        stored = StoredSession(
            id=olm.session_id, peer_key=record.olm, pickle="", last_use=last_use, sending=True
        )
        return _Live(stored, olm)

    def _add(self, device: DeviceId, live: dict[str, _Live], session: _Live) -> _Live:
        while len(live) >= MAX_SESSIONS:
            self._retire(device, live, choice.to_retire(one.stored for one in live.values()))
        live[session.stored.id] = session
        self._save(device, session, session.stored)
        return session

    def _save(self, device: DeviceId, session: _Live, stored: StoredSession) -> None:
        session.stored = replace(stored, pickle=session.olm.pickle(self._pickle_key))
        self._store.save_session(device, session.stored)

    def _retire(self, device: DeviceId, live: dict[str, _Live], stored: StoredSession) -> None:
        del live[stored.id]
        self._store.retire_session(device, stored.id)

    def _unpickled(self, stored: StoredSession) -> _Live:
        try:
            return _Live(stored, vodozemac.Session.from_pickle(stored.pickle, self._pickle_key))
        except vodozemac.PickleException as error:
            raise KeysDamagedError from error
