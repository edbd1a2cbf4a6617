"""Which node is tried, and when."""

from __future__ import annotations

from stardust.chain.nodes import LONGEST_WAIT, Nodes


def test_the_first_node_is_preferred_again_after_its_rest() -> None:
    nodes = Nodes(["a", "b"])
    assert nodes.pick(0) == ("a", 0)
    nodes.failed("a", 0, jitter=1)
    assert nodes.pick(0) == ("b", 0)
    assert nodes.pick(10) == ("a", 0)


def test_when_all_rest_the_one_that_is_due_first_is_waited_for() -> None:
    nodes = Nodes(["a", "b"])
    for _ in range(3):
        nodes.failed("a", 0, jitter=1)
    nodes.failed("b", 0, jitter=1)
    assert nodes.pick(0) == ("b", 0.5)


def test_rests_grow_up_to_a_limit_and_end_with_success() -> None:
    nodes = Nodes(["a"])
    waits = []
    for _ in range(12):
        nodes.failed("a", 0, jitter=1)
        picked = nodes.pick(0)
        assert picked is not None
        waits.append(picked[1])
    assert waits == sorted(waits)
    assert waits[:3] == [0.5, 1.0, 2.0]
    assert waits[-1] == LONGEST_WAIT
    nodes.worked("a")
    assert nodes.pick(0) == ("a", 0)


def test_who_is_woken_is_tried_at_once_and_rests_longer_after_the_next_failure() -> None:
    nodes = Nodes(["a", "b"])
    for _ in range(4):
        nodes.failed("a", 0, jitter=1)
        nodes.failed("b", 0, jitter=1)
    nodes.wake()
    assert nodes.pick(0) == ("a", 0)
    nodes.failed("a", 0, jitter=1)
    assert nodes.pick(0) == ("b", 0)
    nodes.failed("b", 0, jitter=1)
    assert nodes.pick(0) == ("a", 8.0)


def test_jitter_halves_a_rest_at_most() -> None:
    nodes = Nodes(["a"])
    nodes.failed("a", 0, jitter=0)
    assert nodes.pick(0) == ("a", 0.25)


def test_without_nodes_there_is_nothing_to_try() -> None:
    assert Nodes([]).pick(0) is None
