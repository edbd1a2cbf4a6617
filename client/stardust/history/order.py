"""Where a message stands in its conversation.

Messages are ordered by ``(place, message id)``. The place is chosen once, when the
message is stored, and never changes:

- it is when the sender says the message was written, so that both sides see the same order;
- but not after the time of storing (a clock that runs ahead would keep a message at the
  end for ever), and not more than 30 days before it (a clock that stands at 1970 would
  hide it at the beginning);
- and always behind the earlier messages of the same sender, in which a person's own order
  is kept whatever the clock did.

With clocks that are right the order does not depend on the order of arrival.
"""

from __future__ import annotations

from typing import Final

MAX_LATE_MS: Final = 30 * 86_400_000
"""Unacknowledged messages wait no longer than this."""


def place(sent_at: int, stored_at: int, previous: int | None) -> int:
    """``previous``: the place of the last message of the same sender in the conversation."""
    said = max(min(sent_at, stored_at), stored_at - MAX_LATE_MS)
    return said if previous is None else max(said, previous + 1)
