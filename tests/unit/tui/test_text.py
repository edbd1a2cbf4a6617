from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stardust.api import types as t
from stardust.tui import draw
from stardust.tui.model import Model
from stardust.tui.qr import terminal_qr
from stardust.tui.text import MARKS, STATE_WORDS, ago, clock, day, printable, short, size, when
from tests.fakes.api_daemon import contact

NOW = datetime(2026, 3, 10, 12, 0).astimezone()


def millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@given(st.text())
def test_no_control_character_survives(text: str) -> None:
    shown = printable(text, lines=True)
    assert all(char == "\n" or unicodedata.category(char) not in ("Cc", "Cs") for char in shown)
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f") & set(shown)
    assert "\n" not in printable(text)


def test_ordinary_text_stays_as_it_is() -> None:
    text = "Grüße, 星 — नमस्ते 👩‍🚀 [b]not markup[/b]\nsecond line"
    assert printable(text, lines=True) == text


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (timedelta(), "Today"),
        (timedelta(days=1), "Yesterday"),
        (timedelta(days=400), "Monday 3 February 2025"),
    ],
)
def test_days_have_names(back: timedelta, said: str) -> None:
    assert day(millis(NOW - back), now=NOW) == said


def test_times_are_short() -> None:
    assert when(millis(NOW), now=NOW) == clock(millis(NOW)) == "12:00"
    assert when(millis(NOW - timedelta(days=2)), now=NOW) == "8 Mar"
    assert when(millis(NOW - timedelta(days=400)), now=NOW) == "2025-02-03"


@given(st.integers(-(2**63), 2**63))
def test_any_time_that_a_sender_claims_can_be_shown(at: int) -> None:
    assert clock(at)
    assert day(at, now=NOW)
    assert when(at, now=NOW)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "just now"), (59, "just now"), (60, "1 min ago"), (7200, "2 h ago"), (86_400 * 3, "3 days ago")],
)
def test_how_long_ago(seconds: int, said: str) -> None:
    assert ago(0, now_ms=seconds * 1000) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (999, "999 B"), (1400, "1.4 kB"), (20_000_000, "20 MB"), (5 * 10**12, "5000 GB")],
)
def test_sizes_are_for_people(count: int, said: str) -> None:
    assert size(count) == said


def test_addresses_are_shortened() -> None:
    assert short("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY") == "5Grwva…utQY"
    assert short("5Grwva") == "5Grwva"


def test_every_state_has_a_mark_of_its_own() -> None:
    assert len(set(MARKS.values())) == len(MARKS) == len(STATE_WORDS)


def test_a_qr_code_is_square_and_as_wide_on_each_line() -> None:
    lines = terminal_qr("stardust:safety:" + "x" * 200).split("\n")
    assert len({len(line) for line in lines}) == 1
    assert abs(len(lines) * 2 - len(lines[0])) <= 1
    assert set("".join(lines)) <= set("█▀▄ ")


@pytest.mark.parametrize(("outgoing", "arrow"), [(True, "→"), (False, "←")])
def test_a_hit_says_who_wrote_it(outgoing: bool, arrow: str) -> None:
    message = t.Message("00", "00", "5b", outgoing, "hello", 0, 0, "read" if outgoing else "received")
    assert str(draw.hit(t.SearchHit(message, "hello"), "Bob")).startswith(f"{arrow} Bob")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "request_received", "note": "it is me"}, ["wants to talk", "it is me"]),
        ({"blocked": True}, ["blocked"]),
        ({"keys_changed": True}, ["have changed", "Nothing is sent", "safety number"]),
        ({"state": "request_sent"}, ["has not answered"]),
    ],
)
def test_the_banner_says_what_there_is_to_decide(fields: dict[str, object], words: list[str]) -> None:
    said = draw.banner(contact("Bob", **fields)) or ""
    assert [word for word in words if word not in said] == []


def test_nothing_to_decide_needs_no_banner() -> None:
    assert draw.banner(contact("Bob")) is None


def test_the_head_tells_presence_and_link() -> None:
    link = t.LinkInfo("5", "ab", "open", "relay", 50.0, 12.3)
    head = draw.conversation_head(contact("Bob", online=True, verified=True), link, now_ms=0).plain
    assert head == "Bob  ✓ verified\n● there  ·  connected, through a relay, 12 ms"
    away = draw.conversation_head(contact("Bob", last_seen_at=0), None, now_ms=600_000).plain
    assert away == "Bob  not verified\n○ last seen 10 min ago  ·  no link"
    renamed = draw.conversation_head(contact("Bob", nickname="Carol"), None, now_ms=0).plain
    assert renamed.startswith("Bob  not verified  calls itself Carol\n")


def test_a_name_cannot_break_the_list() -> None:
    drawn = draw.person(contact("Eve", name="\x1b[2J" + "星" * 80, unread=3), width=24)
    lines = drawn.plain.split("\n")
    assert len(lines) == 2
    assert "\x1b" not in drawn.plain
    assert lines[0].endswith(" 3")


def test_the_header_says_when_the_daemon_is_away() -> None:
    assert "stardust up" in draw.state_line(Model(connected=False)).plain
    assert draw.state_line(Model()).plain == "connecting…"


def test_the_header_says_when_the_chain_is_odd() -> None:
    odd = t.ChainInfo(True, "a node", None, "stardust", 1, 7, "It is old.")
    assert draw.state_line(Model(connected=True, chain=odd)).plain.startswith("● chain: stardust status")
    well = t.ChainInfo(True, "a node", None, "stardust", 1, 7)
    assert draw.state_line(Model(connected=True, chain=well)).plain == "● chain   0 links"
