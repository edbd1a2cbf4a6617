"""What a sink remembers of the blocks that a node has."""

from __future__ import annotations

from typing import cast

import pytest

from stardust.backup.blocks import Cid, raw_cid
from stardust.backup.errors import IpfsMissingError, IpfsUnavailableError
from stardust.backup.ipfs import IpfsNode, IpfsSink


class Node:
    """Takes everything, until it is told not to."""

    def __init__(self) -> None:
        self.stored: list[bytes] = []
        self.away = self.forgetful = False

    def store(self, blocks: bytes) -> None:
        if self.away:
            raise IpfsUnavailableError
        self.stored.append(blocks)

    def pin(self, root: Cid) -> None:
        if self.forgetful:
            raise IpfsMissingError


def sink(node: Node, known: set[Cid]) -> IpfsSink:
    return IpfsSink(cast(IpfsNode, node), known)


def block(text: bytes) -> tuple[Cid, bytes]:
    return raw_cid(text), text


def test_the_callers_set_learns_what_arrived() -> None:
    node, known = Node(), set[Cid]()
    first = sink(node, known)
    assert first.put(*block(b"one"))
    first.finish(block(b"one")[0])
    assert known == {block(b"one")[0]}
    second = sink(node, known)
    assert not second.put(*block(b"one"))
    assert second.put(*block(b"two"))


def test_what_arrived_before_the_node_went_away_is_not_sent_again() -> None:
    node, known = Node(), set[Cid]()
    big = bytes(9 << 20)
    broken = sink(node, known)
    broken.put(*block(big))
    node.away = True
    broken.put(*block(b"late"))
    with pytest.raises(IpfsUnavailableError):
        broken.finish(block(b"late")[0])
    broken.abort()
    assert known == {block(big)[0]}


def test_a_node_that_lost_blocks_gets_all_of_them_again() -> None:
    node, known = Node(), {block(b"gone")[0]}
    again = sink(node, known)
    again.put(*block(b"gone"))
    node.forgetful = True
    with pytest.raises(IpfsMissingError):
        again.finish(block(b"gone")[0])
    assert known == set()
