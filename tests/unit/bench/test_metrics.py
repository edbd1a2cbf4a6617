"""What a node exports, read back."""

from __future__ import annotations

import pytest

from bench.metrics import mean, parse, since

TEXT = """# HELP substrate_proposer_block_proposal_time Time
# TYPE substrate_proposer_block_proposal_time histogram
substrate_proposer_block_proposal_time_sum{chain="local"} 1.5
substrate_proposer_block_proposal_time_count{chain="local"} 3
substrate_proposer_end_proposal_reason{reason="hit_block_weight_limit",chain="local"} 2
"""


def test_names_lose_the_prefix_and_the_chain_and_keep_other_labels() -> None:
    assert parse(TEXT) == {
        "proposer_block_proposal_time_sum": 1.5,
        "proposer_block_proposal_time_count": 3.0,
        'proposer_end_proposal_reason{reason="hit_block_weight_limit"}': 2.0,
    }


def test_a_mean_is_of_what_was_seen_in_between() -> None:
    before = parse(TEXT)
    after = {**before, "proposer_block_proposal_time_sum": 2.5, "proposer_block_proposal_time_count": 5.0}
    assert mean(before, after, "proposer_block_proposal_time") == pytest.approx(0.5)
    assert mean(before, before, "proposer_block_proposal_time") == 0.0


def test_what_did_not_exist_before_began_at_nothing() -> None:
    assert since({}, {"x": 2.0}, "x") == 2.0
