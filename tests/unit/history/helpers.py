"""Small people and messages for the tests of the database."""

from __future__ import annotations

import random
from hashlib import blake2b

from stardust.history.models import Contact, ContactState, NewMessage
from stardust.history.store import Store
from stardust.wire.ids import AccountId, ConversationId, DeviceId, MessageId

KEY = bytes(range(32))
ME = AccountId(b"\x01" * 32)
BOB = AccountId(b"\x02" * 32)
MY_DEVICE = DeviceId(b"\x11" * 32)
BOBS_DEVICE = DeviceId(b"\x12" * 32)
BOBS_TABLET = DeviceId(b"\x13" * 32)
WITH_BOB = ConversationId(b"\x22" * 32)
NOW = 1_790_000_000_000


def message_id(number: int) -> MessageId:
    return MessageId(blake2b(number.to_bytes(8, "big"), digest_size=16).digest())


def bob(state: ContactState = ContactState.ACCEPTED) -> Contact:
    return Contact(BOB, WITH_BOB, state, name="Bob", added_at=NOW)


def outgoing(number: int, body: str = "hello", *, at: int | None = None) -> NewMessage:
    time = NOW + number if at is None else at
    return NewMessage(
        id=message_id(number),
        conversation=WITH_BOB,
        sender=ME,
        device=MY_DEVICE,
        outgoing=True,
        body=body,
        sent_at=time,
        stored_at=time,
        devices=(BOBS_DEVICE,),
    )


def incoming(
    number: int, body: str = "hello", *, sent_at: int | None = None, stored_at: int | None = None
) -> NewMessage:
    return NewMessage(
        id=message_id(number),
        conversation=WITH_BOB,
        sender=BOB,
        device=BOBS_DEVICE,
        outgoing=False,
        body=body,
        sent_at=NOW + number if sent_at is None else sent_at,
        stored_at=NOW + number if stored_at is None else stored_at,
    )


WORDS = """
about after again always around because before better between bread bring called coffee come could
day different dinner does done door early enough every far few first found friend garden give going
good great have hear home hope house idea just keep kind know last later leave letter little long
look made maybe meet minute money morning never night nothing often other people place please
question quite rain ready really right said school send shall should small somebody soon still story
street such sure table talk thanks there thing think though ticket time today together tomorrow
train under until very wait walk want water week well were when where which while window without
wonder work write year yesterday
"""


def chatter(randomness: random.Random) -> str:
    """What people write: 3 to 25 words."""
    return " ".join(randomness.choices(WORDS.split(), k=randomness.randint(3, 25)))


def fill(store: Store, count: int, *, body: str = "message number {}") -> None:
    """``count`` messages with Bob in one transaction, in turns."""
    with store.transaction():
        store.contacts.save(bob())
        for number in range(count):
            make = outgoing if number % 2 else incoming
            store.messages.add(make(number, body.format(number)))
