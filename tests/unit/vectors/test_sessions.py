"""Recorded Olm sessions: both sides read what the other wrote, and go on with the same bytes."""

from __future__ import annotations

from typing import Any

import pytest

from stardust.session.errors import UndecryptableError
from stardust.session.port import Sealed, StoredSession
from tests.fakes.delivery_store import MemoryStore
from tests.fakes.session_side import Side, acquainted
from tests.vectors.make import stored
from tests.vectors.sessions import PICKLE_KEY

VECTORS = stored("sessions")
MESSAGES: list[dict[str, Any]] = VECTORS["messages"]


def other(name: str) -> str:
    return "two" if name == "one" else "one"


def side(name: str) -> Side:
    """A device as it was recorded, before any message."""
    store = MemoryStore()
    with store.transaction():
        store.save_account(VECTORS["accounts"][name]["pickle"])
    return Side(name, store, PICKLE_KEY)


def both() -> dict[str, Side]:
    one, two = side("one"), side("two")
    acquainted(one, two)
    return {"one": one, "two": two}


def restored(name: str, case: dict[str, Any]) -> Side:
    """A device with the session that it had just before it sealed ``case``."""
    made, peer = side(name), side(other(name))
    made.accept(peer)
    session = StoredSession(
        case["session"], peer.sessions.identity.olm, case["pickle_before"], last_use=1, sending=True
    )
    with made.store.transaction():
        made.store.save_session(peer.device, session)
    return made


def sealed(case: dict[str, Any]) -> Sealed:
    return Sealed(case["olm_type"], bytes.fromhex(case["ciphertext"]))


def test_the_recorded_accounts_have_their_keys() -> None:
    assert bytes.fromhex(VECTORS["pickle_key"]) == PICKLE_KEY
    for name, made in both().items():
        assert made.sessions.identity.olm.hex() == VECTORS["accounts"][name]["olm"]
        assert made.sessions.identity.fallback.hex() == VECTORS["accounts"][name]["fallback"]


def test_the_receiver_reads_what_was_recorded() -> None:
    receiver, sender = both()["two"], both()["one"]
    cases = [case for case in MESSAGES if case["from"] == "one"][:2]
    opened = [receiver.open(sender, sealed(case)) for case in cases]
    assert [one.plaintext.hex() for one in opened] == [case["plaintext"] for case in cases]
    assert [one.new_session for one in opened] == [True, False]
    assert [case["olm_type"] for case in cases] == [0, 0]


@pytest.mark.parametrize("at", [1, 3])
def test_the_next_message_of_a_stored_session_has_the_golden_bytes(at: int) -> None:
    case = MESSAGES[at]
    sender = restored(case["from"], case)
    assert sender.seal(side(other(case["from"])), bytes.fromhex(case["plaintext"])) == sealed(case)


def test_a_stored_session_reads_the_answer_and_reads_it_once() -> None:
    answer = MESSAGES[2]
    receiver = restored("one", MESSAGES[1])
    assert receiver.open(side("two"), sealed(answer)).plaintext.hex() == answer["plaintext"]
    with pytest.raises(UndecryptableError):
        receiver.open(side("two"), sealed(answer))
