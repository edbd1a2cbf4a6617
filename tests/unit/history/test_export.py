from __future__ import annotations

import json
from pathlib import Path

import pytest

from stardust.errors import LocalError
from stardust.history.errors import ExportExistsError
from stardust.history.export import export
from stardust.history.models import Contact, ContactState
from stardust.history.store import Store
from stardust.wire.ids import AccountId, ConversationId
from tests.unit.history.helpers import BOB, ME, NOW, WITH_BOB, bob, fill, incoming, message_id, outgoing

CAROL = Contact(AccountId(b"\x03" * 32), ConversationId(b"\x33" * 32), ContactState.ACCEPTED, added_at=NOW)


def name_of(contact: Contact) -> str:
    return contact.name or "somebody"


def test_json_holds_everything_in_order(store: Store, tmp_path: Path) -> None:
    fill(store, 1500, body='say "{}"\n😀')
    store.contacts.save(CAROL)
    store.attachments.add(message_id(3), "a.txt", "text/plain", b"abc")
    path = tmp_path / "out.json"
    assert export(store, path, "json", own=ME, now=NOW, name_of=name_of) == 1500
    read = json.loads(path.read_text())
    assert (read["format"], read["version"], read["account"]) == ("stardust-export", 1, ME.hex())
    with_bob, with_carol = read["conversations"]
    assert with_bob["conversation"] == WITH_BOB.hex()
    assert with_bob["contact"]["name"] == "Bob"
    assert [message["body"] for message in with_bob["messages"]] == [f'say "{n}"\n😀' for n in range(1500)]
    assert with_bob["messages"][3]["attachments"][0]["name"] == "a.txt"
    assert with_bob["messages"][1]["state"] == "queued"
    assert with_carol["messages"] == []
    assert path.stat().st_mode & 0o077 == 0


def test_one_conversation_alone(store: Store, tmp_path: Path) -> None:
    fill(store, 2)
    store.contacts.save(CAROL)
    path = tmp_path / "out.json"
    export(store, path, "json", own=ME, now=NOW, only=BOB, name_of=name_of)
    assert len(json.loads(path.read_text())["conversations"]) == 1


def test_text_is_for_people_and_harmless_in_a_terminal(store: Store, tmp_path: Path) -> None:
    store.contacts.save(bob())
    store.messages.add(incoming(0, "two\nlines"))
    store.messages.add(outgoing(1, "\x1b[31mred\x07"))
    path = tmp_path / "out.txt"
    assert export(store, path, "text", own=ME, now=NOW, name_of=name_of) == 2
    assert path.read_text() == (
        "Conversation with Bob\n\n"
        "[2026-09-21 14:13:20 UTC] Bob: two\n    lines\n"
        "[2026-09-21 14:13:20 UTC] me: \N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}\n\n"
    )


def test_a_file_that_is_there_is_not_touched(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("mine")
    with pytest.raises(ExportExistsError):
        export(store, path, "json", own=ME, now=NOW, name_of=name_of)
    assert path.read_text() == "mine"


def test_a_file_that_cannot_be_written_is_told(store: Store, tmp_path: Path) -> None:
    with pytest.raises(LocalError):
        export(store, tmp_path / "nowhere" / "out", "json", own=ME, now=NOW, name_of=name_of)


def test_nothing_half_written_is_left(store: Store, tmp_path: Path) -> None:
    fill(store, 2)

    def broken(contact: Contact) -> str:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        export(store, tmp_path / "out.txt", "text", own=ME, now=NOW, name_of=broken)
    assert not (tmp_path / "out.txt").exists()
