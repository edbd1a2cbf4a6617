"""Brings what is on its way into line with the devices that people have now.

What belongs into which stream follows from the tables alone: so it does not matter where an earlier
run broke off, or that a restored home has messages and no streams. A second run finds nothing to do;
where something goes out twice all the same, receivers drop it by message id and sender.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import structlog

from stardust.daemon.core import Core
from stardust.daemon.people import Person, Relation
from stardust.delivery.events import Submission
from stardust.errors import StardustError, UsageError
from stardust.history.models import Message
from stardust.wire.ids import AccountId, DeviceId, MessageId
from stardust.wire.items import Item, Text

AT_ONCE: Final = 256
"""Messages in one transaction."""

log = structlog.get_logger(__name__)


class Reconciler:
    """``request`` is what a person who was asked, and a device of theirs that does not know it, gets."""

    def __init__(self, core: Core, request: Callable[[], Sequence[Item]]) -> None:
        self._core = core
        self._request = request

    async def everybody(self) -> None:
        """After a start, before anything new is written."""
        for person in self._core.people.all():
            try:
                async with self._core.outbox:
                    await self._align(person, person)
            except StardustError as error:
                log.warning("what waits for a contact was not looked through", problem=str(error))

    async def change(self, account: AccountId, change: Callable[[Person], Person]) -> None:
        """Replaces a person, then does what follows from it; raises what ``change`` raises."""
        before = self._core.people.get(account)
        if before is None:
            return
        async with self._core.outbox:
            await self._core.write(lambda: self._core.change(account, change))
            await self._follow(before)

    async def changed(self, account: AccountId) -> None:
        """What follows from a change that is stored already."""
        person = self._core.people.get(account)
        if person is not None:
            async with self._core.outbox:
                await self._follow(person)

    async def _follow(self, before: Person) -> None:
        after = self._core.people.get(before.account)
        if after is None:
            return
        try:
            await self._align(before, after)
        except UsageError as error:  # a full queue; the next run goes on
            log.warning("not everything that waits for a contact was queued", problem=str(error))
        for device in before.known_devices | after.known_devices:
            await self._core.runner.trust_changed(device)
        self._core.link_keeper.look_now()

    async def _align(self, before: Person, after: Person) -> None:
        for certified in after.usable_devices:
            await self._fill(after, certified.record.device)
        await self._give_up(before, after)

    async def _fill(self, person: Person, device: DeviceId) -> None:
        """Queues for a device what no device of the person has confirmed and this one was not sent."""
        core = self._core
        if person.relation is Relation.REQUEST_SENT and await core.thread.run(core.records.is_new, device):
            await core.runner.submit([Submission(device, item) for item in self._request()])
        while messages := await core.thread.run(core.records.lacking, person.account, device, AT_ONCE):
            await self._queue(device, messages)

    async def _queue(self, device: DeviceId, messages: Sequence[Message]) -> None:
        submissions = [Submission(device, _text(message), message.id) for message in messages]
        ids: list[MessageId] = [message.id for message in messages]
        await self._core.runner.submit(submissions, lambda: self._core.address(device, ids))

    async def _give_up(self, before: Person, after: Person) -> None:
        """What waits for devices that were taken away, or for somebody who wants nothing of it."""
        core = self._core
        kept = set() if after.relation is Relation.DECLINED else set(after.trust.accepted)
        addressed = await core.thread.run(core.records.addressed, after.account)
        theirs = {*before.known_devices, *after.known_devices, *addressed}
        for device in await core.runner.waiting():
            if device in theirs and device not in kept:
                await core.runner.withdraw(device)


def _text(message: Message) -> Text:
    return Text(message.id, message.conversation, message.sent_at, message.body, message.reply_to)
