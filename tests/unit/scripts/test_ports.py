"""A port that another program has: said at once, before anything is built, started or written."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import children
from children import ROOT, PartFailedError, check_port, free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """Somebody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def said(script: str, *arguments: str, **env: str) -> str:
    """What the script says when it refuses; it has some seconds, in which it could build nothing."""
    done = subprocess.run(
        [str(ROOT / "scripts" / script), *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **env},
    )
    assert done.returncode == 1
    assert not done.stdout
    return done.stderr


@pytest.mark.parametrize("option", ["--rpc-port", "--p2p-port"])
def test_the_network_does_not_start_on_a_port_that_is_taken(taken: int, option: str, tmp_path: Path) -> None:
    base, temporary = tmp_path / "base", tmp_path / "tmp"
    temporary.mkdir()
    told = f"error: port {taken} is taken by another program; choose another with {option}\n"
    assert said("network", option, str(taken), "--base", str(base)) == told
    assert said("network", option, str(taken), TMPDIR=str(temporary)) == told
    assert not base.exists()
    assert not list(temporary.iterdir())


def test_the_networks_two_ports_differ() -> None:
    port = str(free_port())
    assert "have to differ" in said("network", "--rpc-port", port, "--p2p-port", port)


def test_the_dev_chain_does_not_start_on_a_port_that_is_taken(taken: int) -> None:
    told = said("devchain", "--port", str(taken))
    assert f"error: port {taken} is taken by another program" in told
    assert "./scripts/devchain --port PORT" in told


def test_the_dev_chains_own_port_counts_too(tmp_path: Path) -> None:
    with socket.socket() as server:
        try:
            server.bind(("127.0.0.1", 9944))
        except OSError:  # somebody else has it: as good
            pass
        else:
            server.listen()
        assert "error: port 9944 is taken by another program" in said("devchain")


def test_a_port_of_closed_connections_is_free() -> None:
    port = free_port()
    address = ("127.0.0.1", port)
    with socket.create_server(address) as server, socket.create_connection(address):
        server.accept()[0].close()
    check_port(port, "take another")


def test_a_port_that_may_not_be_used_is_no_other_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(PartFailedError, match=r"port 80 cannot be used \(Permission denied\)"):
        check_port(80, "take another")


def test_a_free_port_is_one_that_nothing_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by TCP nor by UDP, and none that Linux gives to outgoing connections."""
    first = free_port()
    assert first < int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    monkeypatch.setattr(children, "PORTS", range(first, first + 1))
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as other:
            other.bind(("127.0.0.1", first))
            with pytest.raises(PartFailedError, match="no free port"):
                free_port()
    assert free_port() == first
