"""What a node says about statements: answers to ``statement_submit``, and what a subscription brings.

Shapes are those of ``SubmitResult`` and ``StatementEvent`` in ``sp-statement-store`` (release 2609).
Every answer becomes a sentence; nothing here is believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from stardust.chain.errors import BadNodeError
from stardust.signaling.statement import MAX_STATEMENT

SUBMIT: Final = "statement_submit"
SUBSCRIBE: Final = "statement_subscribeStatement"
UNSUBSCRIBE: Final = "statement_unsubscribeStatement"
MAX_ANY_TOPICS: Final = 128
"""Topics of one ``matchAny``."""
NO_SUCH_METHOD: Final = -32601
"""JSON-RPC 2.0, section 5.1."""

_SENTENCES: Final = {
    "noAllowance": "This device has no allowance for statements: it is not registered on the chain, or the"
    " node has not seen that yet.",
    "accountFull": "This device has as many statements under way as it may.",
    "dataTooLarge": "This device has as many bytes of statements under way as it may.",
    "channelPriorityTooLow": "The node holds a later statement of this device already.",
    "storeFull": "The node's statement store is full.",
    "alreadyExpired": "The node takes this device's statements for expired: one of the clocks is wrong.",
    "noProof": "The node does not see the signature of this device's statements.",
    "badProof": "The node does not accept the signature of this device's statements.",
    "encodingTooLarge": "The node does not take statements of this size.",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one submission. ``reason``: the store's word for why not; None when it was taken."""

    reason: str | None = None
    priority: int = 0
    """What stands in the channel, with ``channelPriorityTooLow``."""

    @property
    def taken(self) -> bool:
        return self.reason is None

    @property
    def sentence(self) -> str:
        unknown = f"The node did not take a statement ({self.reason})."
        return _SENTENCES.get(self.reason or "", unknown)


def parse_outcome(answer: Any) -> Outcome:
    """``BadNodeError`` for what is no answer."""
    if not isinstance(answer, dict):
        raise BadNodeError("The node does not say what became of a statement.")
    status, reason = answer.get("status"), answer.get("reason")
    if status in ("new", "known"):
        return Outcome()
    if status not in ("rejected", "invalid", "knownExpired") or not isinstance(reason, str | None):
        raise BadNodeError("The node does not say what became of a statement.")
    priority = answer.get("min_expiry")
    known = priority if isinstance(priority, int) and 0 <= priority < 2**64 else 0
    return Outcome((reason or str(status))[:64], known)


@dataclass(frozen=True, slots=True)
class Batch:
    """``remaining``: how many more of what was there before are to come; None for what is new."""

    statements: tuple[bytes, ...]
    remaining: int | None


def parse_batch(event: Any) -> Batch:
    """Statements longer than ``MAX_STATEMENT`` are left out. ``BadNodeError`` for what is no event."""
    try:
        if event["event"] != "newStatements":
            raise ValueError("event")
        data = event["data"]
        remaining = data.get("remaining")
        if not isinstance(remaining, int | None):
            raise TypeError("remaining")
        texts = [text for text in data["statements"] if len(text) <= 2 + 2 * MAX_STATEMENT]
        statements = tuple(bytes.fromhex(text.removeprefix("0x")) for text in texts)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadNodeError("The node sends something else than statements.") from None
    return Batch(statements, remaining)


def match_any(topics: frozenset[bytes]) -> dict[str, list[str]]:
    """The filter for all statements under any of ``topics`` (at most ``MAX_ANY_TOPICS``)."""
    return {"matchAny": [f"0x{topic.hex()}" for topic in sorted(topics)]}
