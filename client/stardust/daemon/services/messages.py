"""Writing, reading and finding messages, and receipts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from stardust.api import calls
from stardust.api.types import HistoryPage, Marked, Message, SearchPage
from stardust.daemon import clock
from stardust.daemon.api_server import Scope
from stardust.daemon.core import Core
from stardust.daemon.errors import UnknownMessageError
from stardust.daemon.ids import direct_conversation
from stardust.daemon.journal import MessageStored, PersonChanged
from stardust.daemon.people import Person, Relation
from stardust.delivery.events import Submission
from stardust.wire.ids import AccountId, DeviceId, MessageId
from stardust.wire.items import ReadReceipt, Text

AT_ONCE: Final = 256
"""Messages of several callers that share one transaction; ids in one receipt."""


@dataclass(slots=True)
class _Letter:
    """A message on its way into the database."""

    account: AccountId
    text: Text = field(repr=False)
    may_repeat: bool
    stored: asyncio.Future[Message]


class MessagesService:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._letters: list[_Letter] = []
        self._posting: asyncio.Task[None] | None = None

    async def send(self, call: calls.MessagesSend, _: Scope) -> Message:
        """Answers when the message is stored. What many callers write meanwhile is stored together.

        Nothing waits before the letter is in line: so it keeps the order of the calls.
        """
        person = self._core.for_writing(call.contact)
        message_id = MessageId(bytes.fromhex(call.id)) if call.id else self._core.ids.new()
        text = Text(
            message_id,
            direct_conversation(self._core.account, person.account),
            clock.wall_ms(),
            call.body,
            bytes.fromhex(call.reply_to) if call.reply_to else None,
        )
        letter = _Letter(
            person.account, text, call.id is not None, asyncio.get_running_loop().create_future()
        )
        self._letters.append(letter)
        if self._posting is None:
            self._posting = asyncio.create_task(self._post(), name="post")
        return await asyncio.shield(letter.stored)

    async def _post(self) -> None:
        try:
            while self._letters:
                letters, self._letters = self._letters[:AT_ONCE], self._letters[AT_ONCE:]
                async with self._core.outbox:
                    try:
                        await self._store(letters)
                    except Exception as error:
                        await self._store_singly(letters, error)
        finally:
            self._posting = None
        self._core.link_keeper.look_now()

    async def _store_singly(self, letters: Sequence[_Letter], error: Exception) -> None:
        """One message that cannot be stored does not keep others from it."""
        if len(letters) == 1:
            letters[0].stored.set_exception(error)
            return
        for letter in letters:
            try:
                await self._store([letter])
            except Exception as own:
                letter.stored.set_exception(own)

    async def _store(self, letters: Sequence[_Letter]) -> None:
        done: dict[str, Message] = {}
        new: list[tuple[_Letter, list[DeviceId]]] = []

        def record() -> None:
            for letter, devices in new:
                message = self._core.records.add_outgoing(letter.account, letter.text, devices)
                done[message.id] = message
                self._core.journal.add(MessageStored(message), PersonChanged(letter.account))

        for letter in letters:
            message = await self._known(letter)
            if message is None:
                # Those of now: they may have changed since it was written.
                devices = [one.record.device for one in self._core.people.devices_of(letter.account)]
                new.append((letter, devices))
            else:
                done[message.id] = message
        submissions = [
            Submission(device, letter.text, MessageId(letter.text.id))
            for letter, devices in new
            for device in devices
        ]
        await self._core.runner.submit(submissions, record)
        for letter in letters:
            letter.stored.set_result(done[letter.text.id.hex()])

    async def _known(self, letter: _Letter) -> Message | None:
        """A message whose id the caller gave may be here already: then it is not sent again."""
        if not letter.may_repeat:
            return None
        return await self._core.thread.run(self._core.records.message, MessageId(letter.text.id))

    async def get(self, call: calls.MessagesGet, _: Scope) -> Message:
        message = await self._core.thread.run(self._core.records.message, MessageId(bytes.fromhex(call.id)))
        if message is None:
            raise UnknownMessageError
        return message

    async def history(self, call: calls.MessagesHistory, _: Scope) -> HistoryPage:
        person = self._core.people.find(call.contact)
        return await self._core.thread.run(self._core.records.page, person.account, call.before, call.limit)

    async def search(self, call: calls.MessagesSearch, _: Scope) -> SearchPage:
        account = self._core.people.find(call.contact).account if call.contact else None
        return await self._core.thread.run(
            self._core.records.search, call.query, account, call.before, call.limit
        )

    async def mark_read(self, call: calls.MessagesMarkRead, _: Scope) -> Marked:
        person = self._core.people.find(call.contact)
        up_to = MessageId(bytes.fromhex(call.up_to)) if call.up_to else None
        ids = await self._core.thread.run(self._core.records.unread, person.account, up_to)
        if not ids:
            return Marked(0)
        at = clock.wall_ms()

        def record() -> None:
            self._core.records.mark_read(ids, at)
            self._core.journal.add(PersonChanged(person.account))

        if person.relation is Relation.ACCEPTED and person.usable_devices:
            await self._core.send_items(person, self._receipts(person, ids, at), record)
        else:
            await self._core.write(record)
        return Marked(len(ids))

    def _receipts(self, person: Person, ids: Sequence[MessageId], at: int) -> list[ReadReceipt]:
        conversation = direct_conversation(self._core.account, person.account)
        return [
            ReadReceipt(conversation, tuple(ids[start : start + AT_ONCE]), at)
            for start in range(0, len(ids), AT_ONCE)
        ]
