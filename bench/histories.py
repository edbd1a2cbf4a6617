"""A history as a person might have it, for figures that need no network."""

from __future__ import annotations

import os
import random
from hashlib import blake2b
from pathlib import Path

from stardust.history.models import Contact, ContactState, NewMessage
from stardust.history.store import Store, open_store
from stardust.wire.ids import AccountId, ConversationId, DeviceId, MessageId

KEY = bytes(range(32))
ME, BOB = AccountId(b"\x01" * 32), AccountId(b"\x02" * 32)
MINE, BOBS = DeviceId(b"\x11" * 32), DeviceId(b"\x12" * 32)
WITH_BOB = ConversationId(b"\x22" * 32)
BEGAN = 1_790_000_000_000
RARE = "perihelion"
"""A word of one message in a thousand."""
_VOWELS, _CONSONANTS = "aeiou", "bcdfghklmnprstvw"


def words(count: int) -> list[str]:
    """Made-up words of two or three syllables, always the same ones."""
    chance = random.Random(1)

    def word() -> str:
        syllables = chance.choice((2, 2, 3))
        return "".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(syllables))

    return [word() for _ in range(count)]


def new_history(path: Path) -> Store:
    """An empty one, encrypted, with one contact."""
    store = open_store(path, KEY, create=True)
    store.contacts.save(Contact(BOB, WITH_BOB, ContactState.ACCEPTED, name="Bob", added_at=BEGAN))
    return store


def message_id(number: int) -> MessageId:
    return MessageId(blake2b(number.to_bytes(8, "big"), digest_size=16).digest())


def write(store: Store, first: int, count: int) -> None:
    """Messages of 3 to 25 words in turns, from number ``first`` on; frequent words are frequent."""
    vocabulary = words(4000)
    chance = random.Random(first)
    with store.transaction():
        for number in range(first, first + count):
            picks = (int(len(vocabulary) * chance.random() ** 3) for _ in range(chance.randint(3, 25)))
            body = " ".join(vocabulary[pick] for pick in picks)
            outgoing = bool(number % 2)
            store.messages.add(
                NewMessage(
                    id=message_id(number),
                    conversation=WITH_BOB,
                    sender=ME if outgoing else BOB,
                    device=MINE if outgoing else BOBS,
                    outgoing=outgoing,
                    body=f"{body} {RARE}" if number % 1000 == 500 else body,
                    sent_at=BEGAN + number * 60_000,
                    stored_at=BEGAN + number * 60_000,
                    devices=(BOBS,) if outgoing else (),
                )
            )


def attach(store: Store, total: int, size: int) -> None:
    """Files of ``size`` bytes that cannot be compressed, ``total`` bytes in all, to the first messages."""
    for number in range(total // size):
        store.attachments.add(message_id(number), f"photo-{number}.jpg", "image/jpeg", os.urandom(size))
