"""Why a transaction pool said no, in the words of the nodes we know.

A node answers JSON-RPC error 1010 with a sentence of ``sp_runtime::InvalidTransaction``; the dev
chain sends ``InvalidTransaction`` as JSON in the subscription, after it tried to make a block; the
light client has the variant's name in a sentence of its own.
"""

from __future__ import annotations

import json
import re
from typing import Final

from stardust.chain.errors import Refusal

_CUSTOM: Final = {
    1: Refusal.NOT_REGISTERED,
    2: Refusal.KEY_HAS_OTHER_ROLE,
    3: Refusal.TOO_MANY_DEVICES,
    4: Refusal.BAD_RECORD,
    5: Refusal.UNKNOWN_GROUP,
}
_WORDS: Final = (
    ("payment", Refusal.ALLOWANCE),
    ("inability to pay", Refusal.ALLOWANCE),
    ("badproof", Refusal.BAD_PROOF),
    ("bad signature", Refusal.BAD_PROOF),
    # Signed anew it is good again.
    ("ancient", Refusal.STALE),
    ("stale", Refusal.STALE),
    ("outdated", Refusal.STALE),
    ("future", Refusal.FUTURE),
    # Another of the same tags waits in the pool already (1013, 1014).
    ("already imported", Refusal.STALE),
    ("priority is too low", Refusal.STALE),
)
_NUMBER: Final = re.compile(
    r'(?:custom(?: error)?"?:|invalid transaction: other reason \(code:)\s*(\d{1,3})(?!\d)'
)


def refusal(answer: object) -> Refusal:
    """``answer``: the error's text, or the status in the subscription."""
    text = (answer if isinstance(answer, str) else json.dumps(answer)).lower()
    if number := _NUMBER.search(text):
        return _CUSTOM.get(int(number[1]), Refusal.OTHER)
    return next((reason for word, reason in _WORDS if word in text), Refusal.OTHER)
