"""``./scripts/network``: starts the nodes, says where they are, ends them when told to."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from children import ENDS, PartFailedError, Stopped, check_port, on_signal
from network import spec
from network.folder import held
from network.local import Addresses, Network


def tell(network: Network, where: Addresses, took_s: float) -> None:
    """The addresses, for a person."""
    names = ", ".join(network.validators)
    print(
        f"{len(network.validators)} validators ({names}) and an RPC node; first finality after {took_s:.0f} s"
    )
    print("The validators' keys are the well-known ones of these names: never use them on a real network.")
    print(f"  RPC           {where.rpc}")
    print(f"  boot address  {where.boot}")
    print(f"  light client  {where.light_spec}")
    print(f"  an account    stardust init --network {where.light_spec} --node {where.rpc}")
    for name, address in where.prometheus.items():
        print(f"  metrics       {address}  {name}")
    print(f"  data, logs    {network.folder}")
    print("Ctrl-C stops it.", flush=True)


def run(network: Network, as_json: bool) -> None:
    """Until a signal comes or a node ends by itself."""
    began = time.monotonic()
    if not as_json:
        print("starting the nodes; finality takes some blocks", flush=True)
    network.start()
    where = network.addresses()
    if as_json:
        print(json.dumps(where.as_dict()), flush=True)
    else:
        tell(network, where, time.monotonic() - began)
    while True:
        for node in network.nodes.values():
            node.check()
        time.sleep(1)


def serve(folder: Path, chain: Path | None, as_json: bool, ports: dict[str, Any]) -> None:
    """As ``run``; all nodes have ended then."""
    network = Network(folder, chain=chain_spec(folder, chain), with_parent=True, **ports)
    try:
        run(network, as_json)
    finally:
        for number in ENDS:
            signal.signal(number, signal.SIG_IGN)
        network.stop()


def check_ports(rpc_port: int | None, p2p_port: int | None) -> None:
    """Those that were asked for; the others are free ones. ``PartFailedError``."""
    if rpc_port is not None and rpc_port == p2p_port:
        raise PartFailedError("--rpc-port and --p2p-port have to differ")
    for port, option in ((rpc_port, "--rpc-port"), (p2p_port, "--p2p-port")):
        if port is not None:
            check_port(port, f"choose another with {option}")


@contextlib.contextmanager
def folder_of(base: Path | None, ports: dict[str, Any]) -> Iterator[Path]:
    """Where the network stands. ``PartFailedError`` before anything was written."""
    if base is None:
        check_ports(**ports)
        folder = Path(tempfile.mkdtemp(prefix="stardust-network-"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return
    if not base.is_dir():
        check_ports(**ports)
    with held(base):
        check_ports(**ports)
        yield base


def chain_spec(folder: Path, chain: Path | None) -> Path:
    """The spec to use: that of the network in the folder, or the one that was asked for."""
    wanted = spec.load(chain or spec.LOCAL)
    path = folder / "chain.json"
    if not path.exists():
        return spec.write(wanted, path)
    if chain and spec.load(path) != wanted:
        raise PartFailedError(f"{folder} holds a network with another chain spec; take another folder")
    return path


@click.command()
@click.option("--chain", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--base", type=click.Path(file_okay=False, path_type=Path))
@click.option("--rpc-port", type=click.IntRange(1, 65535))
@click.option("--p2p-port", type=click.IntRange(1, 65535))
@click.option("--json", "as_json", is_flag=True)
def main(chain: Path | None, base: Path | None, as_json: bool, **ports: Any) -> None:
    """Several validators and one RPC node on this machine."""
    for number in ENDS:
        signal.signal(number, on_signal)
    code = 0
    try:
        with folder_of(base.resolve() if base else None, ports) as folder:
            serve(folder, chain, as_json, ports)
    except Stopped:
        print("stopping", file=sys.stderr)
    except PartFailedError as error:
        print(f"error: {error}", file=sys.stderr)
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    main()
