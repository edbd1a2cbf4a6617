"""``docker-compose.yml``: private addresses are fixed, of one block, and named where something is let in."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

import pytest

from children import ROOT
from tests.fixtures.compose import COMPOSE, compose, options


@pytest.fixture(params=["172.30.57", "10.99.3"])
def whole(request: pytest.FixtureRequest) -> tuple[ipaddress.IPv4Network, Any]:
    """All private addresses, and the file."""
    net: str = request.param
    made = compose() if net == "172.30.57" else compose(STARDUST_NET=net)
    return ipaddress.IPv4Network(f"{net}.0/24"), made


def subnets(made: Any) -> dict[str, ipaddress.IPv4Network]:
    return {
        name: ipaddress.IPv4Network(network["ipam"]["config"][0]["subnet"])
        for name, network in made["networks"].items()
    }


def test_each_network_has_addresses_of_its_own(whole: tuple[ipaddress.IPv4Network, Any]) -> None:
    block, made = whole
    nets = list(subnets(made).values())
    assert len(nets) == 4
    assert all(net.subnet_of(block) for net in nets)
    assert not any(one.overlaps(other) for one in nets for other in nets if one is not other)


def test_the_turn_server_relays_to_itself_and_to_nobody_behind_it(
    whole: tuple[ipaddress.IPv4Network, Any],
) -> None:
    block, made = whole
    turn = made["services"]["turn"]
    own = turn["networks"]["relay"]["ipv4_address"]
    assert ipaddress.IPv4Address(own) in subnets(made)["relay"]
    for name in ("listening-ip", "relay-ip", "allowed-peer-ip"):
        assert options(turn, name) == [own]
    assert options(turn, "external-ip") == [f"198.51.100.7/{own}"]
    assert f"{block[0]}-{block[-1]}" in options(turn, "denied-peer-ip")
    assert turn["healthcheck"]["test"][-1] == own


def test_only_the_proxys_network_may_say_for_whom_it_asks(
    whole: tuple[ipaddress.IPv4Network, Any],
) -> None:
    _, made = whole
    assert options(made["services"]["rendezvous"], "proxy") == [str(subnets(made)["meeting"])]
    assert "meeting" in made["services"]["proxy"]["networks"]


def test_every_setting_of_the_example_is_one() -> None:
    example = (ROOT / ".env.example").read_text()
    names = re.findall(r"^#?(STARDUST_\w+)=", example, re.MULTILINE)
    assert "STARDUST_NET" in names
    assert all("${" + name in COMPOSE for name in names)


def test_no_volume_has_the_beginning_of_another_for_its_name() -> None:
    """podman finds the longer one by it, so podman-compose would not make the other, nor remove it."""
    names = sorted(compose()["volumes"])
    assert not [
        (short, long) for short in names for long in names if long != short and long.startswith(short)
    ]
