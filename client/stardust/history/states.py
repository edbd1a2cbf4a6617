"""From the states of a message for each device to the one that a person sees. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from stardust.delivery.port import MessageState

_RANK: Final = {
    MessageState.QUEUED: 0,
    MessageState.SENT: 1,
    MessageState.DELIVERED: 2,
    MessageState.READ: 3,
    MessageState.FAILED: 4,
}


def may_become(now: MessageState, then: MessageState) -> bool:
    """Whether ``then`` is later; a message that was delivered cannot fail any more."""
    if then is MessageState.FAILED:
        return now in (MessageState.QUEUED, MessageState.SENT)
    return _RANK[then] > _RANK[now]


def overall(states: Iterable[MessageState]) -> MessageState:
    """The furthest of the devices; failed only when it has failed for all of them."""
    going = [state for state in states if state is not MessageState.FAILED]
    return max(going, key=_RANK.__getitem__, default=MessageState.FAILED)
