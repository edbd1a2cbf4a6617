from __future__ import annotations

from stardust.api.events import Missed, PresenceChanged, Stopping
from stardust.daemon.hub import KEPT, EventHub, Subscriber


def presence(number: int) -> PresenceChanged:
    return PresenceChanged(f"address {number}", True, None)


def drain(subscriber: Subscriber) -> list[object]:
    events: list[object] = []
    while (notice := subscriber.take()) is not None:
        events.append(notice.event)
    return events


def test_a_subscriber_gets_events_from_the_moment_it_was_added() -> None:
    hub, woken = EventHub(), []
    hub.publish(presence(0))
    subscriber = Subscriber(1, frozenset(), lambda: woken.append(1))
    hub.add(subscriber, None)
    hub.publish(presence(1))
    assert drain(subscriber) == [presence(1)]
    assert woken == [1]


def test_only_the_wanted_types_come() -> None:
    hub = EventHub()
    subscriber = Subscriber(1, frozenset({"stopping"}), lambda: None)
    hub.add(subscriber, None)
    hub.publish(presence(1))
    hub.publish(Stopping())
    assert drain(subscriber) == [Stopping()]


def test_a_cursor_brings_what_was_published_after_it() -> None:
    hub = EventHub()
    first = Subscriber(1, frozenset(), lambda: None)
    hub.add(first, None)
    for number in range(3):
        hub.publish(presence(number))
    notice = first.take()
    assert notice is not None
    again = Subscriber(2, frozenset(), lambda: None)
    hub.add(again, notice.cursor)
    assert drain(again) == [presence(1), presence(2)]


def test_a_cursor_of_another_run_or_too_old_leads_to_missed() -> None:
    hub = EventHub()
    start = hub.cursor
    for number in range(KEPT + 1):
        hub.publish(presence(number))
    for cursor in (EventHub().cursor, start, "nonsense", f"{start.split(':')[0]}:999999", ""):
        subscriber = Subscriber(1, frozenset(), lambda: None)
        hub.add(subscriber, cursor)
        assert drain(subscriber) == [Missed("cursor")]


def test_a_slow_subscriber_gets_missed_in_place_of_its_backlog() -> None:
    hub = EventHub()
    subscriber = Subscriber(1, frozenset(), lambda: None)
    hub.add(subscriber, None)
    for number in range(KEPT + 2):
        hub.publish(presence(number))
    assert drain(subscriber) == [Missed("slow"), presence(KEPT + 1)]
