"""What is said of a node by the blocks that it shows."""

from __future__ import annotations

from stardust.chain.cursor import Block, Wait
from stardust.chain.feed import Feed
from stardust.chain.follower import Follower


def block(number: int) -> Block:
    return Block(number, number.to_bytes(32, "little"))


def test_only_a_node_with_fewer_blocks_than_were_seen_is_called_behind() -> None:
    """Hashes of the newest blocks may come later than their heads do: a light client has two sources."""
    follower = Follower(Feed(), lambda: None, lambda: False)
    for number in (61, 66):
        follower._judge(Wait(behind=True), block(number))
        assert follower.problem is None
    follower._judge(Wait(behind=True), block(62))
    assert follower.problem == "The node is behind: at block 62, 66 was seen already."
    follower._judge(Wait(behind=True), block(67))
    assert follower.problem is None
