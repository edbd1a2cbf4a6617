"""Which way to the chain a configuration means, and how a network comes into a home."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stardust.chain.errors import ChainSpecError
from stardust.daemon import setup
from stardust.daemon.chains import light_spec
from stardust.daemon.config import ChainConfig, Config, load
from stardust.daemon.home import Home
from stardust.identity.accounts import AccountKey
from stardust.identity.errors import DevAccountError
from stardust.identity.keystore import export_keystore

BOOT = "/ip4/10.0.0.1/tcp/30333/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"


def network(path: Path, *boot: str, **more: str) -> Path:
    raw = {"top": {"0x3a636f6465": "0x00"}, "childrenDefault": {}}
    spec = {"name": "Net", "id": "net", "bootNodes": boot, "genesis": {"raw": raw}, **more}
    path.write_text(json.dumps(spec))
    return path


def chosen(home: Path, **chain: Any) -> bool:
    """Whether it is the light client."""
    return light_spec(Home(home), Config(chain=ChainConfig(**chain))) is not None


def test_the_light_client_is_chosen_where_a_spec_names_boot_nodes(tmp_path: Path) -> None:
    network(tmp_path / "net.json", BOOT)
    network(tmp_path / "bare.json")
    assert chosen(tmp_path, spec="net.json")
    assert chosen(tmp_path, spec=str(tmp_path / "net.json"), mode="light")
    assert not chosen(tmp_path)
    assert not chosen(tmp_path, spec="bare.json")
    assert not chosen(tmp_path, spec="net.json", mode="rpc")


def test_a_light_client_without_boot_nodes_or_spec_is_refused(tmp_path: Path) -> None:
    network(tmp_path / "bare.json")
    with pytest.raises(ChainSpecError, match="names no boot nodes"):
        chosen(tmp_path, spec="bare.json", mode="light")
    with pytest.raises(ChainSpecError, match="cannot be read"):
        chosen(tmp_path, spec="none.json")


def test_a_home_keeps_a_copy_of_its_network(tmp_path: Path) -> None:
    file = network(tmp_path / "download.json", BOOT)
    made = setup.create_account(tmp_path / "home", "", network=file)
    file.unlink()
    home = Home(made.home)
    config = load(home.config)
    assert config.chain.spec == "network.json"
    assert light_spec(home, config) is not None
    assert not home.loose_permissions()


def test_a_file_that_is_no_chain_spec_makes_no_home(tmp_path: Path) -> None:
    file = tmp_path / "download.json"
    file.write_text("{}")
    with pytest.raises(ChainSpecError):
        setup.create_account(tmp_path / "home", "", network=file)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("kind", [{}, {"chainType": "Live"}, {"chainType": {"Custom": "mine"}}])
def test_an_account_that_everybody_knows_is_refused_on_a_live_network(tmp_path: Path, kind: Any) -> None:
    live = network(tmp_path / "live.json", BOOT, **kind)
    with pytest.raises(DevAccountError):
        setup.import_account(tmp_path / "home", "//Alice", "", dev=True, network=live)
    assert not (tmp_path / "home").exists()
    file = export_keystore(AccountKey.from_uri("//Alice", dev=True), "pass")
    with pytest.raises(DevAccountError):
        setup.import_account_file(tmp_path / "home", file, "pass", "", network=live)
    assert not (tmp_path / "home").exists()
    local = network(tmp_path / "local.json", BOOT, chainType="Local")
    setup.import_account(tmp_path / "home", "//Alice", "", dev=True, network=local)
