"""``./scripts/new-network``: makes the folder, and says what goes where."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from children import PartFailedError
from network.fresh import Made, Place, Plan, RpcPlace, make
from network.genesis import Times
from network.node import build


def identity(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not re.fullmatch("[a-z0-9][a-z0-9-]{0,31}", value):
        raise click.BadParameter("lower case letters, digits and hyphens, at most 32")
    return value


def tell(made: Made) -> None:
    """What the operator has to do now."""
    print(f"{made.folder}:")
    print("  public/chain.json   the chain, for every node; public/light.json: for the people who use it")
    for name, peer in made.peers.items():
        account = f"  account {made.validators[name]}" if name in made.validators else ""
        print(f"  {name + '/':<20}for that machine only; peer {peer}{account}")
    print("  offline/            for no machine of the network")
    print(f"Root is {made.root}.")
    print(
        f"WHO HAS {made.folder / 'offline' / 'root.phrase'} OWNS THE NETWORK. Take the folder offline to\n"
        "another place, on paper or two sticks, and delete it here. Nothing that runs needs it.",
        flush=True,
    )


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("validators", nargs=-1, required=True, type=Place.parse)
@click.option("--rpc", multiple=True, required=True, type=RpcPlace.parse)
@click.option("--name", default="Stardust")
@click.option("--id", "identity", default="stardust", callback=identity)
@click.option("--slot-millis", type=click.IntRange(500, 60_000))
@click.option("--session-blocks", type=click.IntRange(5, 100_000))
@click.option("--node", "binary", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(
    folder: Path,
    validators: Sequence[Place],
    rpc: Sequence[RpcPlace],
    name: str,
    identity: str,
    slot_millis: int | None,
    session_blocks: int | None,
    binary: Path | None,
) -> None:
    """Keys and chain spec of a new network."""
    plan = Plan(name, identity, validators, rpc, Times(slot_millis, session_blocks))
    try:
        made = make(folder, plan, binary or build())
    except PartFailedError as error:
        sys.exit(f"error: {error}")
    tell(made)


if __name__ == "__main__":
    main()
