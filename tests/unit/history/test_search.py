from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stardust.history.errors import CursorError
from stardust.history.models import ContactState
from stardust.history.search import MARK_BEGIN, MARK_END
from stardust.history.store import Store
from stardust.wire.ids import ConversationId
from tests.unit.history.helpers import WITH_BOB, bob, fill, incoming

SENTENCES = [
    "Meet me at the café tomorrow",
    "Die Straße ist gesperrt",
    "привет, как дела?",
    "東京で会いましょう",
    "你好，明天见",
    "नमस्ते दोस्त",
    "مرحبا يا صديقي",
]


@pytest.fixture
def spoken(store: Store) -> Store:
    store.contacts.save(bob())
    for number, sentence in enumerate(SENTENCES):
        store.messages.add(incoming(number, sentence))
    return store


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("cafe", 0),
        ("CAFÉ", 0),
        ("tomor", 0),
        ("tomorrow meet", 0),
        ("STRASSE", 1),
        ("Привет", 2),
        ("дел", 2),
        ("東京", 3),
        ("会い", 3),
        ("明天", 4),
        ("दोस्त", 5),
        ("صديقي", 6),
    ],
)
def test_words_of_many_languages_are_found(spoken: Store, query: str, sentence: int) -> None:
    hits = spoken.search.find(query).hits
    assert [hit.message.body for hit in hits] == [SENTENCES[sentence]]


def test_every_word_has_to_be_there(spoken: Store) -> None:
    assert spoken.search.find("meet yesterday").hits == ()


def test_the_place_found_is_marked(spoken: Store) -> None:
    (hit,) = spoken.search.find("tomor").hits
    assert f"{MARK_BEGIN}tomorrow{MARK_END}" in hit.snippet


def test_only_one_conversation_is_searched_when_asked(spoken: Store) -> None:
    assert spoken.search.find("cafe", conversation=WITH_BOB).hits
    assert spoken.search.find("cafe", conversation=ConversationId(b"?" * 32)).hits == ()


def test_pages_are_newest_first_without_gap_or_repetition(store: Store) -> None:
    fill(store, 23, body="thing {}")
    found: list[str] = []
    before: str | None = None
    while True:
        page = store.search.find("thing", before=before, limit=5)
        found += [hit.message.body for hit in page.hits]
        before = page.before
        if before is None:
            break
    assert found == [f"thing {number}" for number in reversed(range(23))]


def test_requests_that_were_not_accepted_are_not_found(spoken: Store) -> None:
    spoken.contacts.save(bob(ContactState.REQUEST_RECEIVED))
    assert spoken.search.find("cafe").hits == ()


def test_forgotten_messages_are_not_found(spoken: Store) -> None:
    spoken.contacts.forget(bob().account)
    assert spoken.search.find("cafe").hits == ()
    assert spoken.messages.count() == 0


@pytest.mark.parametrize("cursor", ["", "x", "-1", "9" * 40])
def test_a_strange_cursor_is_refused(spoken: Store, cursor: str) -> None:
    with pytest.raises(CursorError):
        spoken.search.find("cafe", before=cursor)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_nothing_that_a_person_types_is_an_error(spoken: Store, query: str) -> None:
    spoken.search.find(query)


@pytest.mark.parametrize("query", ["", "  ", '"', "a AND", "NEAR(", "body:x", "*", "-", "^a", "\0", "()"])
def test_the_grammar_of_the_index_is_not_offered(spoken: Store, query: str) -> None:
    spoken.search.find(query)
