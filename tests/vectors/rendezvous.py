"""Golden vectors of what a client and a rendezvous say to each other (docs/protocol.md, rendezvous)."""

from __future__ import annotations

from typing import Any

from stardust.wire.codec import encode
from stardust.wire.rendezvous import (
    MAX_LIFETIME,
    TOPICS_AT_ONCE,
    Arrived,
    Hello,
    Ok,
    Publish,
    Refused,
    Subscribe,
    Unsubscribe,
    Welcome,
)
from stardust.wire.signals import MAX_ENVELOPE
from tests.vectors.forms import array, refused, vector

TOPIC, OTHER, CHANNEL = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
LONGEST = (bytes(range(256)) * 16)[:MAX_ENVELOPE]


def rendezvous() -> dict[str, Any]:
    return {
        "about": "docs/protocol.md, rendezvous: what a client says, what a server says, a conversation.",
        "requests": {"accepted": [vector(form) for form in REQUESTS], "refused": _no_requests()},
        "notices": {"accepted": [vector(form) for form in NOTICES], "refused": _no_notices()},
        "conversation": [
            {"from": who, "form": type(form).__name__, "encoded": encode(form).hex()}
            for who, form in CONVERSATION
        ],
    }


REQUESTS = (
    Hello(1),
    Hello(65_535),
    Subscribe(0, (TOPIC,)),
    Subscribe(2**32 - 1, tuple(bytes([number]) * 32 for number in range(TOPICS_AT_ONCE))),
    Unsubscribe(1, (TOPIC, OTHER)),
    Publish(2, TOPIC, CHANNEL, 1, b"\x01"),
    Publish(2**32 - 1, TOPIC, CHANNEL, MAX_LIFETIME, LONGEST),
)
NOTICES = (
    Welcome(1, 8192),
    Arrived(TOPIC, b"\x01"),
    Arrived(TOPIC, LONGEST),
    Ok(0),
    *(Refused(2**32 - 1, reason) for reason in ("version", "busy", "full", "topics")),
)
CONVERSATION = (
    ("client", Hello(1)),
    ("server", Welcome(1, 8192)),
    ("client", Subscribe(1, (TOPIC,))),
    ("server", Ok(1)),
    ("client", Publish(2, OTHER, CHANNEL, 120, b"sealed for somebody else")),
    ("server", Arrived(TOPIC, b"sealed by somebody else")),
    ("server", Ok(2)),
)


def _no_requests() -> list[dict[str, str]]:
    return refused(
        nothing=b"",
        what_only_a_server_says=encode(Ok(1)),
        a_hello_of_version_0=array(1, 0),
        no_topic=array(2, 1, ()),
        topics_129=array(2, 1, (TOPIC,) * (TOPICS_AT_ONCE + 1)),
        a_topic_of_31_bytes=array(2, 1, (TOPIC[1:],)),
        a_request_number_of_33_bits=array(3, 2**32, (TOPIC,)),
        a_channel_of_33_bytes=array(4, 1, TOPIC, CHANNEL + b"x", 60, b"x"),
        a_lifetime_of_0=array(4, 1, TOPIC, CHANNEL, 0, b"x"),
        a_lifetime_of_901=array(4, 1, TOPIC, CHANNEL, MAX_LIFETIME + 1, b"x"),
        an_empty_envelope=array(4, 1, TOPIC, CHANNEL, 60, b""),
        an_envelope_of_4097_bytes=array(4, 1, TOPIC, CHANNEL, 60, LONGEST + b"x"),
        a_field_too_many=array(1, 1, None),
        more_after_the_end=encode(Hello(1)) + b"\x00",
    )


def _no_notices() -> list[dict[str, str]]:
    return refused(
        nothing=b"",
        what_only_a_client_says=encode(Hello(1)),
        an_unknown_reason=array(8, 1, "bored"),
        an_arrival_without_a_topic=array(6, b"", b"x"),
        an_envelope_of_4097_bytes=array(6, TOPIC, LONGEST + b"x"),
        a_field_too_few=array(5, 1),
    )
