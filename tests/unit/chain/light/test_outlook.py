from __future__ import annotations

from stardust.chain.light.outlook import (
    ALONE_S,
    ASLEEP_S,
    CLAIM_S,
    FINALITY_LAG,
    SILENT_S,
    Claim,
    Greeting,
    Outlook,
    asleep,
    why_alone,
    why_unproven,
)


def test_it_is_alone_when_no_peer_was_seen_for_a_while() -> None:
    outlook = Outlook(began=100.0)
    outlook.saw_peers(101.0, 0)
    assert not outlook.alone(100.0 + ALONE_S - 1)
    assert outlook.alone(100.0 + ALONE_S)
    outlook.saw_peers(120.0, 1)
    assert not outlook.alone(1000.0)
    outlook.saw_peers(121.0, 0)
    assert not outlook.alone(120.0 + ALONE_S - 1)
    assert outlook.alone(120.0 + ALONE_S)


def test_finality_that_stops_while_blocks_go_on_is_told() -> None:
    outlook = Outlook(0.0)
    outlook.saw_finalized(100)
    outlook.saw_best(1.0, 100 + FINALITY_LAG - 1)
    assert outlook.standstill(2.0) is None
    outlook.saw_best(3.0, 100 + FINALITY_LAG)
    told = outlook.standstill(4.0)
    assert told is not None
    assert "at block 100, while block 120" in told
    outlook.saw_finalized(118)
    assert outlook.standstill(5.0) is None


def test_a_network_without_new_blocks_is_told() -> None:
    outlook = Outlook(0.0)
    assert outlook.standstill(1000.0) is None
    outlook.saw_best(10.0, 5)
    outlook.saw_best(50.0, 5)
    assert outlook.standstill(9.0 + SILENT_S) is None
    assert outlook.standstill(10.0 + SILENT_S) == "The network has made no block for 90 s."


def test_who_claims_what_nobody_proves_is_named_when_it_goes_on() -> None:
    outlook = Outlook(0.0)
    outlook.saw_peers(0.0, 3)
    outlook.saw_best(0.0, 100)
    outlook.saw_finalized(98)
    honest, ahead = Claim("A", 100 + FINALITY_LAG), Claim("B", 5000)
    outlook.saw_claims(0.0, [honest, ahead, Claim("C", 300)])
    assert outlook.notice(CLAIM_S - 1) is None
    outlook.saw_claims(CLAIM_S - 1, [honest, Claim("B", 5007), Claim("C", 120)])
    assert outlook.notice(CLAIM_S) == (
        "1 of the 3 nodes that were found speak of block 5007, and cannot prove it: the authorities of this "
        "network are at block 100. Not followed: B."
    )
    outlook.saw_claims(CLAIM_S, [honest])
    assert outlook.notice(CLAIM_S) is None


def test_a_sleep_shows_on_either_clock() -> None:
    assert asleep(5.0, monotonic=5.1, wall=5.1) is None
    assert asleep(5.0, monotonic=5.1, wall=-3600.0) is None
    assert asleep(5.0, monotonic=5.0, wall=65.0) == 60.0
    assert asleep(5.0, monotonic=65.0, wall=65.0) == 60.0
    assert asleep(5.0, monotonic=5.0, wall=5.0 + ASLEEP_S) is None


def test_reasons_name_places_and_numbers() -> None:
    nobody = [(f"10.0.0.{number}:30333", Greeting.NOBODY) for number in range(5)]
    silent, node = ("10.0.0.6:30333", Greeting.SILENT), ("10.0.0.7:30333", Greeting.NODE)
    assert why_alone("Net", nobody, before=False) == (
        "No boot node of Net can be reached (10.0.0.0:30333, 10.0.0.1:30333, 10.0.0.2:30333 and 2 more)."
    )
    assert "say nothing (10.0.0.6:30333)" in why_alone("Net", [*nobody, silent], before=False)
    assert why_alone("Net", [*nobody, silent, node], before=False).startswith(
        "What answers at 10.0.0.7:30333 is no node of Net: it has another genesis"
    )
    assert "any more, or turns this client away" in why_alone("Net", [node], before=True)
    assert "names no boot nodes" in why_alone("Net", [], before=False)
    assert why_unproven("Net", 2, 50, 7, 5.0).startswith("The 2 nodes that were found claim block 50 of Net")
    assert "clock" not in why_unproven("Net", 2, 50, 7, None) + why_unproven("Net", 2, 50, 7, -5.0)
    assert "60 minutes behind this machine's clock" in why_unproven("Net", 2, 50, 7, 3600.0)
    assert "60 minutes ahead of this machine's clock" in why_unproven("Net", 2, 50, 7, -3600.0)
