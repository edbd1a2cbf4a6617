"""A silent peer is asked, then given up, in under ten seconds."""

from __future__ import annotations

from stardust.link.heartbeat import DEAD_S, IDLE_S, GiveUp, Heartbeat, SendPing


def test_a_dead_peer_is_noticed_in_under_ten_seconds() -> None:
    heartbeat = Heartbeat(last_heard=0.0)
    for half_seconds in range(1, 40):
        decision = heartbeat.tick(half_seconds / 2)
        if isinstance(decision, GiveUp):
            assert half_seconds / 2 < 10
            return
    raise AssertionError("never given up")


def test_a_peer_that_answers_is_kept_for_ever() -> None:
    heartbeat, now, pings = Heartbeat(last_heard=0.0), 0.0, 0
    for _ in range(1000):
        now += 0.5
        decision = heartbeat.tick(now)
        assert not isinstance(decision, GiveUp)
        if isinstance(decision, SendPing):
            pings += 1
            heartbeat.heard(now + 0.05)
            heartbeat.pong(decision.number, now + 0.05)
    assert pings > 100
    assert heartbeat.rtt_s is not None
    assert abs(heartbeat.rtt_s - 0.05) < 0.001


def test_an_idle_link_is_asked_first() -> None:
    heartbeat = Heartbeat(last_heard=0.0, last_ping=0.0)
    assert heartbeat.tick(0.5) is None
    assert isinstance(heartbeat.tick(IDLE_S + 0.1), SendPing)


def test_the_round_trip_time_is_asked_for_at_once() -> None:
    assert isinstance(Heartbeat(last_heard=0.0).tick(0.1), SendPing)


def test_waking_up_is_not_the_peers_fault() -> None:
    heartbeat = Heartbeat(last_heard=0.0)
    heartbeat.tick(0.5)
    assert isinstance(heartbeat.tick(3600.0), SendPing)
    assert heartbeat.tick(3600.5) is None
    assert isinstance(heartbeat.tick(3602.0 + DEAD_S / 2 - 0.1), SendPing | GiveUp)


def test_a_pong_that_nobody_asked_for_changes_nothing() -> None:
    heartbeat = Heartbeat(last_heard=0.0)
    heartbeat.pong(99, 1.0)
    assert heartbeat.rtt_s is None
