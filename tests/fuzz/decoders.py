"""Every decoder of the client, for the tests here and for ``with_atheris``."""

from __future__ import annotations

from tests.fuzz import (
    of_backup,
    of_chain,
    of_daemon,
    of_identity,
    of_light,
    of_session,
    of_signaling,
    of_wire,
)
from tests.fuzz.decoder import Decoder

DECODERS: dict[str, Decoder] = {
    decoder.name: decoder
    for module in (of_wire, of_identity, of_backup, of_daemon, of_session, of_chain, of_signaling, of_light)
    for decoder in module.DECODERS
}
