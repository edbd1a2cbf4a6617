"""Decoders of what other devices send: wire forms, links, descriptions, envelopes."""

from __future__ import annotations

from typing import Any

import msgspec

from stardust.errors import DecodeError
from stardust.identity.devices import DeviceKeys, sealing_key
from stardust.link import framing
from stardust.link.errors import DescriptionError
from stardust.link.sdp import from_sdp, to_sdp
from stardust.rendezvous.door import source_of
from stardust.signaling import beats, envelope
from stardust.signaling.errors import EnvelopeError
from stardust.signaling.padding import pad
from stardust.wire import codec
from stardust.wire.descriptions import ANSWER, OFFER
from stardust.wire.frames import FRAME
from stardust.wire.items import BUNDLE, ITEM, PROFILE
from stardust.wire.links import INVITE, SAFETY_CODE, SIGNED_INVITE
from stardust.wire.presence import BEAT, SIGNED_BEAT, SignedBeat
from stardust.wire.rendezvous import NOTICE, REQUEST
from stardust.wire.signals import SIGNAL, SIGNED_SIGNAL, Signal, SignalKind, SignedSignal
from tests.fuzz.decoder import Decoder, golden, text
from tests.unit.identity.helpers import GENESIS, device, record
from tests.vectors.beats import AT, BEATS, KEY, sealed_raw
from tests.vectors.forms import ALICE, DESCRIPTION, ID, OPENED_AT, SMALLEST
from tests.vectors.make import stored

RECEIVER: DeviceKeys = device("two")
SEALING_KEY = sealing_key(record("two"))


def _form(name: str, decoder: codec.Decoder[Any], path: str, *seeds: Any) -> Decoder:
    """A form is accepted only if its encoding is decoded to it again."""

    def decode(data: bytes) -> object:
        form = decoder.decode(data)
        assert decoder.decode(codec.encode(form)) == form
        return form

    return Decoder(
        name,
        decode,
        lambda: [one for seed in seeds for one in golden(*seed)],
        refuses=(DecodeError,),
        covers=(f"wire.{path}",),
    )


def _descriptions(data: bytes) -> object:
    """What another device offers is made into SDP for the engine: it stays the same description."""
    description = OFFER.decode(data).description
    again = from_sdp(to_sdp(description))
    assert again.ufrag == description.ufrag
    assert again.password == description.password
    assert again.fingerprint == description.fingerprint
    assert (again.setup, again.sctp_port) == (description.setup, description.sctp_port)
    return again


def _opened(data: bytes) -> object:
    return envelope.open_envelope(data, RECEIVER, GENESIS, OPENED_AT)


def _sealed(data: bytes) -> object:
    """Any content, sealed as it should be."""
    info = b"stardust:signal:v1" + GENESIS + RECEIVER.device
    sealed = envelope._SUITE.encrypt(data, SEALING_KEY, info=info)
    return _opened(bytes([envelope.VERSION, envelope.SUITE_ID]) + sealed)


def _beat(data: bytes) -> object:
    return beats.open_beat(data, device("one").device, KEY, GENESIS, AT / 1000)


def _signed_beats() -> list[bytes]:
    bodies = [codec.encode(beat) for beat in BEATS]
    signed = [SignedBeat(body, device("one").sign(beats.SIGNED + GENESIS + body)) for body in bodies]
    return [codec.encode(one) for one in signed]


def _contents() -> list[bytes]:
    """Signed signals, padded to the sizes of envelopes."""
    sender = device("one")
    signals = [Signal(ID, SignalKind.PING, GENESIS, ALICE, sender.device, RECEIVER.device, OPENED_AT, b"")]
    signals.append(msgspec.structs.replace(signals[0], kind=SignalKind.OFFER, payload=bytes(2600)))
    bodies = [codec.encode(signal) for signal in signals]
    return [pad(codec.encode(SignedSignal(body, sender.sign(body))), envelope.BUCKETS) for body in bodies]


ENVELOPE = (DecodeError, EnvelopeError)

DECODERS = (
    _form("frames", FRAME, "frames.FRAME", ("edges", "frames"), ("delivery", "frames")),
    _form("items", ITEM, "items.ITEM", ("edges", "items", "accepted"), ("delivery", "items")),
    _form("bundles", BUNDLE, "items.BUNDLE", ("edges", "items", "bundles"), ("delivery", "bundle")),
    _form("profiles", PROFILE, "items.PROFILE", ("delivery", "profile")),
    _form("invites", INVITE, "links.INVITE", ("edges", "link_payloads")),
    _form("signed invites", SIGNED_INVITE, "links.SIGNED_INVITE", ("edges", "link_payloads")),
    _form("safety codes", SAFETY_CODE, "links.SAFETY_CODE", ("edges", "link_payloads")),
    _form("signals", SIGNAL, "signals.SIGNAL", ("edges", "signals")),
    Decoder(
        "signed signals",
        SIGNED_SIGNAL.decode,
        lambda: golden("signals", key="signed"),
        refuses=(DecodeError,),
        covers=("wire.signals.SIGNED_SIGNAL",),
    ),
    _form("requests to a rendezvous", REQUEST, "rendezvous.REQUEST", ("rendezvous", "requests", "accepted")),
    _form("notices of a rendezvous", NOTICE, "rendezvous.NOTICE", ("rendezvous", "notices", "accepted")),
    Decoder(
        "addresses that a proxy forwards",
        lambda data: source_of(text(data)),
        lambda: [b"192.0.2.1", b" 2001:db8::1", b"fe80::1%eth0", b"::ffff:192.0.2.1"],
        refuses=(),
        covers=("rendezvous.door.source_of",),
        largest=8192,
    ),
    _form("offers", OFFER, "descriptions.OFFER", ("edges", "descriptions")),
    _form("answers", ANSWER, "descriptions.ANSWER", ("edges", "descriptions")),
    Decoder(
        "link messages",
        framing.parse,
        lambda: golden("edges", "link_messages"),
        refuses=(DecodeError,),
        covers=("link.framing.parse",),
    ),
    Decoder(
        "descriptions as SDP",
        _descriptions,
        lambda: golden("edges", "descriptions"),
        refuses=(DecodeError,),
        covers=("link.sdp.from_sdp",),
    ),
    Decoder(
        "SDP",
        lambda data: from_sdp(text(data)),
        lambda: [to_sdp(one).encode() for one in (DESCRIPTION, SMALLEST)],
        refuses=(DescriptionError,),
        covers=("link.sdp.from_sdp",),
    ),
    Decoder(
        "envelopes",
        _opened,
        lambda: [bytes.fromhex(one["envelope"]) for one in stored("envelopes")["envelopes"]],
        refuses=ENVELOPE,
        covers=("signaling.envelope.open_envelope",),
        largest=8192,
    ),
    Decoder(
        "beats",
        BEAT.decode,
        lambda: golden("beats", "accepted", key="body"),
        refuses=(DecodeError,),
        covers=("wire.presence.BEAT",),
    ),
    Decoder(
        "signed beats",
        SIGNED_BEAT.decode,
        _signed_beats,
        refuses=(DecodeError,),
        covers=("wire.presence.SIGNED_BEAT",),
    ),
    Decoder(
        "sealed beats",
        _beat,
        lambda: golden("beats", "accepted"),
        refuses=ENVELOPE,
        covers=("signaling.beats.open_beat",),
    ),
    Decoder(
        "contents of beats",
        lambda data: _beat(sealed_raw(data)),
        lambda: [pad(one, (beats.PADDED,)) for one in _signed_beats()],
        refuses=ENVELOPE,
        covers=("signaling.beats.open_beat",),
    ),
    Decoder(
        "contents of envelopes",
        _sealed,
        _contents,
        refuses=ENVELOPE,
        covers=("signaling.envelope.open_envelope",),
        largest=8192,
    ),
)
