"""Where a message stands in its conversation.

Messages are ordered by ``(place, message id)``. The place is chosen once, when the
message is stored, and never changes:

- it is when the sender says the message was written, in this device's time (delivery/clocks.py),
  so that both sides see the same order;
- but not after the time of storing (a clock that runs ahead would keep a message at the
  end for ever), and not more than 30 days before it (a clock that stands at 1970 would
  hide it at the beginning);
- and always behind the earlier messages of the same sender, in which a person's own order
  is kept whatever the clock did; what is written here, behind everything that is here;
- while this device's clock is behind the conversation (it was set back), messages stand in the
  order of arrival, until it has caught up.

With clocks that are right the order does not depend on the order of arrival.
"""

from __future__ import annotations

from typing import Final

MAX_LATE_MS: Final = 30 * 86_400_000
"""Unacknowledged messages wait no longer than this."""
SET_BACK_MS: Final = 1_000
"""Many messages of one millisecond stand up to so much behind it, without a clock that was set back."""


def place(sent_at: int, stored_at: int, *, previous: int | None, last: int | None) -> int:
    """``previous``: the place of the sender's last message in the conversation; ``last``: of anybody's.
    What is written here comes with ``last`` for both."""
    said = max(min(sent_at, stored_at), stored_at - MAX_LATE_MS)
    set_back = last is not None and last > stored_at + SET_BACK_MS
    behind = last if set_back else previous
    return said if behind is None else max(said, behind + 1)
