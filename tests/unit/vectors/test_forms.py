"""Wire forms at their edges: what the golden vectors accept is accepted, what they refuse is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stardust.errors import DecodeError
from stardust.identity.devices import DeviceKeys, verify_device
from stardust.identity.profiles import open_profile
from stardust.link import framing
from stardust.link.sdp import from_sdp
from stardust.signaling.envelope import BUCKETS, OVERHEAD, open_envelope
from stardust.wire.codec import encode
from stardust.wire.descriptions import ANSWER, OFFER
from stardust.wire.frames import FRAME
from stardust.wire.ids import AccountId, DeviceId
from stardust.wire.items import BUNDLE, ITEM, SignedProfile
from stardust.wire.links import INVITE, SAFETY_CODE, SIGNED_INVITE
from stardust.wire.signals import SIGNAL
from tests.vectors.make import stored
from tests.vectors.plain import plain

EDGES = stored("edges")
ENVELOPES = stored("envelopes")
DECODERS: dict[str, Callable[[bytes], Any]] = {
    "Ack": FRAME.decode,
    "Answer": ANSWER.decode,
    "Invite": INVITE.decode,
    "Offer": OFFER.decode,
    "SafetyCode": SAFETY_CODE.decode,
    "Signal": SIGNAL.decode,
    "SignedInvite": SIGNED_INVITE.decode,
    **dict.fromkeys(("Data", "Reset", "Resume", "Clock"), FRAME.decode),
    **dict.fromkeys(("Text", "ReadReceipt", "ContactRequest", "ContactAnswer"), ITEM.decode),
    **dict.fromkeys(("Void", "PresenceKey"), ITEM.decode),
    **dict.fromkeys(("Ping", "Pong"), framing.parse),
}
REFUSING: dict[str, tuple[Callable[[bytes], Any], ...]] = {
    "frames": (FRAME.decode,),
    "items": (ITEM.decode,),
    "descriptions": (OFFER.decode,),
    "link_messages": (framing.parse,),
    "link_payloads": (INVITE.decode, SIGNED_INVITE.decode),
    "signals": (SIGNAL.decode,),
}


def case_name(case: Any) -> str:
    return str(case.get("why") or case["fields"]["form"]) if isinstance(case, dict) else ""


ACCEPTED = [case for name, part in EDGES.items() if name != "profiles" for case in part["accepted"]]


@pytest.mark.parametrize("case", ACCEPTED, ids=case_name)
def test_the_edges_are_accepted_and_encoded_the_same(case: dict[str, Any]) -> None:
    form = DECODERS[case["fields"]["form"]](bytes.fromhex(case["encoded"]))
    assert plain(form) == case["fields"]
    again = framing.control(form) if isinstance(form, framing.Ping | framing.Pong) else encode(form)
    assert again.hex() == case["encoded"]


@pytest.mark.parametrize(
    ("part", "case"), [(name, case) for name in REFUSING for case in EDGES[name]["refused"]], ids=case_name
)
def test_what_is_beyond_an_edge_is_refused(part: str, case: dict[str, str]) -> None:
    for decode in REFUSING[part]:
        with pytest.raises(DecodeError):
            decode(bytes.fromhex(case["encoded"]))


def test_strange_items_leave_the_others_of_a_bundle_alone() -> None:
    (case,) = EDGES["items"]["bundles"]
    bundle = BUNDLE.decode(bytes.fromhex(case["encoded"]))
    assert plain(bundle) == case["fields"]
    assert encode(bundle).hex() == case["encoded"]
    understood = [plain(ITEM.decode(bytes(raw))) for raw in bundle.items[:3]]
    assert understood == [one["fields"] for one in EDGES["items"]["accepted"][:3]]
    for raw in bundle.items[3:]:
        with pytest.raises(DecodeError):
            ITEM.decode(bytes(raw))


def test_golden_profiles_open_as_those_of_their_device() -> None:
    device = DeviceId(bytes.fromhex(EDGES["profiles"]["device"]))
    for case in EDGES["profiles"]["accepted"]:
        signed = ITEM.decode(bytes.fromhex(case["signed"]))
        assert isinstance(signed, SignedProfile)
        account = AccountId(bytes.fromhex(case["fields"]["account"]))
        assert plain(open_profile(signed, account=account, device=device)) == case["fields"]


def test_golden_invites_are_signed_by_the_device_in_them() -> None:
    signed = [one for one in EDGES["link_payloads"]["accepted"] if one["fields"]["form"] == "SignedInvite"]
    for case in signed:
        form = SIGNED_INVITE.decode(bytes.fromhex(case["encoded"]))
        invite = INVITE.decode(form.body)
        assert verify_device(DeviceId(invite.device), b"stardust:invite:v1" + form.body, form.signature)


def test_golden_SDP_is_read_as_its_description() -> None:
    for case in EDGES["descriptions"]["sdp"]:
        assert plain(from_sdp("\r\n".join(case["lines"]) + "\r\n")) == case["fields"]


def test_golden_envelopes_of_each_size_open() -> None:
    receiver = DeviceKeys.from_bytes(bytes.fromhex(ENVELOPES["receiver"]))
    genesis = bytes.fromhex(ENVELOPES["genesis"])
    for case in ENVELOPES["envelopes"]:
        signal = open_envelope(bytes.fromhex(case["envelope"]), receiver, genesis, ENVELOPES["opened_at"])
        assert plain(signal) == case["fields"]
    assert [one["size"] for one in ENVELOPES["envelopes"]] == [bucket + OVERHEAD for bucket in BUCKETS]
