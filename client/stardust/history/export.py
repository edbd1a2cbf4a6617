"""The history in the clear, for a person to keep or to read with other programs.

JSON, version 1: ``{"format": "stardust-export", "version": 1, "exported_at": ms,
"account": hex, "conversations": [{"conversation": hex, "contact": {"account": hex, "name",
"nickname", "state"}, "messages": [{"id": hex, "outgoing": bool, "sent_at": ms, "stored_at":
ms, "body", "state": "received" | "queued" | "sent" | "delivered" | "read" | "failed",
"delivered_at": ms | null, "read_at": ms | null, "reply_to": hex | null, "attachments":
[{"name", "media_type", "size", "digest": hex}]}]}]}``, messages in the order of the
conversation. Text: a line for each message, continued lines indented.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TextIO

from stardust.errors import LocalError
from stardust.history.errors import ExportExistsError
from stardust.history.models import RECEIVED, Contact, Message
from stardust.history.store import Store
from stardust.wire.ids import AccountId

_PRIVATE = 0o600


def export(
    store: Store,
    path: Path,
    form: Literal["json", "text"],
    *,
    own: AccountId,
    now: int,
    only: AccountId | None = None,
    name_of: Callable[[Contact], str],
) -> int:
    """Writes all conversations, or the one with ``only``, to the new file ``path``, which only this
    user may read; how many messages. ``name_of`` says what to call a contact in text.

    Raises ``ExportExistsError``, ``LocalError``; no half-written file is left.
    """
    contacts = [contact for contact in store.contacts.all() if only in (None, contact.account)]
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "w", encoding="utf-8")
    except FileExistsError:
        raise ExportExistsError(f"{path} exists already.", hint="choose another name") from None
    except OSError as error:
        raise LocalError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with file, store.database.snapshot():
            if form == "json":
                count = _json(store, contacts, file, own, now)
            else:
                count = _text(store, contacts, file, name_of)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise LocalError(f"{path} cannot be written: {error.strerror}.") from None
        raise
    return count


def _json(store: Store, contacts: list[Contact], file: TextIO, own: AccountId, now: int) -> int:
    """Written piece by piece: a history may be larger than memory."""
    head = {"format": "stardust-export", "version": 1, "exported_at": now, "account": own.hex()}
    file.write(json.dumps(head)[:-1] + ', "conversations": [')
    count = 0
    for number, contact in enumerate(contacts):
        file.write(",\n" if number else "\n")
        file.write(json.dumps(_conversation(contact), ensure_ascii=False)[:-1] + ', "messages": [')
        for position, message in enumerate(store.messages.each(contact.conversation)):
            file.write(",\n" if position else "\n")
            file.write(json.dumps(_message(store, message), ensure_ascii=False))
            count += 1
        file.write("]}")
    file.write("\n]}\n")
    return count


def _conversation(contact: Contact) -> dict[str, Any]:
    return {
        "conversation": contact.conversation.hex(),
        "contact": {
            "account": contact.account.hex(),
            "name": contact.name,
            "nickname": contact.nickname,
            "state": contact.state.value,
        },
    }


def _message(store: Store, message: Message) -> dict[str, Any]:
    return {
        "id": message.id.hex(),
        "outgoing": message.outgoing,
        "sent_at": message.sent_at,
        "stored_at": message.stored_at,
        "body": message.body,
        "state": message.state.value if message.state else RECEIVED,
        "delivered_at": message.delivered_at,
        "read_at": message.read_at,
        "reply_to": message.reply_to.hex() if message.reply_to else None,
        "attachments": [
            {"name": a.name, "media_type": a.media_type, "size": a.size, "digest": a.digest.hex()}
            for a in store.attachments.of(message.id)
        ],
    }


def _text(store: Store, contacts: list[Contact], file: TextIO, name_of: Callable[[Contact], str]) -> int:
    count = 0
    for contact in contacts:
        file.write(f"Conversation with {_one_line(name_of(contact))}\n\n")
        for line in _lines(store, contact, name_of):
            file.write(line)
            count += 1
        file.write("\n")
    return count


def _lines(store: Store, contact: Contact, name_of: Callable[[Contact], str]) -> Iterator[str]:
    for message in store.messages.each(contact.conversation):
        time = datetime.fromtimestamp(message.place / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        who = "me" if message.outgoing else _one_line(name_of(contact))
        body = "\n    ".join(_printable(line) for line in message.body.splitlines())
        yield f"[{time} UTC] {who}: {body}\n"


def _one_line(text: str) -> str:
    return _printable(" ".join(text.split()))


def _printable(text: str) -> str:
    """Without what a terminal would act on."""
    return "".join(
        char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text
    )
