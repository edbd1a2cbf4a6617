"""Each event once and in order, whatever the chain does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stardust.chain.cursor import MAX_GAP, WINDOW, Ask, Block, EventCursor, Read, Restart, Wait
from stardust.chain.port import ChainEvent, EventKind


def block(number: int, branch: str = "") -> Block:
    return Block(number, f"{number}{branch}".encode())


def event(number: int, id: int) -> ChainEvent:
    return ChainEvent(EventKind.SIGNAL_SENT, number, id=id)


def at(number: int) -> EventCursor:
    """A cursor that has read the blocks 1 to ``number``."""
    cursor = EventCursor()
    cursor.head(block(0), b"")
    for one in range(1, number + 1):
        cursor.read(block(one), [event(one, one)])
    return cursor


def test_it_begins_at_the_first_head_without_reading() -> None:
    cursor = EventCursor()
    assert cursor.head(block(7), b"6") == Wait()
    assert cursor.last == block(7)


def test_the_next_block_is_read_at_once() -> None:
    assert at(3).head(block(4), b"3") == Read((block(4),))


def test_the_same_head_again_is_nothing() -> None:
    assert at(3).head(block(3), b"2") == Wait()


def test_a_gap_is_read_block_by_block() -> None:
    cursor = at(3)
    assert cursor.head(block(6), b"5") == Ask(0, 6)
    assert cursor.hashes(0, [block(n).hash for n in range(7)]) == Read((block(4), block(5), block(6)))


def test_a_gap_beyond_the_bound_is_told() -> None:
    cursor = at(3)
    far = block(4 + MAX_GAP)
    assert cursor.head(far, b"?") == Restart(far, anew=False)
    assert cursor.last == far


def test_a_node_that_is_behind_is_waited_for() -> None:
    cursor = at(5)
    assert cursor.head(block(3), b"2") == Ask(0, 3)
    assert cursor.hashes(0, [block(n).hash for n in range(4)]) == Wait(behind=True)
    assert cursor.last == block(5)


def test_events_that_move_to_another_branch_are_not_told_twice() -> None:
    cursor = at(5)
    assert cursor.head(block(6, "b"), b"5b") == Ask(0, 6)
    hashes = [block(n, "b" if n > 4 else "").hash for n in range(7)]
    assert cursor.hashes(0, hashes) == Read((block(5, "b"), block(6, "b")))
    assert cursor.read(block(5, "b"), [event(5, 99)]) == [event(5, 99)]
    assert cursor.read(block(6, "b"), [event(6, 5), event(6, 5)]) == [event(6, 5)]


def test_a_chain_that_began_anew_is_noticed() -> None:
    cursor = at(5)
    assert cursor.head(block(1, "b"), b"0") == Ask(0, 1)
    assert cursor.hashes(0, [b"0", b"1b"]) == Restart(block(1, "b"), anew=True)


def test_a_chain_that_began_anew_and_grew_is_noticed() -> None:
    cursor = at(5)
    cursor.head(block(8, "b"), b"7b")
    hashes = [block(n, "b" if n else "").hash for n in range(9)]
    assert cursor.hashes(0, hashes) == Restart(block(8, "b"), anew=True)


def test_a_head_older_than_all_that_is_remembered_is_a_chain_begun_anew() -> None:
    cursor = at(WINDOW + 10)
    assert cursor.head(block(2), b"1") == Restart(block(2), anew=True)


def test_a_node_that_tells_no_hashes_is_waited_for() -> None:
    cursor = at(3)
    assert cursor.hashes(0, [None, None]) == Wait(behind=True)


@given(st.lists(st.integers(min_value=1, max_value=40), max_size=20))
def test_heads_in_steps_of_any_size_give_every_event_once(steps: list[int]) -> None:
    cursor, told, number = at(0), [], 0
    for size in steps:
        number += size
        step = cursor.head(block(number), str(number - 1).encode())
        if isinstance(step, Ask):
            step = cursor.hashes(step.first, [block(n).hash for n in range(step.first, step.last + 1)])
        assert isinstance(step, Read)
        for one in step.blocks:
            told += cursor.read(one, [event(one.number, one.number)])
    assert [one.id for one in told] == list(range(1, number + 1))
