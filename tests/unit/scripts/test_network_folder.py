"""The folder of ``./scripts/network``: for one at a time, which has the same ports each time."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from children import ROOT, PartFailedError, free_port
from network import folder as module
from network.folder import Ports, assign, held
from network.local import RPC, Network

NAMES = (RPC, "alice")


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    """A node that knows its name, and starts no network."""
    path = tmp_path / "node"
    path.write_text('#!/bin/sh\ncase "$2" in inspect-node-key) echo "12D3Koo${4##*/base/}" ;; esac\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("more", [(), ("--rpc-port", "20001"), ("--json",)])
def test_a_folder_in_use_is_refused_and_left_as_it_is(tmp_path: Path, more: tuple[str, ...]) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "light.json").write_text("of the network that runs")
    before = contents(base)
    with held(base):
        done = subprocess.run(
            [str(ROOT / "scripts" / "network"), "--base", str(base), *more],
            capture_output=True,
            text=True,
            timeout=30,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: the folder {base} is in use by a running network\n"
    assert contents(base) == before


def test_a_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(PartFailedError, match="in use"), held(tmp_path):
        pass
    with held(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PartFailedError, match="cannot be used"), held(tmp_path / "file" / "base"):
        pass


def test_a_network_that_is_started_again_is_where_it_was(tmp_path: Path, binary: Path) -> None:
    """What people were given, the spec for light clients and the node's URL, stays right."""
    first = Network(tmp_path / "base", binary=binary)
    light = first.light_spec.read_bytes()
    again = Network(tmp_path / "base", binary=binary)
    assert again.light_spec.read_bytes() == light
    assert [node.url for node in again.nodes.values()] == [node.url for node in first.nodes.values()]
    assert [node.metrics for node in again.nodes.values()] == [n.metrics for n in first.nodes.values()]
    other = Network(tmp_path / "other", binary=binary)
    assert other[RPC].url != first[RPC].url


def test_an_option_names_another_port_which_stays(tmp_path: Path) -> None:
    first = assign(tmp_path, NAMES, {})
    wanted = free_port(besides=[port for one in first.values() for port in (one.rpc, one.p2p)])
    changed = assign(tmp_path, NAMES, {RPC: {"rpc": wanted}})
    assert changed == {**first, RPC: Ports(wanted, first[RPC].p2p, first[RPC].prometheus)}
    assert assign(tmp_path, NAMES, {}) == changed


def test_a_port_of_another_node_that_an_option_takes_is_given_anew(tmp_path: Path) -> None:
    first = assign(tmp_path, NAMES, {})
    changed = assign(tmp_path, NAMES, {RPC: {"p2p": first["alice"].p2p}})
    assert changed[RPC].p2p == first["alice"].p2p
    assert len({port for one in changed.values() for port in (one.rpc, one.p2p, one.prometheus)}) == 6


def test_no_port_is_given_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = iter([20_001, 20_001, 20_002, 20_002, 20_003])
    monkeypatch.setattr(module, "free_port", lambda used: next(port for port in few if port not in used))
    assert assign(tmp_path, ["alice"], {}) == {"alice": Ports(20_001, 20_002, 20_003)}


@pytest.fixture
def taken(tmp_path: Path) -> Iterator[int]:
    """One of the network's ports, at which somebody else listens now."""
    port = assign(tmp_path, NAMES, {})["alice"].p2p
    with socket.create_server(("127.0.0.1", port)):
        yield port


def test_a_port_that_was_taken_meanwhile_is_named_with_a_way_out(tmp_path: Path, taken: int) -> None:
    before = contents(tmp_path)
    with pytest.raises(PartFailedError, match=f"port {taken} is taken by another program") as refused:
        assign(tmp_path, NAMES, {})
    assert f"remove {tmp_path / 'ports.json'}" in str(refused.value)
    assert contents(tmp_path) == before
    (tmp_path / "ports.json").unlink()
    assert assign(tmp_path, NAMES, {})["alice"].p2p != taken


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", json.dumps({"rpc": {"rpc": 1}}), '{"rpc":{"rpc":0,"p2p":2,"prometheus":3}}', "\udcff"],
)
def test_a_broken_file_of_ports_is_named_with_a_way_out(tmp_path: Path, content: str) -> None:
    file = tmp_path / "ports.json"
    file.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(PartFailedError, match="cannot be read; remove it"):
        assign(tmp_path, NAMES, {})
