from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from stardust.api import types as t
from stardust.api.events import (
    ChainChanged,
    ContactChanged,
    ContactRequested,
    KeysChanged,
    LinkChanged,
    MessageQueued,
    MessageReceived,
    MessageStateChanged,
    Missed,
    PresenceChanged,
    Stopping,
)
from stardust.tui.model import MAX_EARLY, Model, Part
from tests.fakes.api_daemon import contact

BOB, CAROL = contact("Bob"), contact("Carol")


def message(number: int, who: t.Contact = BOB, **fields: Any) -> t.Message:
    known: dict[str, Any] = {"outgoing": True, "body": f"text {number}", "state": "queued"}
    return t.Message(
        id=f"{number:032x}",
        conversation=who.conversation,
        contact=who.address,
        sent_at=number,
        stored_at=number,
        **known | fields,
    )


def state(number: int, reached: Any, who: t.Contact = BOB) -> MessageStateChanged:
    return MessageStateChanged(f"{number:032x}", who.address, who.conversation, reached, 1)


def opened(*messages: t.Message, before: str | None = None) -> Model:
    model = Model(contacts={BOB.address: BOB, CAROL.address: CAROL}, selected=BOB.address)
    model.open_page(BOB.address, t.HistoryPage(messages, before))
    return model


def bodies(model: Model) -> list[str]:
    assert model.conversation is not None
    return [one.body for one in model.conversation.messages.values()]


def states(model: Model) -> list[str]:
    assert model.conversation is not None
    return [one.state for one in model.conversation.messages.values()]


def test_what_comes_in_is_shown_once_and_last() -> None:
    model = opened(message(1))
    for _ in range(2):
        model.apply(MessageReceived(message(2, outgoing=False, state="received")))
    assert bodies(model) == ["text 1", "text 2"]


def test_only_the_open_conversation_is_drawn_again() -> None:
    model = opened()
    assert model.apply(MessageReceived(message(1))) & Part.CONVERSATION
    assert not model.apply(MessageReceived(message(2, CAROL))) & Part.CONVERSATION


def test_a_state_that_comes_before_its_message_is_not_lost() -> None:
    model = opened()
    model.apply(state(1, "delivered"))
    model.put(message(1))
    assert states(model) == ["delivered"]


def test_the_answer_to_a_send_does_not_undo_what_events_said_since() -> None:
    model = opened()
    model.apply(MessageQueued(message(1)))
    model.apply(state(1, "read"))
    model.put(message(1))
    assert states(model) == ["read"]


@given(st.permutations(["sent", "delivered", "read"]))
def test_receipts_only_move_forward(order: list[str]) -> None:
    model = opened(message(1))
    for reached in order:
        model.apply(state(1, reached))
    assert states(model) == ["read"]


def test_what_comes_while_a_page_is_on_its_way_is_not_lost() -> None:
    model = opened(message(1))
    model.expect(BOB.address)
    model.apply(MessageReceived(message(2, outgoing=False, state="received")))
    model.apply(state(1, "delivered"))
    model.open_page(BOB.address, t.HistoryPage((message(1),), None))
    assert bodies(model) == ["text 1", "text 2"]
    assert states(model) == ["delivered", "received"]


def test_a_page_replaces_what_was_there() -> None:
    model = opened(message(1), message(2))
    model.expect(BOB.address)
    model.open_page(BOB.address, t.HistoryPage((message(2), message(3)), "x"))
    assert bodies(model) == ["text 2", "text 3"]


def test_a_failure_is_shown_with_its_reason() -> None:
    model = opened(message(1))
    model.apply(msgspec.structs.replace(state(1, "failed"), reason="expired"))
    assert model.conversation is not None
    assert [(one.state, one.reason) for one in model.conversation.messages.values()] == [
        ("failed", "expired")
    ]


def test_states_of_unknown_messages_are_bounded() -> None:
    model = opened()
    for number in range(MAX_EARLY * 2):
        model.apply(state(number, "sent"))
    assert len(model._early) == MAX_EARLY


def test_older_pages_go_before_and_do_not_repeat() -> None:
    model = opened(message(3), message(4), before="x")
    model.older_page(BOB.address, t.HistoryPage((message(1), message(2), message(3)), None))
    assert bodies(model) == ["text 1", "text 2", "text 3", "text 4"]
    assert model.conversation is not None
    assert model.conversation.before is None


def test_requests_stand_first_then_the_latest_conversation() -> None:
    people = [
        contact("Old", last_message_at=1),
        contact("New", last_message_at=5),
        contact("Ann"),
        contact("Ask", state="request_received"),
        contact("Gone", state="declined"),
    ]
    model = Model(contacts={one.address: one for one in people})
    assert [one.name for one in model.people] == ["Ask", "New", "Old", "Ann"]
    model.apply(MessageReceived(message(9, people[0])))
    assert [one.name for one in model.people][:2] == ["Ask", "Old"]


def test_people_change_by_events() -> None:
    model = opened()
    assert model.apply(ContactRequested(contact("Dave", state="request_received"))) == Part.PEOPLE
    changed = msgspec.structs.replace(BOB, keys_changed=True)
    assert model.apply(KeysChanged(changed, (), ())) & Part.CONVERSATION
    assert model.contact == changed
    model.apply(PresenceChanged(BOB.address, True, 7))
    assert model.contact is not None
    assert (model.contact.online, model.contact.keys_changed) == (True, True)
    assert model.apply(PresenceChanged("5unknown", True, 7)) == Part.NONE
    model.apply(ContactChanged(BOB))
    assert model.contact == BOB


def test_the_best_link_is_shown() -> None:
    model = opened()
    for device, reached in (("a", "failed"), ("b", "open"), ("c", "waiting")):
        model.apply(LinkChanged(t.LinkInfo(BOB.address, device, reached)))  # type: ignore[arg-type]
    assert model.link is not None
    assert model.link.device == "b"


def test_lost_events_and_the_end_are_told_apart() -> None:
    model = opened()
    assert model.apply(Missed("slow")) == Part.RELOAD
    assert model.apply(Stopping()) == Part.GONE
    assert model.apply(ChainChanged(t.ChainInfo(False, None, None, None, None, None))) == Part.HEADER
