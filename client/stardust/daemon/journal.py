"""What changed in the database, told to the event loop after the transaction has committed."""

from __future__ import annotations

from dataclasses import dataclass, field

from stardust.api.types import Message
from stardust.wire.ids import AccountId


@dataclass(frozen=True, slots=True)
class MessageStored:
    """A message came in, or was written here."""

    message: Message = field(repr=False)


@dataclass(frozen=True, slots=True)
class StateMoved:
    """An outgoing message as a whole has a new state since ``at`` (Unix milliseconds)."""

    message: Message = field(repr=False)
    at: int


@dataclass(frozen=True, slots=True)
class PersonChanged:
    account: AccountId


@dataclass(frozen=True, slots=True)
class RequestCame:
    account: AccountId


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """A request was accepted by its invite: the other side is to be told."""

    account: AccountId


@dataclass(frozen=True, slots=True)
class Declined:
    """Our request was declined: what waits for the account does not go out any more."""

    account: AccountId


@dataclass(frozen=True, slots=True)
class ItemsMissing:
    """Messages or receipts of a contact will never come."""

    account: AccountId
    count: int


@dataclass(frozen=True, slots=True)
class BeatKeyCame:
    """A contact lets this device see whether it is there, or does so no more."""

    account: AccountId


News = (
    MessageStored
    | StateMoved
    | PersonChanged
    | RequestCame
    | AnswerDue
    | Declined
    | ItemsMissing
    | BeatKeyCame
)


class Journal:
    """Written inside transactions on the store's thread."""

    def __init__(self) -> None:
        self._news: list[News] = []

    def add(self, *news: News) -> None:
        self._news += news

    def take(self) -> tuple[News, ...]:
        """All since the last time."""
        news = tuple(dict.fromkeys(self._news))
        self._news.clear()
        return news
