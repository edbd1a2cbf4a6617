"""Whatever value a type allows comes back from its encoding, also through all that wraps it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stardust.api.calls import CALLS, Call
from stardust.api.events import EVENTS, EventNotice
from stardust.api.frames import ErrorObject, Incoming, Request, Success, from_error_object, to_error_object
from stardust.backup import manifest
from stardust.backup.blocks import CID_SIZE, Cid, dag_cbor_cid
from stardust.backup.errors import BackupTamperedError
from stardust.backup.manifest import Head, Manifest, Root, decode_root
from stardust.backup.rows import MAX_ROW, STREAMS, ContactRow, MessageRow, Row, Rows, pack
from stardust.chain.records import hexed, unhexed
from stardust.daemon import config
from stardust.errors import DecodeError
from stardust.identity.accounts import AccountKey
from stardust.identity.address import from_address, to_address
from stardust.identity.keystore import export_keystore, import_keystore
from stardust.identity.records import Scheme
from stardust.identity.text import from_link, to_link
from stardust.identity.trust import Trust, accept, observe
from stardust.link import framing
from stardust.link.sdp import from_sdp, to_sdp
from stardust.signaling.envelope import open_envelope, seal
from stardust.wire import descriptions, frames, items, links, presence, rendezvous, signals
from stardust.wire.codec import Decoder, Form, encode
from stardust.wire.descriptions import Description
from stardust.wire.ids import AccountId
from tests.fuzz.examples import examples
from tests.fuzz.of_backup import restored
from tests.fuzz.of_identity import cheap_passphrases
from tests.fuzz.values import values
from tests.unit.history.helpers import WITH_BOB
from tests.unit.identity.helpers import GENESIS, device, record
from tests.vectors.backups import ROWS

FORMS: dict[type[Form], Decoder[Any]] = {
    **dict.fromkeys((frames.Data, frames.Ack, frames.Reset, frames.Resume, frames.Clock), frames.FRAME),
    **dict.fromkeys((items.Text, items.ReadReceipt, items.SignedProfile, items.ContactRequest), items.ITEM),
    **dict.fromkeys((items.ContactAnswer, items.Void, items.PresenceKey), items.ITEM),
    items.Bundle: items.BUNDLE,
    items.Profile: items.PROFILE,
    links.Invite: links.INVITE,
    links.SignedInvite: links.SIGNED_INVITE,
    links.SafetyCode: links.SAFETY_CODE,
    presence.Beat: presence.BEAT,
    signals.Signal: signals.SIGNAL,
    signals.SignedSignal: signals.SIGNED_SIGNAL,
    **dict.fromkeys((rendezvous.Hello, rendezvous.Subscribe, rendezvous.Unsubscribe), rendezvous.REQUEST),
    rendezvous.Publish: rendezvous.REQUEST,
    **dict.fromkeys((rendezvous.Welcome, rendezvous.Arrived), rendezvous.NOTICE),
    **dict.fromkeys((rendezvous.Ok, rendezvous.Refused), rendezvous.NOTICE),
    descriptions.Offer: descriptions.OFFER,
    descriptions.Answer: descriptions.ANSWER,
}


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__name__)
def test_every_form_comes_back(kind: type[Form]) -> None:
    @examples()
    @given(values(kind))
    def comes_back(form: Form) -> None:
        encoded = encode(form)
        assume(len(encoded) <= FORMS[kind].limit)
        assert FORMS[kind].decode(encoded) == form

    comes_back()


@examples()
@given(values(frames.Ack) | values(items.Text))
def test_no_two_forms_have_the_same_encoding(form: Form) -> None:
    """A union tells its forms apart by their tag alone."""
    encoded = bytearray(encode(form))
    encoded[1] += 1
    decoder = FORMS[type(form)]
    try:
        assert type(decoder.decode(bytes(encoded))) is not type(form)
    except DecodeError:
        return


@examples()
@given(values(Description))
def test_every_description_comes_back_from_SDP(description: Description) -> None:
    back = from_sdp(to_sdp(description))
    named = {
        msgspec.structs.replace(one, related_address=None, related_port=None)
        if one.related_address is None or one.related_port is None
        else one
        for one in description.candidates
    }
    assert set(back.candidates) == named
    assert msgspec.structs.replace(back, candidates=()) == msgspec.structs.replace(description, candidates=())


@examples(4)
@given(values(signals.Signal))
def test_every_signal_comes_back_from_its_envelope(signal: signals.Signal) -> None:
    fields = {"genesis": GENESIS, "sender_device": device("one").device, "expires": 1_800_000_000}
    known = msgspec.structs.replace(signal, receiver_device=device("two").device, **fields)
    envelope = seal(known, device("one"), record("two"))
    assert open_envelope(envelope, device("two"), GENESIS, 1_800_000_000) == known


@examples()
@given(st.binary(max_size=300))
def test_every_payload_comes_back_from_a_link(payload: bytes) -> None:
    assert from_link("x:", to_link("x:", payload), limit=300) == payload
    assert framing.parse(framing.frame(payload)) == payload


@examples()
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100))
def test_keys_come_back_from_their_text(key: bytes, data: bytes) -> None:
    assert from_address(to_address(AccountId(key))) == key
    assert unhexed(hexed(data)) == data


@examples(20)
@given(st.sampled_from(Scheme), st.text(max_size=30), st.text(max_size=30))
def test_every_account_comes_back_from_its_file(scheme: Scheme, passphrase: str, name: str) -> None:
    key, _ = AccountKey.create(scheme=scheme)
    with cheap_passphrases():
        assert import_keystore(export_keystore(key, passphrase, name=name), passphrase) == key


DEVICES = st.lists(st.sampled_from([record(name) for name in ("one", "two", "three")]), unique_by=id)


@examples()
@given(st.lists(DEVICES, min_size=1, max_size=4))
def test_trust_comes_back_as_it_was(seen: list[Any]) -> None:
    trust: Trust | None = None
    for devices in seen:
        trust = observe(trust, devices).trust
        assert Trust.from_bytes(trust.to_bytes()) == trust
    assert trust is not None
    accepted = accept(trust, trust.ticket)
    assert Trust.from_bytes(accepted.to_bytes()) == accepted


# backups
ROOTED = st.binary(max_size=8).map(dag_cbor_cid)


@examples()
@given(values(Head) | values(Manifest), ROOTED)
def test_heads_and_manifests_come_back(form: Head | Manifest, previous: Cid) -> None:
    if isinstance(form, Head):
        form = msgspec.structs.replace(form, previous=previous if form.previous else None)
    assert manifest.decode(manifest.encode(form), type(form)) == form


@examples()
@given(values(Root), st.lists(ROOTED, max_size=4))
def test_roots_come_back(root: Root, index: list[Cid]) -> None:
    known = msgspec.structs.replace(root, index=tuple(index))
    assert decode_root(manifest.encode(known)) == known
    assert all(len(cid) == CID_SIZE for cid in known.index)


@pytest.mark.parametrize("name", STREAMS)
def test_rows_come_back_however_their_stream_is_cut(name: str) -> None:
    @examples(2)
    @given(st.lists(values(STREAMS[name]), max_size=5), st.integers(1, 100))
    def come_back(rows: list[Row], piece: int) -> None:
        stream = b"".join(pack(row) for row in rows)
        assume(len(stream) < MAX_ROW)
        pieces = (stream[at : at + piece] for at in range(0, len(stream), piece))
        assert list(Rows(STREAMS[name]).read(pieces)) == rows

    come_back()


CONTACT = ROWS[2]


@st.composite
def histories(draw: st.DrawFn) -> list[Row]:
    """Rows as no history would write them, of one conversation most of the time."""
    others = [row for name in STREAMS for row in draw(st.lists(values(STREAMS[name]), max_size=1))]
    messages = draw(st.lists(values(MessageRow), max_size=5))
    mine = draw(st.booleans())
    placed = [msgspec.structs.replace(one, conversation=bytes(WITH_BOB)) for one in messages]
    return [CONTACT, *(placed if mine else messages), *(others if draw(st.booleans()) else [])]


@examples(5)
@given(histories())
def test_rows_that_no_history_would_write_are_refused_or_can_be_read_when_restored(rows: list[Row]) -> None:
    """``restored`` reads everything, as the daemon shows it."""
    try:
        seen = restored(rows)
    except BackupTamperedError:
        return
    assert len(seen) > len([row for row in rows if isinstance(row, ContactRow)])


# at home
@examples(2)
@given(values(config.Config))
def test_every_configuration_comes_back_from_its_file(chosen: config.Config) -> None:
    needs_turn = chosen.network.relay_only_for_strangers and chosen.network.turn is None
    needs_rendezvous = chosen.signaling.prefer == "rendezvous" and not chosen.signaling.rendezvous
    chain = chosen.chain
    needs_spec = chain.mode == "light" and chain.spec is None
    needs_nodes = chain.compare and len(chain.nodes) < 2
    assume(not (needs_turn or needs_rendezvous or needs_spec or needs_nodes))
    with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
        file.write(config.render(chosen))
        file.flush()
        assert config.load(Path(file.name)) == chosen


# the API
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.method)
def test_requests_and_results_come_back(call: type[Call[Any]]) -> None:
    @examples(4)
    @given(values(call), values(call.result))
    def come_back(made: Call[Any], result: Any) -> None:
        frame = {"jsonrpc": "2.0", "id": 1, "method": call.method, "params": made}
        request = msgspec.json.decode(msgspec.json.encode(frame), type=Request)
        assert msgspec.json.decode(request.params, type=call) == made
        answer = msgspec.json.decode(msgspec.json.encode(Success(1, result)), type=Incoming)
        assert msgspec.json.decode(answer.result, type=call.result) == result

    come_back()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__struct_config__.tag)
def test_events_come_back(event: Any) -> None:
    @examples(4)
    @given(values(event), st.integers(0, 9), st.text(max_size=20))
    def come_back(happened: Any, number: int, cursor: str) -> None:
        notice = EventNotice(number, cursor, happened)
        assert msgspec.json.decode(msgspec.json.encode(notice), type=EventNotice) == notice

    come_back()


@examples()
@given(values(ErrorObject))
def test_errors_come_back(error: ErrorObject) -> None:
    assume(error.message)
    assert to_error_object(from_error_object(error), code=error.code) == error
