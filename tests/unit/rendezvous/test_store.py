"""What is kept, for how long, and who has to go when there is no more room."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from stardust.rendezvous.limits import Limits
from stardust.rendezvous.store import OVERHEAD, Store

TOPIC, OTHER = b"t" * 32, b"o" * 32
SMALL = replace(Limits(), kept_bytes=100_000, kept_bytes_an_address=20_000, kept_a_topic=4)


def channel(number: int) -> bytes:
    return number.to_bytes(32, "big")


def put(
    store: Store,
    number: int,
    *,
    topic: bytes = TOPIC,
    source: bytes = b"a",
    lifetime: int = 60,
    size: int = 100,
    now: float = 0.0,
) -> bool:
    frame = number.to_bytes(4, "big").rjust(size, b"\0")
    return store.put(topic, channel(number), source=source, lifetime=lifetime, frame=frame, now=now)


def under(store: Store, topic: bytes = TOPIC, now: float = 0.0) -> list[int]:
    found, number = [], 0
    while (kept := store.after(topic, number, now)) is not None:
        number = kept.number
        found.append(int.from_bytes(kept.frame[-4:], "big"))
    return found


def test_envelopes_of_a_topic_come_in_their_order_and_of_no_other() -> None:
    store = Store(Limits())
    for number in (3, 1, 2):
        assert put(store, number)
    assert put(store, 9, topic=OTHER)
    assert under(store) == [3, 1, 2]
    assert under(store, OTHER) == [9]


def test_the_same_channel_takes_the_place_of_what_stood_there() -> None:
    store = Store(Limits())
    put(store, 1)
    put(store, 2)
    put(store, 1)
    assert under(store) == [2, 1]
    assert store.count == 2


def test_the_same_channel_under_another_topic_is_another() -> None:
    store = Store(Limits())
    put(store, 1)
    put(store, 1, topic=OTHER)
    assert (under(store), under(store, OTHER)) == ([1], [1])


def test_an_envelope_lasts_as_long_as_it_was_wanted() -> None:
    store = Store(Limits())
    put(store, 1, lifetime=1, now=10.9)
    put(store, 2, lifetime=900, now=10.9)
    assert under(store, now=11.9) == [1, 2]
    assert under(store, now=13.0) == [2]
    assert under(store, now=912.0) == []
    assert (store.count, store.bytes, store.topics) == (0, 0, 0)


def test_a_long_sleep_ends_everything() -> None:
    store = Store(Limits())
    put(store, 1)
    assert under(store, now=1e6) == []
    put(store, 2, now=1e6)
    assert under(store, now=1e6) == [2]


def test_a_full_topic_drops_the_oldest_of_who_holds_most() -> None:
    store = Store(SMALL)
    for number in (1, 2, 3):
        put(store, number, source=b"flood")
    put(store, 4, source=b"honest")
    assert put(store, 5, source=b"newcomer")
    assert under(store) == [2, 3, 4, 5]


def test_who_holds_most_drops_an_envelope_of_its_own() -> None:
    store = Store(SMALL)
    put(store, 1, source=b"honest")
    for number in range(2, 40):
        assert put(store, number, source=b"flood")
    assert under(store) == [1, 37, 38, 39]
    assert store.crowded_out == 35


def test_a_topic_full_of_as_many_addresses_refuses() -> None:
    store = Store(SMALL)
    for number in (1, 2, 3, 4):
        put(store, number, source=bytes([number]))
    assert not put(store, 5, source=b"newcomer")
    assert put(store, 5, source=bytes([2]))
    assert under(store) == [1, 3, 4, 5]


def test_an_address_beyond_its_share_loses_its_own_oldest() -> None:
    store = Store(SMALL)
    put(store, 1000, topic=OTHER, source=b"honest")
    for number in range(100):
        assert put(store, number, topic=channel(number), source=b"flood", size=1000)
    most = SMALL.kept_bytes_an_address // (1000 + OVERHEAD)
    assert store.count == most + 1
    assert under(store, channel(99)) == [99]
    assert under(store, channel(0)) == []
    assert under(store, OTHER) == [1000]


def test_a_full_store_drops_from_the_heaviest_and_leaves_the_modest_alone() -> None:
    store = Store(SMALL)
    for number in range(10):
        put(store, number, topic=channel(number), source=bytes([number]))
    for number in range(100, 400):
        source = b"flood" + bytes([number % 8])
        assert put(store, number, topic=channel(number), source=source, size=1000)
    assert store.bytes <= SMALL.kept_bytes
    assert all(under(store, channel(number)) == [number] for number in range(10))
    assert under(store, channel(399)) == [399]


def test_one_envelope_larger_than_a_tiny_store_does_not_hang() -> None:
    store = Store(replace(SMALL, kept_bytes=1000, kept_bytes_an_address=1000))
    put(store, 1, size=300)
    assert put(store, 2, size=900)
    assert under(store) == [2]


PUTS = st.lists(
    st.tuples(
        st.integers(0, 20), st.integers(0, 3), st.integers(0, 5), st.integers(1, 9), st.integers(4, 3000)
    ),
    max_size=80,
)


@given(PUTS)
def test_bounds_hold_and_the_figures_add_up(puts: list[tuple[int, int, int, int, int]]) -> None:
    store, now = Store(SMALL), 0.0
    for number, topic, source, lifetime, size in puts:
        now += 0.7
        stored = put(
            store,
            number,
            topic=bytes([topic]) * 32,
            source=bytes([source]),
            lifetime=lifetime,
            size=size,
            now=now,
        )
        listed = [under(store, bytes([one]) * 32, now) for one in range(4)]
        if stored:
            assert listed[topic][-1] == number
        assert all(len(one) <= SMALL.kept_a_topic for one in listed)
        assert sum(map(len, listed)) == store.count
        assert store.bytes <= SMALL.kept_bytes
    store.expire(now + 20)
    assert (store.count, store.bytes, store.topics) == (0, 0, 0)
    assert not store._sources
    assert not store._ending
