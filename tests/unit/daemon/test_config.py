from __future__ import annotations

from pathlib import Path

import pytest

from stardust.daemon.config import (
    ChainConfig,
    Config,
    IpfsConfig,
    NetworkConfig,
    SignalingConfig,
    TurnServer,
    load,
    render,
)
from stardust.daemon.errors import ConfigError


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / "config.toml") == Config()


def test_what_is_rendered_is_read_back(tmp_path: Path) -> None:
    config = Config(
        chain=ChainConfig(nodes=("wss://a.example", "ws://127.0.0.1:9944"), genesis="0x" + "ab" * 32),
        network=NetworkConfig(
            stun="stun:s.example:3478",
            turn=TurnServer("turn:t.example:3478", 'a "user"', "päss\\word"),
            relay_only_for_strangers=True,
        ),
        signaling=SignalingConfig(rendezvous=("wss://r.example", "ws://127.0.0.1:7480")),
        ipfs=IpfsConfig("http://127.0.0.1:5002"),
    )
    assert load(written(tmp_path, render(config))) == config
    assert render(Config()) == ""
    assert "päss" not in repr(config)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[chain\n", "line 1"),
        ("[chain]\nnodes = 3\n", "chain.nodes"),
        ('[chain]\nnodes = ["http://x"]\n', "chain.nodes"),
        ("[chain]\nnodes = []\n", "chain.nodes"),
        ('[chain]\ngenesis = "0x12"\n', "chain.genesis"),
        ('[signaling]\nrendezvous = ["https://x"]\n', "signaling.rendezvous"),
        (
            '[signaling]\nrendezvous = ["ws://a", "ws://b", "ws://c", "ws://d", "ws://e"]\n',
            "signaling.rendezvous",
        ),
        ("[chian]\n", "chian"),
        ("[api]\nwebsockets = true\n", "websockets"),
        ("[api]\nport = 70000\n", "api.port"),
        ('[log]\nlevel = "loud"\n', "log.level"),
        ('[signaling]\nprefer = "rendezvous"\n', "signaling.rendezvous"),
        ('[chain]\nmode = "light"\n', "chain.spec"),
        ('[chain]\nmode = "heavy"\n', "chain.mode"),
        ("[chain]\ncompare = true\n", "chain.nodes"),
        ("[network]\nrelay_only_for_strangers = true\n", "network.turn"),
    ],
)
def test_an_error_names_line_or_key(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml") as caught:
        load(written(tmp_path, text))
    assert named in str(caught.value)


@pytest.mark.parametrize("value", ["true", "false"])
def test_how_presence_was_announced_before_is_to_be_chosen_anew(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match=r"presence\.announce is not true or false any more") as caught:
        load(written(tmp_path, f"[presence]\nannounce = {value}\n"))
    assert '"public" for true, "off" for false' in str(caught.value.hint)


def test_nothing_is_announced_unasked(tmp_path: Path) -> None:
    assert load(tmp_path / "missing.toml").presence.announce == "off"


@pytest.mark.parametrize(
    ("config", "asks"),
    [
        (SignalingConfig(), False),
        (SignalingConfig(nodes=("ws://a",)), True),
        (SignalingConfig(rendezvous=("ws://a",)), True),
        (SignalingConfig(prefer="statements"), True),
        (SignalingConfig(prefer="rendezvous", rendezvous=("ws://a",)), True),
        (SignalingConfig(prefer="pallet", rendezvous=("ws://a",)), False),
    ],
)
def test_a_way_off_chain_is_asked_for_by_name(config: SignalingConfig, asks: bool) -> None:
    assert Config(signaling=config).asks_free is asks


@pytest.mark.parametrize(
    ("config", "asks"),
    [
        (Config(chain=ChainConfig(spec="network.json")), True),
        (Config(chain=ChainConfig(spec="network.json", mode="rpc")), False),
        (Config(chain=ChainConfig(spec="network.json"), signaling=SignalingConfig(prefer="pallet")), False),
        (Config(signaling=SignalingConfig(prefer="statements")), True),
        (Config(), False),
    ],
)
def test_who_follows_a_network_expects_its_statement_store(config: Config, asks: bool) -> None:
    assert config.asks_free is asks
