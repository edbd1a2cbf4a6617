"""From what was committed to the events that user interfaces get."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from stardust.api.events import (
    ContactChanged,
    ContactRequested,
    MessageQueued,
    MessageReceived,
    MessageStateChanged,
)
from stardust.api.types import Contact, Message
from stardust.daemon.hub import EventHub
from stardust.daemon.journal import (
    AnswerDue,
    BeatKeyCame,
    Declined,
    ItemsMissing,
    MessageStored,
    News,
    PersonChanged,
    RequestCame,
    StateMoved,
)
from stardust.errors import StardustError
from stardust.wire.ids import AccountId

PAUSE: Final = 0.05
"""Seconds between two looks at the contacts that changed: in a burst they change with every message."""

ANSWER_EVERY: Final = 60.0
"""Seconds between two answers to the same account, however often it asks: they are larger than a request."""

log = structlog.get_logger(__name__)


class Teller:
    """``view`` shows a contact as it is now; ``answer`` tells an account that it was accepted;
    ``reconcile`` does what follows from a change of a person; ``missing`` notes what will never come;
    ``beat_key`` hears that a contact gave a presence key, or took it back."""

    def __init__(
        self,
        hub: EventHub,
        *,
        view: Callable[[AccountId], Awaitable[Contact | None]],
        answer: Callable[[AccountId], Awaitable[None]],
        reconcile: Callable[[AccountId], Awaitable[None]],
        missing: Callable[[AccountId, int], None],
        beat_key: Callable[[], None],
    ) -> None:
        self._hub = hub
        self._view = view
        self._answer = answer
        self._reconcile = reconcile
        self._missing = missing
        self._beat_key = beat_key
        self._changed: dict[AccountId, bool] = {}
        """And whether it is a new request."""
        self._showing: asyncio.Task[None] | None = None
        self._following: set[asyncio.Task[None]] = set()
        self._answering: set[AccountId] = set()
        self._answered_at: dict[AccountId, float] = {}
        """Loop time; of contacts only."""

    def tell(self, news: Sequence[News]) -> None:
        """On the event loop, in the order of the commits."""
        for one in news:
            match one:
                case MessageStored(message):
                    self._hub.publish(
                        MessageQueued(message) if message.outgoing else MessageReceived(message)
                    )
                case StateMoved(message, at):
                    self._hub.publish(_state(message, at))
                case PersonChanged(account):
                    self.contact_changed(account)
                case RequestCame(account):
                    self.contact_changed(account, request=True)
                case AnswerDue(account):
                    if account not in self._answering:
                        self._answering.add(account)
                        self._follow(self._answer_soon(account))
                case ItemsMissing(account, count):
                    log.warning("items will never come", account=account, count=count)
                    self._missing(account, count)
                case BeatKeyCame():
                    self._beat_key()
                case Declined(account):
                    self._follow(self._reconcile(account))

    def contact_changed(self, account: AccountId, *, request: bool = False) -> None:
        self._changed[account] = self._changed.get(account, False) or request
        if self._showing is None:
            self._showing = asyncio.create_task(self._show(), name="contacts")

    async def _show(self) -> None:
        try:
            while self._changed:
                changed, self._changed = self._changed, {}
                for account, request in changed.items():
                    contact = await self._view(account)
                    if contact is not None:
                        self._hub.publish(ContactRequested(contact) if request else ContactChanged(contact))
                await asyncio.sleep(PAUSE)
        except StardustError as error:
            log.warning("changed contacts were not shown", problem=str(error))
        finally:
            self._showing = None

    async def _answer_soon(self, account: AccountId) -> None:
        """One answer for all requests until then."""
        time = asyncio.get_running_loop().time
        try:
            last = self._answered_at.get(account)
            if last is not None:
                await asyncio.sleep(last + ANSWER_EVERY - time())
            self._answered_at[account] = time()
        finally:
            self._answering.discard(account)
        await self._answer(account)

    def _follow(self, work: Awaitable[None]) -> None:
        task = asyncio.create_task(self._quietly(work), name="follow")
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def _quietly(self, work: Awaitable[None]) -> None:
        try:
            await work
        except StardustError as error:  # made up for after the next start, or when the chain is ready again
            log.warning("what follows from a change was not done", problem=str(error))

    async def close(self) -> None:
        tasks = [*self._following, *([self._showing] if self._showing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _state(message: Message, at: int) -> MessageStateChanged:
    return MessageStateChanged(
        message.id, message.contact, message.conversation, message.state, at, message.reason
    )
