"""Olm between two devices: whatever comes first, late, twice or never, and only for accepted keys."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import vodozemac
from hypothesis import given, settings
from hypothesis import strategies as st

from stardust.session import choice
from stardust.session.account import create_account, identity_of, load_account
from stardust.session.errors import (
    DeviceNotTrustedError,
    KeysDamagedError,
    NoSessionError,
    UndecryptableError,
)
from stardust.session.port import MAX_SESSIONS, Sealed
from tests.fakes.delivery_node import PICKLE_KEY
from tests.fakes.delivery_store import MemoryStore, PowerFailure
from tests.fakes.session_side import Side, acquainted

MARKER = b"MARKER that must not be seen"


def pair() -> tuple[Side, Side]:
    one, two = Side.fresh("one"), Side.fresh("two")
    acquainted(one, two)
    return one, two


def talk(one: Side, two: Side, times: int = 1) -> None:
    """Each says something and is understood."""
    for number in range(times):
        for sender, receiver in ((one, two), (two, one)):
            text = b"%s %d" % (sender.name.encode(), number)
            assert receiver.open(sender, sender.seal(receiver, text)).plaintext == text


def chosen(side: Side, other: Side) -> str:
    """The id of the session that the next message will use."""
    session = choice.for_sending(side.kept(other))
    assert session is not None
    return session.id


# ordinary
def test_two_devices_talk_in_one_session() -> None:
    one, two = pair()
    first = two.open(one, one.seal(two, b"hello"))
    assert (first.plaintext, first.new_session) == (b"hello", True)
    talk(one, two, 3)
    assert [session.id for session in one.kept(two)] == [session.id for session in two.kept(one)]


def test_until_the_first_answer_every_message_can_start_the_session() -> None:
    one, two = pair()
    sealed = [one.seal(two, b"%d" % number) for number in range(3)]
    assert [message.olm_type for message in sealed] == [0, 0, 0]
    two.open(one, sealed[0])
    one.open(two, two.seal(one, b"answer"))
    assert one.seal(two, b"later").olm_type == 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_first_message_may_be_lost_or_late(order: tuple[int, ...]) -> None:
    one, two = pair()
    sealed = [one.seal(two, b"%d" % number) for number in range(3)]
    for number in order:
        assert two.open(one, sealed[number]).plaintext == b"%d" % number
    assert len(two.kept(one)) == 1
    talk(one, two)


def test_a_session_survives_restarts_between_any_two_messages() -> None:
    one, two = pair()
    for number in range(4):
        sender, receiver = (one, two) if number % 2 else (two, one)
        sealed = sender.seal(receiver, b"%d" % number)
        one.restart()
        two.restart()
        assert receiver.open(sender, sealed).plaintext == b"%d" % number
        receiver.restart()
    assert len(one.kept(two)) == 1


# both at once
def test_both_may_start_at_once_and_settle_on_one_session() -> None:
    one, two = pair()
    from_one, from_two = one.seal(two, b"from one"), two.seal(one, b"from two")
    assert two.open(one, from_one).plaintext == b"from one"
    assert one.open(two, from_two).plaintext == b"from two"
    assert len(one.kept(two)) == len(two.kept(one)) == 2
    talk(one, two, 2)
    assert chosen(one, two) == chosen(two, one)


def test_both_settle_on_one_session_also_when_several_messages_crossed() -> None:
    one, two = pair()
    sealed = [(one.seal(two, b"%d" % n), two.seal(one, b"%d" % n)) for n in range(3)]
    for number, (from_one, from_two) in reversed(list(enumerate(sealed))):
        assert two.open(one, from_one).plaintext == b"%d" % number
        assert one.open(two, from_two).plaintext == b"%d" % number
    talk(one, two, 2)
    assert chosen(one, two) == chosen(two, one)


# replays and forgeries
def test_a_message_opens_once() -> None:
    one, two = pair()
    first = one.seal(two, b"hello")
    two.open(one, first)
    answer = two.seal(one, b"hello back")
    one.open(two, answer)
    for receiver, sender, message in ((two, one, first), (one, two, answer)):
        with pytest.raises(UndecryptableError):
            receiver.open(sender, message)
        receiver.restart()
        with pytest.raises(UndecryptableError):
            receiver.open(sender, message)


def test_the_first_message_of_a_former_session_does_not_bring_it_back() -> None:
    one, two = pair()
    firsts = []
    for _ in range(MAX_SESSIONS + 1):
        firsts.append(one.seal(two, b"hello"))
        two.open(one, firsts[-1])
        one.renew(two)
    kept = {session.id for session in two.kept(one)}
    (former,) = [first for first in firsts if pre_key_session(first) not in kept]
    assert two.store.is_retired(one.device, pre_key_session(former))
    with pytest.raises(UndecryptableError, match="former session"):
        two.open(one, former)


def pre_key_session(message: Sealed) -> str:
    parsed = vodozemac.AnyOlmMessage.from_parts(message.olm_type, message.ciphertext).to_pre_key()
    assert parsed is not None
    return parsed.session_id()


def test_no_more_sessions_are_kept_than_the_bound() -> None:
    one, two = pair()
    for _ in range(MAX_SESSIONS + 3):
        one.renew(two)
        two.open(one, one.seal(two, b"new"))
    assert len(two.kept(one)) == len(one.kept(two)) == MAX_SESSIONS
    talk(one, two)


def test_a_device_cannot_speak_for_another() -> None:
    one, two = pair()
    eve = Side.fresh("eve")
    eve.accept(two)
    with pytest.raises(UndecryptableError):
        two.open(one, eve.seal(two, b"it is me, one"))
    assert two.kept(one) == ()


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_changed_message_is_refused_and_the_true_one_still_opens(data: st.DataObject) -> None:
    one, two = pair()
    if data.draw(st.booleans(), "in a session that stands"):
        talk(one, two)
    sealed = one.seal(two, b"true")
    changed = bytearray(sealed.ciphertext)
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    # A pre-key message carries the sender's keys beside what is authenticated: as long as it is
    # read as another first message, it may not open; it never opens as something else.
    try:
        assert two.open(one, Sealed(sealed.olm_type, bytes(changed))).plaintext == b"true"
    except (UndecryptableError, NoSessionError):
        assert two.open(one, sealed).plaintext == b"true"


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), min_size=1, max_size=40))
def test_messages_in_any_order_open_once_each(moves: list[tuple[bool, int]]) -> None:
    """A move: who seals the next message, and which of those on their way arrives then."""
    one, two = pair()
    on_the_way: list[tuple[Side, Side, bytes, Sealed]] = []
    for by_one, which in moves:
        sender, receiver = (one, two) if by_one else (two, one)
        text = b"%d" % len(on_the_way)
        on_the_way.append((sender, receiver, text, sender.seal(receiver, text)))
        sender, receiver, text, sealed = on_the_way.pop(which % len(on_the_way))
        assert receiver.open(sender, sealed).plaintext == text
        with pytest.raises(UndecryptableError):
            receiver.open(sender, sealed)
    for sender, receiver, text, sealed in on_the_way:
        assert receiver.open(sender, sealed).plaintext == text


# sessions that are lost
def test_a_message_of_a_session_that_is_not_here_is_named() -> None:
    one, two = pair()
    talk(one, two)
    sealed = one.seal(two, b"who are you?")
    forgetful = forgotten(two)
    forgetful.accept(one)
    with pytest.raises(NoSessionError):
        forgetful.open(one, sealed)


def forgotten(side: Side) -> Side:
    """The same device without its sessions."""
    store, account = MemoryStore(), side.store.load_account()
    assert account is not None
    with store.transaction():
        store.save_account(account)
    return Side(side.name, store)


def test_after_a_renewal_a_device_without_its_sessions_is_reached_again() -> None:
    one, two = pair()
    talk(one, two, 2)
    two = forgotten(two)
    two.accept(one)
    one.renew(two)
    sealed = one.seal(two, b"hello again")
    assert sealed.olm_type == 0
    assert two.open(one, sealed).plaintext == b"hello again"
    talk(one, two, 2)
    assert chosen(one, two) == chosen(two, one)


def test_a_renewed_session_still_reads_what_was_on_its_way() -> None:
    one, two = pair()
    talk(one, two)
    late = two.seal(one, b"late")
    one.renew(two)
    assert one.open(two, late).plaintext == b"late"


# keys that are not, or no longer, accepted
def test_nothing_is_sealed_for_or_opened_from_a_device_that_is_not_accepted() -> None:
    one, two = pair()
    sealed = one.seal(two, b"hello")
    two.accepted.clear()
    assert not two.sessions.trusts(one.device)
    with pytest.raises(DeviceNotTrustedError):
        two.open(one, sealed)
    with pytest.raises(DeviceNotTrustedError):
        two.seal(one, b"hello")
    assert two.kept(one) == ()
    two.accept(one)
    assert two.open(one, sealed).plaintext == b"hello"


def test_a_changed_key_stops_the_sessions_that_were_made_with_the_old_one() -> None:
    one, two = pair()
    talk(one, two)
    (before,) = one.kept(two)
    last = two.seal(one, b"with the old key")
    stranger = Side.fresh("two")
    one.accepted.clear()
    with pytest.raises(DeviceNotTrustedError):
        one.seal(two, b"not for a stranger")
    one.accept(stranger)
    sealed = one.seal(stranger, b"for the new key")
    assert [session.id for session in one.kept(two)] != [before.id]
    assert one.store.is_retired(two.device, before.id)
    with pytest.raises(UndecryptableError):
        one.open(two, last)
    with pytest.raises(UndecryptableError):
        two.open(one, sealed)
    stranger.accept(one)
    assert stranger.open(one, sealed).plaintext == b"for the new key"


def test_a_new_fallback_key_changes_nothing_in_a_session_that_stands() -> None:
    one, two = pair()
    talk(one, two)
    one.accept(two, fallback=Side.fresh("other").sessions.identity.fallback)
    talk(one, two)
    assert len(one.kept(two)) == 1


@pytest.mark.parametrize(
    "keys", [{"olm": bytes(31)}, {"fallback": bytes(33)}, {"olm": bytes([1]) + bytes(31)}]
)
def test_keys_that_are_no_keys_are_refused_by_name(keys: dict[str, bytes]) -> None:
    one, two = pair()
    one.accept(two, **keys)
    with pytest.raises(DeviceNotTrustedError):
        one.seal(two, MARKER)
    assert one.kept(two) == ()


# at rest
def test_no_plaintext_and_no_key_leaves_the_layer_unsealed() -> None:
    one, two = pair()
    talk(one, two)
    sealed = one.seal(two, MARKER * 10)
    opened = two.open(one, sealed)
    assert opened.plaintext == MARKER * 10
    seen = [sealed.ciphertext, *(repr(vars(side.store)).encode() for side in (one, two))]
    assert not any(MARKER in data for data in seen)
    assert PICKLE_KEY.hex().encode() not in b"".join(seen)


def test_pickles_open_under_their_key_only() -> None:
    one, two = pair()
    talk(one, two)
    with pytest.raises(KeysDamagedError):
        Side("one", one.store, pickle_key=b"\x08" * 32)
    session = one.kept(two)[0]
    assert session.pickle not in repr(session)
    with one.store.transaction():
        one.store.save_session(two.device, type(session)("x" * 43, session.peer_key, "damaged", 1, True))
    one.restart()
    with pytest.raises(KeysDamagedError):
        one.seal(two, b"hello")


def test_a_device_gets_its_keys_once() -> None:
    one, _ = pair()
    with pytest.raises(KeysDamagedError), one.store.transaction():
        create_account(one.store, PICKLE_KEY)
    with pytest.raises(KeysDamagedError):
        load_account(MemoryStore(), PICKLE_KEY)
    assert identity_of(load_account(one.store, PICKLE_KEY)) == one.sessions.identity


# transactions
def rolled_back(side: Side, work: Callable[[], object]) -> None:
    with side.store.transaction():
        work()
        raise PowerFailure


def test_what_was_rolled_back_was_never_sealed_or_opened() -> None:
    one, two = pair()
    talk(one, two)
    sealed = one.seal(two, b"hello")
    before = (one.kept(two), two.kept(one))
    with pytest.raises(PowerFailure):
        rolled_back(two, lambda: two.sessions.open(one.device, sealed))
    with pytest.raises(PowerFailure):
        rolled_back(one, lambda: one.sessions.seal(two.device, b"never sent"))
    one.sessions.discard_unsaved()
    two.sessions.discard_unsaved()
    assert (one.kept(two), two.kept(one)) == before
    assert two.open(one, sealed).plaintext == b"hello"
    talk(one, two)
