"""What an offer or answer carries: a WebRTC session description, reduced to what a data channel needs.

Sources: RFC 8839 (candidates, ufrag, pwd), RFC 8122 (fingerprint), RFC 8842 (setup), RFC 8841
(sctp-port, max-message-size). As SDP it is about 1 kB; this form is a few hundred bytes.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from stardust.wire.codec import U32, Decoder, Form

MAX_CANDIDATES: Final = 24
MAX_DESCRIPTION: Final = 2500

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
IceText = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9+/]+\Z", max_length=256)]
Host = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z:.\-]+\Z", max_length=64)]
AttemptId = Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]


class Candidate(Form, frozen=True, tag=1):
    """One way to reach the sender (RFC 8839, section 5.1); component 1 only."""

    foundation: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9+/]+\Z", max_length=32)]
    transport: Literal["udp", "tcp"]
    priority: U32
    address: Host
    port: Port
    kind: Literal["host", "srflx", "prflx", "relay"]
    related_address: Host | None = None
    related_port: Port | None = None
    tcp_type: Literal["active", "passive", "so"] | None = None


class Description(Form, frozen=True, tag=2):
    """One side of a connection."""

    hidden = frozenset({"password"})
    ufrag: IceText
    password: IceText
    fingerprint: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    """SHA-256 of the DTLS certificate."""
    setup: Literal["actpass", "active", "passive"]
    sctp_port: Port
    max_message_size: U32
    candidates: Annotated[tuple[Candidate, ...], msgspec.Meta(max_length=MAX_CANDIDATES)]


class Offer(Form, frozen=True, tag=3):
    """Let us connect. ``attempt`` names this try; the answer repeats it."""

    attempt: AttemptId
    description: Description


class Answer(Form, frozen=True, tag=4):
    """Yes, like this."""

    attempt: AttemptId
    description: Description


OFFER: Decoder[Offer] = Decoder(Offer, limit=MAX_DESCRIPTION)
ANSWER: Decoder[Answer] = Decoder(Answer, limit=MAX_DESCRIPTION)
