"""What ``scripts/new-network`` and ``scripts/turn-credentials`` take and say."""

from __future__ import annotations

from pathlib import Path

import pytest

from children import PartFailedError
from network.fresh import Place, RpcPlace
from network.genesis import Times
from network.turn import credentials, secret_of


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("v1", "/dns/v1/tcp/30333/p2p/PEER"),
        ("v1.example.org:30334", "/dns/v1.example.org/tcp/30334/p2p/PEER"),
        ("192.0.2.1", "/ip4/192.0.2.1/tcp/30333/p2p/PEER"),
        ("[2001:db8::1]:5", "/ip6/2001:db8::1/tcp/5/p2p/PEER"),
    ],
)
def test_a_place_becomes_a_multiaddress(text: str, address: str) -> None:
    assert Place.parse(text).address("PEER") == address


@pytest.mark.parametrize(
    "text", ["", "-x", "x-", "a b", "a/b", "x:0", "x:65536", "x:y", "[::g]:1", "a:b:c", "::1"]
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Place.parse(text)


def test_people_may_reach_an_rpc_node_elsewhere_than_its_peers() -> None:
    place = RpcPlace.parse("rpc=203.0.113.5:1")
    assert (place.inside, place.outside) == (Place("rpc"), Place("203.0.113.5", 1))
    assert RpcPlace.parse("rpc:2").outside == Place("rpc", 2)


def test_times_stand_where_the_runtime_reads_them() -> None:
    assert Times().storage() == {}
    stored = Times(1000, 10).storage()
    assert stored["0x9595e60fd718da9a8044a8f4833416b7"] == "0xe803000000000000"
    assert "0x0a000000" in stored.values()


def test_a_turn_password_is_one_of_name_and_day(tmp_path: Path) -> None:
    """The password by: printf %s 1800000000:ann | openssl dgst -sha1 -hmac north -binary | base64"""
    config = tmp_path / "turnserver.conf"
    config.write_text("use-auth-secret\nstatic-auth-secret=north\n")
    made = credentials(secret_of(config), "ann", 1_800_000_000)
    assert made == ("1800000000:ann", "Sqiimhz6m4x0uPJBfx56aqeAS4E=")


def test_a_configuration_without_secret_is_said(tmp_path: Path) -> None:
    config = tmp_path / "turnserver.conf"
    config.write_text("realm=stardust\n")
    with pytest.raises(PartFailedError, match="has no static-auth-secret"):
        secret_of(config)
