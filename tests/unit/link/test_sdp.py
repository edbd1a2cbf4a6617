"""Descriptions survive the way through both forms, and nothing else gets in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.errors import RemoteError
from stardust.link.errors import DescriptionError
from stardust.link.sdp import from_sdp, to_sdp
from stardust.wire.codec import encode
from stardust.wire.descriptions import (
    MAX_CANDIDATES,
    MAX_DESCRIPTION,
    OFFER,
    Candidate,
    Description,
    Offer,
)

ICE_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"

candidates = st.builds(
    Candidate,
    foundation=st.text("0123456789abcdef", min_size=1, max_size=32),
    transport=st.just("udp"),
    priority=st.integers(0, 2**32 - 1),
    address=st.ip_addresses().map(str),
    port=st.integers(0, 65535),
    kind=st.sampled_from(["host", "srflx", "relay"]),
)
descriptions = st.builds(
    Description,
    ufrag=st.text(ICE_CHARACTERS, min_size=4, max_size=32),
    password=st.text(ICE_CHARACTERS, min_size=22, max_size=64),
    fingerprint=st.binary(min_size=32, max_size=32),
    setup=st.sampled_from(["actpass", "active", "passive"]),
    sctp_port=st.integers(0, 65535),
    max_message_size=st.integers(0, 2**32 - 1),
    candidates=st.lists(candidates, max_size=10, unique=True).map(tuple),
)

FINGERPRINT = ":".join(["AB"] * 32)
CHROMIUM = f"""v=0\r
o=- 4611731400430051336 2 IN IP4 127.0.0.1\r
s=-\r
t=0 0\r
a=group:BUNDLE 0\r
a=extmap-allow-mixed\r
a=msid-semantic: WMS\r
m=application 52417 UDP/DTLS/SCTP webrtc-datachannel\r
c=IN IP4 192.0.2.7\r
a=candidate:1467250027 1 udp 2122260223 192.0.2.7 52417 typ host generation 0 network-id 1\r
a=candidate:1467250027 2 udp 2122260222 192.0.2.7 52418 typ host generation 0 network-id 1\r
a=candidate:435653019 1 tcp 1845501695 203.0.113.9 9 typ srflx raddr 192.0.2.7 rport 9 tcptype active\r
a=ice-ufrag:8hhY\r
a=ice-pwd:asd88fgpdd777uzjYhagZg4x\r
a=ice-options:trickle\r
a=fingerprint:sha-256 {FINGERPRINT}\r
a=setup:actpass\r
a=mid:0\r
a=sctp-port:5000\r
a=max-message-size:262144\r
"""


@given(descriptions)
def test_a_description_survives_sdp(description: Description) -> None:
    back = from_sdp(to_sdp(description))
    assert set(back.candidates) == set(description.candidates)
    assert to_sdp(from_sdp(to_sdp(back))) == to_sdp(back)
    assert back.fingerprint == description.fingerprint


@given(descriptions)
def test_an_offer_survives_the_wire(description: Description) -> None:
    offer = Offer(bytes(8), description)
    assert OFFER.decode(encode(offer)) == offer


def test_chromium_is_understood() -> None:
    description = from_sdp(CHROMIUM)
    assert [(one.kind, one.port) for one in description.candidates] == [("host", 52417), ("srflx", 9)]
    assert description.fingerprint == b"\xab" * 32
    assert "a=end-of-candidates" in to_sdp(description)


def test_too_many_candidates_keep_those_beyond_the_nat() -> None:
    lines = [f"a=candidate:{n} 1 udp {n} 10.0.0.{n} {n} typ host" for n in range(1, 60)]
    lines += ["a=candidate:99 1 udp 9 203.0.113.1 9 typ relay raddr 10.0.0.1 rport 1"]
    description = from_sdp(CHROMIUM + "\r\n".join(lines) + "\r\n")
    assert len(description.candidates) <= MAX_CANDIDATES
    assert "relay" in {one.kind for one in description.candidates}
    assert len(encode(Offer(bytes(8), description))) <= MAX_DESCRIPTION


@pytest.mark.parametrize("gone", ["a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=setup", "a=sctp-port"])
def test_a_description_without_a_needed_line_is_refused_by_name(gone: str) -> None:
    text = "\r\n".join(line for line in CHROMIUM.split("\r\n") if not line.startswith(gone))
    with pytest.raises(DescriptionError, match=gone.removeprefix("a=")):
        from_sdp(text)


@pytest.mark.parametrize("evil", ["x\r\na=candidate:1 1 udp 1 6.6.6.6 1 typ host", "x\n", "x\r"])
def test_line_breaks_cannot_be_smuggled_into_sdp(evil: str) -> None:
    encoded = encode(Offer(bytes(8), Description(evil, "p" * 22, bytes(32), "active", 1, 1, ())))
    with pytest.raises(RemoteError):
        OFFER.decode(encoded)


@given(st.text(max_size=500))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        from_sdp(text)
    except DescriptionError:
        return


@given(st.binary(max_size=600))
def test_garbage_is_no_offer(garbage: bytes) -> None:
    try:
        OFFER.decode(garbage)
    except RemoteError:
        return
