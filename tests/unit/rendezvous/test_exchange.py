"""Requests and what follows from them, without a socket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stardust.rendezvous.exchange import Client, ClientError, Exchange, Taken
from stardust.rendezvous.limits import Limits, Rate
from stardust.wire.rendezvous import (
    NOTICE,
    Arrived,
    Hello,
    Ok,
    Publish,
    Refused,
    Request,
    Subscribe,
    Unsubscribe,
    Welcome,
)

TOPIC, OTHER = b"t" * 32, b"o" * 32


def channel(number: int) -> bytes:
    return number.to_bytes(32, "big")


def topics(first: int, count: int) -> tuple[bytes, ...]:
    return tuple(channel(number) for number in range(first, first + count))


def publish(number: int, topic: bytes = TOPIC, lifetime: int = 60) -> Publish:
    return Publish(number, topic, channel(number), lifetime, bytes([number % 256]))


class Side:
    """A client of an exchange, with the time at 0 unless said."""

    def __init__(self, exchange: Exchange, source: bytes = b"a") -> None:
        self.exchange = exchange
        self.client: Client = exchange.join(source)
        self.say(Hello(1))

    def say(self, request: Request, now: float = 0.0) -> Taken:
        return self.exchange.take(self.client, request, now)

    def refusal(self, request: Request, now: float = 0.0) -> str | None:
        answer = self.say(request, now).answer
        return answer.reason if isinstance(answer, Refused) else None

    def got(self, now: float = 0.0) -> list[tuple[bytes, int]]:
        """Topic and first byte of all that there is."""
        found = []
        while (frame := self.exchange.next(self.client, now)) is not None:
            arrived = NOTICE.decode(frame)
            assert isinstance(arrived, Arrived)
            found.append((arrived.topic, arrived.envelope[0]))
        return found


def test_a_hello_is_welcomed_with_what_may_be_listened_to() -> None:
    exchange = Exchange(Limits())
    assert exchange.take(exchange.join(b"a"), Hello(1), 0.0).answer == Welcome(1, 8192)


def test_another_version_is_refused_by_name() -> None:
    exchange = Exchange(Limits())
    assert exchange.take(exchange.join(b"a"), Hello(2), 0.0).answer == Refused(0, "version")


def test_anything_before_or_after_the_one_hello_is_out_of_place() -> None:
    exchange = Exchange(Limits())
    with pytest.raises(ClientError):
        exchange.take(exchange.join(b"a"), publish(1), 0.0)
    with pytest.raises(ClientError):
        Side(exchange).say(Hello(1))


def test_what_waits_comes_first_then_what_is_new() -> None:
    exchange = Exchange(Limits())
    alice, bob = Side(exchange), Side(exchange)
    assert alice.say(publish(1)) == Taken(Ok(1))
    taken = bob.say(Subscribe(7, (TOPIC,)))
    assert (taken.answer, taken.serve) == (Ok(7), (bob.client,))
    assert bob.got() == [(TOPIC, 1)]
    assert bob.client in alice.say(publish(2)).serve
    assert bob.got() == [(TOPIC, 2)]
    assert bob.got() == []


def test_who_subscribes_again_gets_again_what_waits() -> None:
    exchange = Exchange(Limits())
    alice, bob = Side(exchange), Side(exchange)
    alice.say(publish(1))
    for _ in range(2):
        bob.say(Subscribe(1, (TOPIC, TOPIC)))
        assert bob.got() == [(TOPIC, 1)]
    assert exchange.subscriptions == 1


def test_nothing_comes_any_more_after_unsubscribe_or_from_other_topics() -> None:
    exchange = Exchange(Limits())
    alice, bob = Side(exchange), Side(exchange)
    bob.say(Subscribe(1, (TOPIC,)))
    assert not alice.say(publish(1, OTHER)).serve
    alice.say(publish(2))
    assert bob.say(Unsubscribe(2, (TOPIC, OTHER))).answer == Ok(2)
    assert bob.got() == []
    assert not alice.say(publish(3)).serve
    assert exchange.subscriptions == 0


def test_who_reads_slowly_gets_what_is_still_there() -> None:
    exchange = Exchange(Limits())
    alice, bob = Side(exchange), Side(exchange)
    bob.say(Subscribe(1, (TOPIC,)))
    alice.say(publish(1, lifetime=1))
    alice.say(publish(2))
    alice.say(Publish(3, TOPIC, channel(2), 60, b"\x03"))
    assert bob.got(now=10.0) == [(TOPIC, 3)]


def test_a_crowded_topic_does_not_hold_up_another() -> None:
    exchange = Exchange(Limits())
    alice, bob = Side(exchange), Side(exchange)
    bob.say(Subscribe(1, (TOPIC, OTHER)))
    for number in range(10):
        alice.say(publish(number))
    alice.say(publish(99, OTHER))
    assert (OTHER, 99) in bob.got()[:2]


def test_nothing_is_remembered_of_who_left() -> None:
    exchange = Exchange(Limits())
    alice, bob = Side(exchange), Side(exchange, b"b")
    bob.say(Subscribe(1, topics(0, 100)))
    exchange.leave(bob.client)
    assert not alice.say(publish(1, channel(1))).serve
    assert exchange.subscriptions == 0
    assert not exchange._listeners
    assert not exchange._topics_of


@pytest.mark.parametrize(
    "limits",
    [
        replace(Limits(), topics=100),
        replace(Limits(), topics_an_address=100),
        replace(Limits(), topics_a_connection=100),
    ],
)
def test_topics_are_bounded_by_connection_by_address_and_in_all(limits: Limits) -> None:
    exchange = Exchange(limits)
    side = Side(exchange)
    assert side.refusal(Subscribe(1, topics(0, 60))) is None
    assert side.refusal(Subscribe(2, topics(60, 60))) == "topics"
    assert side.refusal(Subscribe(3, topics(20, 60))) is None
    assert exchange.subscriptions == 80
    side.say(Unsubscribe(4, topics(0, 60)))
    assert side.refusal(Subscribe(5, topics(60, 60))) is None


def test_topics_of_one_address_are_counted_over_its_connections() -> None:
    exchange = Exchange(replace(Limits(), topics_an_address=100))
    one, two, other = Side(exchange), Side(exchange), Side(exchange, b"b")
    assert one.refusal(Subscribe(1, topics(0, 60))) is None
    assert two.refusal(Subscribe(1, topics(0, 60))) == "topics"
    assert other.refusal(Subscribe(1, topics(0, 60))) is None


def test_replays_are_limited_by_address() -> None:
    exchange = Exchange(replace(Limits(), subscriptions_an_address=Rate(100, 10.0)))
    side = Side(exchange)
    assert [side.refusal(Subscribe(n, topics(0, 50))) for n in range(3)] == [None, None, "busy"]
    assert side.refusal(Subscribe(4, topics(0, 50)), now=5.0) is None


def test_publishing_is_limited_by_connection_and_by_address() -> None:
    limits = replace(Limits(), publishes_a_connection=Rate(2, 1.0), publishes_an_address=Rate(3, 1.0))
    exchange = Exchange(limits)
    one, two, other = Side(exchange), Side(exchange), Side(exchange, b"b")
    assert [one.refusal(publish(n)) for n in range(3)] == [None, None, "busy"]
    assert [two.refusal(publish(n)) for n in range(2)] == [None, "busy"]
    assert other.refusal(publish(1)) is None
    assert one.refusal(publish(4), now=1.0) is None
    assert exchange.figures.refused == {"busy": 2}


def test_a_full_topic_is_told() -> None:
    exchange = Exchange(replace(Limits(), kept_a_topic=2))
    sides = [Side(exchange, bytes([number])) for number in range(3)]
    assert [side.refusal(publish(n)) for n, side in enumerate(sides)] == [None, None, "full"]


def test_nobody_is_told_a_channel() -> None:
    exchange = Exchange(Limits())
    alice, bob = Side(exchange), Side(exchange)
    alice.say(publish(0xC0FFEE))
    bob.say(Subscribe(1, (TOPIC,)))
    frame = exchange.next(bob.client, 0.0)
    assert frame is not None
    assert channel(0xC0FFEE) not in frame
