"""Which session is used: the same on both sides, without a word about it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stardust.session.choice import LATELY, for_sending, superseded, to_retire, used
from stardust.session.port import StoredSession


def session(name: str, last_use: int = 1, *, sending: bool = True) -> StoredSession:
    return StoredSession(name, b"k" * 32, "", last_use, sending)


SESSIONS = st.lists(
    st.builds(session, st.text("abc", min_size=1, max_size=3), st.integers(0, 40), sending=st.booleans()),
    unique_by=lambda one: one.id,
    max_size=6,
)


def test_without_a_session_a_new_one_is_started() -> None:
    assert for_sending([]) is None
    assert for_sending([session("a", sending=False)]) is None


def test_of_those_used_lately_the_smallest_id_is_taken() -> None:
    assert for_sending([session("b", 20), session("a", 19), session("c", 21)]) == session("a", 19)


def test_a_session_that_was_not_used_lately_is_no_candidate() -> None:
    old = session("a", 3)
    assert for_sending([old, session("b", 3 + LATELY)]) == session("b", 3 + LATELY)
    assert for_sending([old, session("b", 2 + LATELY)]) == old


def test_a_session_that_decrypted_nothing_gives_way_to_one_that_did() -> None:
    assert for_sending([session("a", 0), session("b", 1)]) == session("b", 1)
    assert for_sending([session("b", 0), session("a", 0)]) == session("a", 0)


def test_what_is_not_for_sending_is_retired_first_then_the_longest_unused() -> None:
    assert to_retire([session("a", 0), session("b", 9, sending=False)]).id == "b"
    assert to_retire([session("a", 4), session("b", 2)]).id == "b"


def test_a_session_that_decrypts_becomes_the_newest() -> None:
    before = [session("a", 7), session("b", 2)]
    after = used(before[1], before)
    assert after == session("b", 8)
    assert for_sending([before[0], after]) == before[0]


def test_a_new_session_of_the_peer_sets_the_others_behind_it() -> None:
    known = [session("a", 7), session("b", 0)]
    assert superseded(known) == [session("a", 0)]
    assert for_sending([*superseded(known), session("z", 1)]) == session("z", 1)


@given(SESSIONS, st.randoms(use_true_random=False))
def test_the_choice_does_not_depend_on_the_order(sessions: list[StoredSession], chance: object) -> None:
    turned = list(reversed(sessions))
    assert for_sending(sessions) == for_sending(turned)
    if sessions:
        assert to_retire(sessions) == to_retire(turned)
