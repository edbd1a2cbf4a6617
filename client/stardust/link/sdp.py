"""Session descriptions in two forms: SDP text for a WebRTC engine, ``Description`` for the wire."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from stardust.link.errors import DescriptionError
from stardust.wire.descriptions import MAX_CANDIDATES, Candidate, Description

# A browser without this line uses 64 KiB (RFC 8841, section 6.1).
_DEFAULT_MESSAGE_SIZE: Final = 65536
_MAX_SDP: Final = 64 * 1024
_LINE: Final = re.compile(r"^a=([a-z-]+):?(.*?)\s*$", re.MULTILINE)
# Hosts first, then what STUN found, relays last: when there are too many, the cheap ones stay.
_ORDER: Final = {"host": 0, "srflx": 1, "prflx": 2, "relay": 3}


def from_sdp(text: str) -> Description:
    """What an engine says of itself. Takes the first value of each attribute: data channels have one
    transport. Raises ``DescriptionError``."""
    if len(text) > _MAX_SDP:
        raise DescriptionError(f"A session description of {len(text)} characters is too long.")
    attributes: dict[str, str] = {}
    candidates: list[Candidate] = []
    digest = ""
    for name, value in _LINE.findall(text):
        if name == "candidate":
            candidate = _candidate(value)
            if candidate is not None and candidate not in candidates:
                candidates.append(candidate)
        elif name == "fingerprint" and value.lower().startswith("sha-256 "):
            digest = digest or value[len("sha-256 ") :]
        else:
            attributes.setdefault(name, value)
    if not digest:
        raise DescriptionError("A session description has no SHA-256 fingerprint.")
    try:
        plain = {
            "ufrag": attributes["ice-ufrag"],
            "password": attributes["ice-pwd"],
            "fingerprint": bytes.fromhex(digest.replace(":", "")),
            "setup": attributes["setup"],
            "sctp_port": int(attributes["sctp-port"]),
            "max_message_size": int(attributes.get("max-message-size", _DEFAULT_MESSAGE_SIZE)),
        }
    except KeyError as error:
        raise DescriptionError(f"A session description has no {error.args[0]}.") from None
    except ValueError:
        raise DescriptionError("A session description holds a number or fingerprint that is none.") from None
    candidates.sort(key=lambda one: (_ORDER[one.kind], -one.priority))
    return _checked(Description(**plain, candidates=tuple(_spread(candidates))))  # type: ignore[arg-type]


def _spread(candidates: list[Candidate]) -> list[Candidate]:
    """At most ``MAX_CANDIDATES``, but never without those that reach through a NAT."""
    far = [one for one in candidates if one.kind != "host"][: MAX_CANDIDATES // 2]
    near = [one for one in candidates if one.kind == "host"][: MAX_CANDIDATES - len(far)]
    return near + far


def _candidate(value: str) -> Candidate | None:
    """None for what is of no use to us: other components, names of other grammars."""
    parts = value.split()
    if len(parts) < 8 or parts[1] != "1" or parts[6] != "typ":
        return None
    extra = dict(zip(parts[8::2], parts[9::2], strict=False))
    try:
        raw = [
            1,
            parts[0],
            parts[2].lower(),
            int(parts[3]),
            parts[4],
            int(parts[5]),
            parts[7],
            extra.get("raddr"),
            int(extra["rport"]) if "rport" in extra else None,
            extra.get("tcptype"),
        ]
        return msgspec.convert(raw, Candidate)
    except (ValueError, msgspec.ValidationError):
        return None


def _checked(description: Description) -> Description:
    try:
        return msgspec.convert(msgspec.to_builtins(description), Description)
    except msgspec.ValidationError as error:
        raise DescriptionError(f"A session description is out of bounds: {error}.") from None


def to_sdp(description: Description) -> str:
    """SDP of one application section, with all candidates and the end of candidates (without that
    line some engines wait for more for ever)."""
    digest = description.fingerprint.hex().upper()
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        f"a=ice-ufrag:{description.ufrag}",
        f"a=ice-pwd:{description.password}",
        "a=fingerprint:sha-256 " + ":".join(re.findall("..", digest)),
        f"a=setup:{description.setup}",
        f"a=sctp-port:{description.sctp_port}",
        f"a=max-message-size:{description.max_message_size}",
        *(_candidate_line(candidate) for candidate in description.candidates),
        "a=end-of-candidates",
    ]
    return "\r\n".join(lines) + "\r\n"


def _candidate_line(one: Candidate) -> str:
    line = f"a=candidate:{one.foundation} 1 {one.transport} {one.priority}"
    line += f" {one.address} {one.port} typ {one.kind}"
    if one.related_address is not None and one.related_port is not None:
        line += f" raddr {one.related_address} rport {one.related_port}"
    if one.tcp_type is not None:
        line += f" tcptype {one.tcp_type}"
    return line
