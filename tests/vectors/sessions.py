"""Golden vectors of end-to-end encryption: recorded, since an Olm session begins with fresh keys.

The accounts and one session lie in the file as vodozemac pickles under ``PICKLE_KEY``. From a stored
session the next message follows without randomness, so that one is checked both ways.
"""

from __future__ import annotations

from typing import Any

from tests.fakes.session_side import Side, acquainted

PICKLE_KEY = bytes(range(0x60, 0x80))
WORDS = (("one", b"first"), ("one", b"second"), ("two", b"an answer"), ("two", b""), ("one", b"third"))


def record_sessions() -> dict[str, Any]:
    sides = {name: Side.fresh(name, PICKLE_KEY) for name in ("one", "two")}
    one, two = sides["one"], sides["two"]
    acquainted(one, two)
    accounts = {name: side.store.load_account() for name, side in sides.items()}
    messages = []
    for sender, plaintext in WORDS:
        source = sides[sender]
        target = two if source is one else one
        before = {stored.id: stored.pickle for stored in source.kept(target)}
        sealed = source.seal(target, plaintext)
        target.open(source, sealed)
        (stored,) = source.kept(target)
        messages.append(
            {
                "from": sender,
                "plaintext": plaintext.hex(),
                "olm_type": sealed.olm_type,
                "ciphertext": sealed.ciphertext.hex(),
                "session": stored.id,
                "pickle_before": before.get(stored.id),
            }
        )
    return {
        "about": "docs/protocol.md, session (the Olm specification). Pickles of vodozemac under pickle_key.",
        "pickle_key": PICKLE_KEY.hex(),
        "accounts": {
            name: {
                "pickle": accounts[name],
                "olm": side.sessions.identity.olm.hex(),
                "fallback": side.sessions.identity.fallback.hex(),
            }
            for name, side in sides.items()
        },
        "messages": messages,
    }
