"""Whose beats are expected, and where."""

from __future__ import annotations

import asyncio

from stardust.signaling import followed
from stardust.signaling.followed import Followed
from stardust.signaling.topics import EPOCH_S, beat_channel, beat_topic
from stardust.wire.ids import DeviceId

ANN, BOB = DeviceId(b"a" * 32), DeviceId(b"b" * 32)
KEY, OTHER = b"k" * 32, b"o" * 32
NOON = 20_000 * EPOCH_S + EPOCH_S // 2
MIDNIGHT = 20_000 * EPOCH_S
STORE = "statements"


def test_each_key_has_one_topic_and_two_about_midnight() -> None:
    followed = Followed()
    followed.replace({ANN: KEY, BOB: OTHER})
    assert followed.topics(NOON, STORE) == {
        beat_topic(KEY, 20_000, STORE): (ANN,),
        beat_topic(OTHER, 20_000, STORE): (BOB,),
    }
    assert set(followed.topics(MIDNIGHT, STORE)) == {
        beat_topic(key, epoch, STORE) for key in (KEY, OTHER) for epoch in (19_999, 20_000)
    }


def test_days_and_keys_have_nothing_in_common() -> None:
    assert len({beat_topic(key, epoch, STORE) for key in (KEY, OTHER) for epoch in range(100)}) == 200


def test_stores_have_no_topic_or_channel_in_common() -> None:
    followed = Followed()
    followed.replace({ANN: KEY, BOB: OTHER})
    topics = [followed.topics(MIDNIGHT, store) for store in ("statements", "rendezvous")]
    assert len(topics[0].keys() | topics[1].keys()) == 8
    assert beat_channel(KEY, 20_000, "statements") != beat_channel(KEY, 20_000, "rendezvous")


async def test_a_change_is_told_and_no_change_is_not() -> None:
    followed = Followed()
    known = followed.keys
    waiting = asyncio.create_task(followed.changed(known))
    followed.replace({})
    await asyncio.sleep(0)
    assert not waiting.done()
    followed.replace({ANN: KEY})
    await waiting
    await followed.changed(known)  # also one that came before anybody waited
    followed.replace({ANN: OTHER})
    assert set(followed.topics(NOON, STORE).values()) == {(ANN,)}
    assert beat_topic(KEY, 20_000, STORE) not in followed.topics(NOON, STORE)


def test_there_are_never_too_many() -> None:
    many = {DeviceId(number.to_bytes(32, "big")): KEY for number in range(followed.MAX_FOLLOWED + 10)}
    subject = Followed()
    subject.replace(many)
    assert len(subject.keys) == followed.MAX_FOLLOWED
