"""Golden vectors of statements that carry signals (docs/protocol.md, statement store)."""

from __future__ import annotations

from typing import Any

from stardust.signaling import statement
from stardust.signaling.topics import channel, own_topic, pair_topic
from tests.unit.identity.helpers import GENESIS, device
from tests.vectors.forms import refused
from tests.vectors.plain import plain
from tests.vectors.topics import EPOCH

EXPIRES = 1_800_000_120
STORE = "statements"
ENVELOPE = bytes(range(256)) * 5


def example(topics: int = 2, data: bytes = ENVELOPE) -> bytes:
    """From device one to device two."""
    one, two = device("one"), device("two").device
    key = one.pair_key(two, GENESIS)
    made = (pair_topic(key, two, EPOCH, STORE), own_topic(bytes(32), EPOCH), bytes(32))[:topics]
    return statement.sign(one, EXPIRES << 32 | 7, channel(key, two, EPOCH, 0, STORE), made, data)


def statements() -> dict[str, Any]:
    good = example()
    topic = 1 + 98 + 9 + 33
    accepted = [good, example(topics=1, data=bytes(statement.MIN_DATA)), example(topics=3, data=bytes(4096))]
    decryption_key = bytes([good[0] + 4]) + good[1:99] + b"\x01" + bytes(32) + good[99:]
    return {
        "about": "docs/protocol.md, statement store: SCALE statements of device one, and what is refused.",
        "accepted": [
            {
                "fields": plain(statement.decode(encoded)),
                "digest": statement.digest_of(encoded).hex(),
                "encoded": encoded.hex(),
            }
            for encoded in accepted
        ],
        "refused": refused(
            nothing=b"",
            cut_off=good[:-1],
            more_after_the_end=good + b"\x00",
            without_a_proof=bytes([good[0] - 4]) + good[99:],
            a_proof_by_sr25519=good[:2] + b"\x00" + good[3:],
            a_decryption_key=decryption_key,
            a_topic_twice=good[:topic] + good[topic + 33 : topic + 66] * 2 + good[topic + 66 :],
            a_field_too_many=bytes([good[0] + 4]) + good[1:],
            a_length_in_four_bytes=good[: topic + 67]
            + (len(ENVELOPE) << 2 | 2).to_bytes(4, "little")
            + ENVELOPE,
        ),
    }
