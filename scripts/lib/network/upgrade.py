"""``./scripts/upgrade``: another runtime for a running network, step by step."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from children import PartFailedError
from network.onchain import at_node, read_key
from network.upgrades import Upgrades, hash_of, read_code

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
@click.option("--rpc", "url", default="ws://127.0.0.1:9944")
@click.pass_context
def main(context: click.Context, url: str) -> None:
    """Another runtime."""
    context.obj = url


@main.command()
@click.pass_obj
def show(url: str) -> None:
    """What runs now, and what comes."""

    def work(upgrades: Upgrades) -> None:
        print(f"runtime {upgrades.version()}")
        print(f"authorized: {upgrades.authorized() or 'nothing'}")
        print(f"storage: {'is being migrated' if upgrades.migrating() else 'as this runtime wants it'}")

    at_node(Upgrades, work, url)


@main.command("hash")
@click.argument("wasm", type=FILE)
def show_hash(wasm: Path) -> None:
    """What root authorizes for this Wasm; asks no node."""
    try:
        print(hash_of(read_code(wasm)))
    except PartFailedError as error:
        sys.exit(f"error: {error}")


@main.command()
@click.argument("code_hash")
@click.option("--root-key", required=True, type=FILE)
@click.pass_obj
def authorize(url: str, code_hash: str, root_key: Path) -> None:
    """Root's decision."""

    def work(upgrades: Upgrades) -> None:
        upgrades.authorize(read_key(root_key), code_hash)
        print(f"{code_hash} is authorized: anybody can apply it now")

    at_node(Upgrades, work, url)


@main.command()
@click.argument("wasm", type=FILE)
@click.pass_obj
def apply(url: str, wasm: Path) -> None:
    """Brings the code that root has authorized."""

    def work(upgrades: Upgrades) -> None:
        upgrades.apply(read_code(wasm))
        print("every node runs it from the next block on")

    at_node(Upgrades, work, url)


if __name__ == "__main__":
    main()
