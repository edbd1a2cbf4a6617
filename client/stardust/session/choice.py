"""Which of several sessions with a peer device is used. Pure.

Both devices may start a session at once, so each may hold two that work. Both then
have to settle on one, without talking about it: of the sessions that decrypted
something lately the one with the smallest id is taken, and the ids are the same on
both sides. "Lately" is counted in messages, since no two clocks agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from stardust.session.port import StoredSession

LATELY = 16
"""Messages: a session that decrypted none of the last 16 is no longer a candidate."""


def for_sending(sessions: Iterable[StoredSession]) -> StoredSession | None:
    """The session to seal with; None when a new one has to be started."""
    usable = [session for session in sessions if session.sending]
    if not usable:
        return None
    newest = max(session.last_use for session in usable)
    lately = [session for session in usable if session.last_use > newest - LATELY and session.last_use > 0]
    return min(lately or usable, key=lambda session: session.id)


def to_retire(sessions: Iterable[StoredSession]) -> StoredSession:
    """The session that matters least."""
    return min(sessions, key=lambda session: (session.sending, session.last_use, session.id))


def used(session: StoredSession, sessions: Iterable[StoredSession]) -> StoredSession:
    """``session`` after it decrypted a message."""
    return replace(session, last_use=max((other.last_use for other in sessions), default=0) + 1)


def superseded(sessions: Iterable[StoredSession]) -> list[StoredSession]:
    """The sessions to change, as changed, when the peer starts another one.

    It has seen those that decrypted something here, so it had a reason: most
    likely it lost them. They stay usable, behind the new one, and are candidates
    again as soon as one of them decrypts: then it was glare and not a loss.
    """
    return [replace(session, last_use=0) for session in sessions if session.last_use > 0]
