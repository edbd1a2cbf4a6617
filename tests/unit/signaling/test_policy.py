"""Which way signals go."""

from __future__ import annotations

import itertools

import pytest

from stardust.signaling import policy
from stardust.signaling.policy import (
    LONGEST_URGENT_PALLET_S,
    URGENT_PALLET_S,
    Policy,
    Preference,
    Route,
    order_of,
)
from stardust.wire.ids import DeviceId
from stardust.wire.signals import SignalKind

ALL = ("statements", "rendezvous", "pallet")
BOB = DeviceId(bytes([2]) * 32)
OFFER, ANSWER = SignalKind.OFFER, SignalKind.ANSWER


@pytest.mark.parametrize(
    ("prefer", "fallback", "order"),
    [
        ("auto", True, ALL),
        ("auto", False, ("statements", "rendezvous")),
        ("statements", True, ALL),
        ("statements", False, ("statements",)),
        ("rendezvous", True, ("rendezvous", "statements", "pallet")),
        ("pallet", True, ("pallet", "statements", "rendezvous")),
        ("pallet", False, ("pallet",)),
    ],
)
def test_the_preferred_one_is_first_and_without_fallback_alone(
    prefer: Preference, fallback: bool, order: tuple[str, ...]
) -> None:
    assert order_of(prefer, fallback=fallback) == order


def route(subject: Policy, kind: SignalKind = OFFER, *, urgent: bool = False, now: float = 1000.0) -> Route:
    return subject.route(BOB, kind, urgent=urgent, now=now)


def test_usually_one_after_the_other() -> None:
    assert route(Policy(ALL)) == Route(ALL, (), known=False, strangers_too=())


@pytest.mark.parametrize("urgent", [False, True])
def test_a_ping_is_never_a_call_on_chain(urgent: bool) -> None:
    for order, ways in ((ALL, ALL[:2]), (("pallet", "statements"), ("statements",)), (("pallet",), ())):
        subject = Policy(order)
        for _ in range(5):  # also after offers that nobody answered: those who listen for us find it
            route(subject)
            assert route(subject, SignalKind.PING, urgent=urgent) == Route(ways, (), False, ())
    known = Policy(ALL, heard=[BOB])
    for _ in range(5):
        route(known)
    assert route(known, SignalKind.PING) == Route(ALL[:2], (), True, ())


def test_what_is_urgent_goes_all_ways_at_once() -> None:
    assert route(Policy(ALL), urgent=True) == Route(("statements",), ("rendezvous", "pallet"), False, ())
    assert route(Policy(("pallet", "statements")), urgent=True).also == ("statements",)
    assert route(Policy(("pallet",)), urgent=True) == Route(("pallet",), (), False, ())


def test_a_silent_device_gets_ever_fewer_urgent_calls_on_chain() -> None:
    subject = Policy(("statements", "pallet"))
    calls = [now for now in range(0, 7 * 86_400, 60) if route(subject, urgent=True, now=float(now)).also]
    assert calls[0] == 0
    gaps = [later - sooner for sooner, later in itertools.pairwise(calls)]
    assert gaps[:3] == [URGENT_PALLET_S, 2 * URGENT_PALLET_S, 4 * URGENT_PALLET_S]
    assert max(gaps) == LONGEST_URGENT_PALLET_S
    assert len(calls) < 16


def test_without_an_urgent_call_the_pallet_still_stands_in_for_what_fails() -> None:
    subject = Policy(("statements", "pallet"))
    route(subject, urgent=True)
    assert route(subject, urgent=True) == Route(("statements", "pallet"), (), False, ())


def test_once_it_answers_an_urgent_call_is_soon_in_order_again() -> None:
    subject = Policy(("statements", "pallet"))
    for now in (0.0, 400.0, 1200.0):
        route(subject, urgent=True, now=now)
    subject.received(BOB, ANSWER, "pallet")
    assert route(subject, urgent=True, now=5_000.0).also == ("pallet",)
    assert route(subject, urgent=True, now=5_000.0 + URGENT_PALLET_S).also == ("pallet",)


def test_an_answer_goes_back_the_way_the_offer_came_too() -> None:
    subject = Policy(ALL)
    subject.received(BOB, OFFER, "pallet")
    assert route(subject, ANSWER) == Route(("statements", "rendezvous"), ("pallet",), True, ())
    subject.received(BOB, OFFER, "statements")
    assert route(subject, ANSWER).also == ()


def test_it_does_not_go_back_a_way_that_is_not_used() -> None:
    subject = Policy(("statements",))
    subject.received(BOB, OFFER, "pallet")
    assert route(subject, ANSWER) == Route(("statements",), (), True, ())


def test_who_was_heard_from_is_known_also_after_a_restart() -> None:
    subject = Policy(ALL)
    assert not route(subject).known
    subject.received(BOB, OFFER, "statements")
    assert route(subject).known
    assert route(Policy(ALL, heard=[BOB])).known


def test_after_two_unanswered_attempts_it_is_tried_among_strangers_too() -> None:
    subject = Policy(ALL, heard=[BOB])
    assert [route(subject).strangers_too for _ in range(3)] == [(), (), ("statements", "rendezvous")]
    subject.received(BOB, ANSWER, "statements")
    assert route(subject).strangers_too == ()


def test_peers_are_forgotten_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "MAX_PEERS", 3)
    subject = Policy(ALL)
    for number in range(9):
        subject.received(DeviceId(bytes([number]) * 32), OFFER, "pallet")
    assert len(subject._peers) == 3
