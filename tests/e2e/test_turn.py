"""STUN and TURN by configuration, over a real coturn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stardust.link.engine import IceConfig
from stardust.link.port import FrameReceived, LinkOpened, LinkState
from tests.e2e.sides import ALICE, BOB, Side
from tests.fakes.signaling import FakeExchange
from tests.fakes.turn import TCP, UDP, RawTurn
from tests.fixtures.coturn import Coturn


@pytest.mark.timeout(90)
async def test_somebody_who_hides_the_address_is_reached_through_turn(coturn: Coturn) -> None:
    exchange = FakeExchange()
    hidden = Side(exchange, ALICE, IceConfig(turn=coturn.access), relay_only=True)
    open_ = Side(exchange, BOB, IceConfig(stun=coturn.stun))
    try:
        await hidden.links.want(BOB)
        opened = await hidden.until(LinkOpened)
        await open_.until(LinkOpened)
        assert isinstance(opened, LinkOpened)
        assert opened.route == "relay"
        assert await hidden.links.send(BOB.record.device, b"from behind a relay")
        got = await open_.until(FrameReceived)
        assert isinstance(got, FrameReceived)
        assert got.frame == b"from behind a relay"
    finally:
        await hidden.links.close()
        await open_.links.close()


@pytest.mark.timeout(90)
async def test_without_the_turn_server_nothing_is_offered_instead(coturn: Coturn) -> None:
    exchange = FakeExchange()
    wrong = replace(coturn.access, password="not it")
    hidden = Side(exchange, ALICE, IceConfig(turn=wrong), relay_only=True)
    other = Side(exchange, BOB, IceConfig(stun=coturn.stun))
    try:
        await hidden.links.want(BOB)
        with pytest.raises(TimeoutError):
            await hidden.until(LinkOpened, limit=12)
        assert hidden.links.state(BOB.record.device) is not LinkState.OPEN
    finally:
        await hidden.links.close()
        await other.links.close()


def test_the_operators_turn_server_opens_no_tcp_connections_to_others(operators_coturn: Coturn) -> None:
    """RFC 6062 would make it a proxy to every TCP port of the internet, in the operator's name."""
    with RawTurn(operators_coturn) as client:
        refused = client.allocate(TCP)
    assert refused.error_code is not None
    assert "XOR-RELAYED-ADDRESS" not in refused.attributes
    with RawTurn(operators_coturn) as client:
        assert "XOR-RELAYED-ADDRESS" in client.allocate(UDP).attributes


@pytest.mark.parametrize(
    "peer",
    [
        "0.0.0.1",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.254",
        "192.0.0.8",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.251",
        "240.0.0.1",
        "255.255.255.255",
    ],
)
def test_the_operators_turn_server_relays_into_no_network_behind_it(
    operators_coturn: Coturn, peer: str
) -> None:
    with RawTurn(operators_coturn) as client:
        assert "XOR-RELAYED-ADDRESS" in client.allocate(UDP).attributes
        assert client.permit(peer).error_code == 403
        assert client.permit("198.51.100.9").error_code is None
