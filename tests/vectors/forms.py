"""Golden vectors of the wire forms: the edges of what is accepted, and what is refused.

``delivery.json``, ``signals.json``, ``invites.json`` and ``safety.json`` have the ordinary ones.
"""

from __future__ import annotations

from typing import Any

import msgspec

from stardust.daemon.ids import direct_conversation
from stardust.identity.invites import SIGNED, make_invite
from stardust.identity.profiles import sign_profile
from stardust.link import framing
from stardust.link.sdp import to_sdp
from stardust.signaling.envelope import seal
from stardust.wire.codec import Form, encode
from stardust.wire.descriptions import Answer, Candidate, Description, Offer
from stardust.wire.frames import MAX_MISSING, MAX_NUMBER, MAX_REFUSED, Ack, Clock, Data, Reset, Resume
from stardust.wire.items import (
    Bundle,
    ContactAnswer,
    ContactRequest,
    PresenceKey,
    Profile,
    ReadReceipt,
    Text,
    Void,
)
from stardust.wire.links import SafetyCode, SignedInvite
from stardust.wire.signals import Signal, SignalKind
from tests.unit.identity.helpers import GENESIS, account, device, record
from tests.vectors.plain import plain

STREAM = b"stream 1"
OTHER_STREAM = b"stream 2"
ID = bytes(range(0x10, 0x20))
OTHER_ID = bytes(range(0x20, 0x30))
ALICE, BOB = account("alice").account, account("bob").account
CONVERSATION = direct_conversation(ALICE, BOB)
SENT_AT = 1_800_000_000_123
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


def vector(form: Form) -> dict[str, Any]:
    return {"fields": plain(form), "encoded": encode(form).hex()}


def refused(**cases: bytes) -> list[dict[str, str]]:
    """What a strict decoder does not take, and why."""
    return [{"why": why.replace("_", " "), "encoded": data.hex()} for why, data in cases.items()]


def array(*values: Any) -> bytes:
    return msgspec.msgpack.encode(values)


FRAMES: tuple[Form, ...] = (
    Data(STREAM, 0, 1, 0, b""),
    Data(OTHER_STREAM, MAX_NUMBER, 256, 1, bytes(range(256))),
    Ack(STREAM, MAX_NUMBER, tuple((2 * n, 1) for n in range(MAX_MISSING)), tuple(range(MAX_REFUSED))),
    Ack(STREAM, 1, ((5, 2**31),), ()),
    Reset(STREAM, 0, b"digest 8", "undecryptable"),
    Resume(STREAM, 0, Ack(OTHER_STREAM, 0), True),
    Clock(0),
    Clock(2**63 - 1, SENT_AT),
)


def frames() -> dict[str, Any]:
    return {
        "about": "docs/protocol.md, frames: the edges. A Data frame's largest ciphertext is 65408 bytes.",
        "accepted": [vector(form) for form in FRAMES],
        "refused": refused(
            nothing=b"",
            an_unknown_tag=array(9, STREAM, 0),
            a_stream_id_of_seven_bytes=array(2, STREAM[:7], 0, (), ()),
            a_field_too_many=array(3, STREAM, 3, b"digest 8", "no_session", None),
            a_field_too_few=array(1, STREAM, 0, 1, 0),
            no_item_at_all=array(1, STREAM, 0, 0, 0, b""),
            a_time_before_1970=array(5, -1, None),
            items_257=array(1, STREAM, 0, 257, 0, b""),
            an_Olm_type_that_does_not_exist=array(1, STREAM, 0, 1, 2, b""),
            a_number_beyond_2_to_the_62=array(2, STREAM, MAX_NUMBER + 1, (), ()),
            a_number_below_zero=array(2, STREAM, -1, (), ()),
            a_number_with_a_fraction=array(2, STREAM, 1.0, (), ()),
            text_where_bytes_belong=array(2, STREAM.decode(), 0, (), ()),
            more_after_the_end=encode(Ack(STREAM, 0)) + b"\x00",
            cut_off=encode(Ack(STREAM, 0))[:-1],
            an_unknown_reason=array(3, STREAM, 3, b"digest 8", "bored"),
            a_gap_of_nothing=array(2, STREAM, 0, ((1, 0),), ()),
            gaps_33=array(2, STREAM, 0, tuple((one, 1) for one in range(MAX_MISSING + 1)), ()),
            a_map=msgspec.msgpack.encode({"tag": 2, "stream": STREAM, "next": 0}),
        ),
    }


ITEMS: tuple[Form, ...] = (
    Text(bytes(16), bytes(32), 0, "x"),
    Text(ID, CONVERSATION, 2**63 - 1, "Zoë ⭐ 你好\n\x00", OTHER_ID),
    ReadReceipt(CONVERSATION, (ID,), 0),
    ContactRequest(b"", "", ""),
    ContactRequest(bytes(range(32)), "n" * 64, "ä" * 280),
    ContactAnswer(False, ""),
    Void("expired"),
    Void("withdrawn"),
    PresenceKey(0, None),
    PresenceKey(2**63 - 1, bytes(range(32))),
)


def items() -> dict[str, Any]:
    raw = tuple(msgspec.Raw(encode(form)) for form in ITEMS[:3])
    strange = (msgspec.Raw(array(99, "of a later version")), msgspec.Raw(array()))
    return {
        "about": "docs/protocol.md, items: the edges. The items of a bundle are decoded one by one:"
        " a strange one is refused by its number, the bundle is not.",
        "accepted": [vector(form) for form in ITEMS],
        "bundles": [vector(Bundle(STREAM, MAX_NUMBER, (*raw, *strange)))],
        "refused": refused(
            an_empty_text=array(1, ID, CONVERSATION, SENT_AT, "", None),
            an_id_of_fifteen_bytes=array(1, ID[:15], CONVERSATION, SENT_AT, "Hello", None),
            a_time_below_zero=array(1, ID, CONVERSATION, -1, "Hello", None),
            a_text_that_is_no_UTF_8=array(1, ID, CONVERSATION, SENT_AT, "ell", None).replace(
                b"ell", b"\xff" * 3
            ),
            a_receipt_for_nothing=array(2, CONVERSATION, (), SENT_AT),
            a_name_of_65_characters=array(5, True, "x" * 65),
            a_number_for_yes=array(5, 1, "Bob"),
            an_unknown_reason=array(6, "bored"),
            a_presence_key_of_31_bytes=array(9, 1, bytes(31)),
            a_presence_key_without_a_generation=array(9, bytes(32)),
            a_bundle_inside_a_bundle=encode(Bundle(STREAM, 40, raw)),
        ),
    }


def profiles() -> dict[str, Any]:
    """ed25519 signs deterministically, so these are checked both ways."""
    known = (
        Profile(ALICE, 1, "Alice", "", b""),
        Profile(ALICE, 2**63 - 1, "Zoë ⭐", "Two\nlines", PNG),
    )
    return {
        "about": 'docs/protocol.md, profiles. The device signs "stardust:profile:v1" and the body.',
        "device": device("one").device.hex(),
        "accepted": [
            {"fields": plain(profile), "signed": encode(sign_profile(profile, device("one"))).hex()}
            for profile in known
        ],
    }


CANDIDATES = (
    Candidate("1", "udp", 2_130_706_431, "192.0.2.7", 50_000, "host"),
    Candidate("b2", "udp", 2_130_706_175, "2001:db8::7", 50_001, "host"),
    Candidate("c3", "tcp", 1_671_430_143, "192.0.2.7", 9, "host", tcp_type="active"),
    Candidate("d4", "udp", 1_694_498_815, "203.0.113.9", 50_002, "srflx", "192.0.2.7", 50_000),
    Candidate("e5", "udp", 16_777_215, "198.51.100.3", 49_152, "relay", "203.0.113.9", 50_002),
)
DESCRIPTION = Description(
    "ufrag/+1", "password0123456789abcd", bytes(range(32)), "actpass", 5000, 65_536, CANDIDATES
)
SMALLEST = Description("u", "p", bytes(32), "active", 0, 0, ())


def descriptions() -> dict[str, Any]:
    both = (DESCRIPTION, SMALLEST)
    fields = ("u", "p", bytes(32), "active", 0, 0, ())

    def changed(at: int, value: Any) -> bytes:
        return array(3, b"attempt1", (2, *fields[:at], value, *fields[at + 1 :]))

    return {
        "about": "docs/protocol.md, descriptions in offers and answers, and the SDP of each.",
        "accepted": [vector(make(b"attempt1", one)) for one in both for make in (Offer, Answer)],
        "sdp": [{"fields": plain(one), "lines": to_sdp(one).splitlines()} for one in both],
        "refused": refused(
            a_line_break_in_the_ufrag=changed(0, "u\r\na=x"),
            a_line_break_after_the_ufrag=changed(0, "u\n"),
            an_empty_password=changed(1, ""),
            a_fingerprint_of_31_bytes=changed(2, bytes(31)),
            an_unknown_role=changed(3, "holdconn"),
            a_port_beyond_65535=changed(4, 65_536),
            an_attempt_of_seven_bytes=array(3, b"attempt", (2, *fields)),
            an_address_with_a_space=changed(6, ((1, "1", "udp", 1, "a b", 1, "host", None, None, None),)),
            candidates_25=changed(6, ((1, "1", "udp", 1, "a", 1, "host", None, None, None),) * 25),
        ),
    }


def link_messages() -> dict[str, Any]:
    words = (framing.Ping(0), framing.Pong(2**32 - 1))
    return {
        "about": "docs/protocol.md, link: the first byte of a data channel message; the edges.",
        "accepted": [{"fields": plain(word), "encoded": framing.control(word).hex()} for word in words],
        "refused": refused(
            nothing=b"",
            an_unknown_kind=b"\x03",
            a_short_ping=b"\x01" + bytes(3),
            a_long_pong=b"\x02" + bytes(5),
        ),
    }


def link_payloads() -> dict[str, Any]:
    """The forms inside links of the kind that invites.json and safety.json show whole."""
    invite = make_invite(
        ALICE,
        device("one"),
        genesis=GENESIS,
        name="Zoë ⭐",
        expires=1_800_003_600,
        hints=("wss://one.example/rpc",),
        secret=bytes(range(16)),
    )
    body = encode(invite)
    return {
        "about": "docs/protocol.md, links: what stands after the version byte, before base64url.",
        "accepted": [
            vector(invite),
            vector(SignedInvite(body, device("one").sign(SIGNED + body))),
            vector(SafetyCode(ALICE, BOB, bytes(32), bytes([1]) * 32)),
        ],
        "refused": refused(
            an_invite_with_four_hints=array(1, ALICE, BOB, GENESIS, "", ID, ("ws://a",) * 4, 1),
            an_invite_with_a_secret_of_15_bytes=array(1, ALICE, BOB, GENESIS, "", ID[1:], (), 1),
            a_signature_of_63_bytes=array(2, body, bytes(63)),
        ),
    }


def signals() -> dict[str, Any]:
    """What is sealed into an envelope; sealing itself is never twice the same (envelopes.json)."""
    one, two = device("one"), device("two")
    made = [
        Signal(ID, kind, GENESIS, ALICE, one.device, two.device, 1_800_000_060, b"payload")
        for kind in SignalKind
    ]
    fields = (ID, 0, GENESIS, ALICE, bytes(one.device), bytes(two.device), 1_800_000_060, b"payload")
    return {
        "about": "docs/protocol.md, signals: each kind, and what is refused.",
        "accepted": [vector(signal) for signal in made],
        "refused": refused(
            an_unknown_kind=array(1, ID, 5, *fields[2:]),
            a_genesis_of_31_bytes=array(1, ID, 0, GENESIS[1:], *fields[3:]),
            a_payload_of_2601_bytes=array(1, *fields[:-1], bytes(2601)),
        ),
    }


OPENED_AT = 1_800_000_000


def record_envelopes() -> dict[str, Any]:
    """One of each size, from device one to device two; each seals under a fresh key."""
    one, two = device("one"), device("two")
    made = []
    for size in (0, 1200, 2600):
        signal = Signal(
            *(ID, SignalKind.OFFER, GENESIS, ALICE, one.device, two.device, OPENED_AT + 120),
            payload=(bytes(range(256)) * 11)[:size],
        )
        envelope = seal(signal, one, record("two"))
        made.append({"fields": plain(signal), "size": len(envelope), "envelope": envelope.hex()})
    return {
        "about": "docs/protocol.md, envelopes from one to two. Keys: version 1 and shake_256(name, 128).",
        "receiver": two.to_bytes().hex(),
        "genesis": GENESIS.hex(),
        "opened_at": OPENED_AT,
        "envelopes": made,
    }
