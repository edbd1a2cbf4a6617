"""``./scripts/validator``: a real change of the authority set, step by step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from network.authorities import Authorities, address_of
from network.onchain import at_node, read_key
from stardust.identity.accounts import AccountKey

KEY_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
@click.option("--rpc", "url", default="ws://127.0.0.1:9944")
@click.pass_context
def main(context: click.Context, url: str) -> None:
    """Who validates."""
    context.obj = url


@main.command("list")
@click.pass_obj
def show(url: str) -> None:
    """All validators, and those who will be."""

    def work(authorities: Authorities) -> None:
        for one in authorities.standing():
            state = {(True, True): "validates", (True, False): "is leaving", (False, True): "is coming"}
            print(f"{one.address}  {state[one.now, one.named]}")

    at_node(Authorities, work, url)


@main.command()
@click.option("--account-key", required=True, type=KEY_FILE)
@click.pass_obj
def keys(url: str, account_key: Path) -> None:
    """New session keys in the node asked, put on chain."""

    def work(authorities: Authorities) -> None:
        account = read_key(account_key)
        made = authorities.set_keys(account)
        print(f"{account.address} signs with {made} from the next session but one")

    at_node(Authorities, work, url)


def root_command(name: str, change: Callable[[Authorities, AccountKey, str], None], done: str) -> None:
    """A command in which root makes this change for an address."""

    @main.command(name)
    @click.argument("address", type=address_of)
    @click.option("--root-key", required=True, type=KEY_FILE)
    @click.pass_obj
    def command(url: str, address: str, root_key: Path) -> None:
        def work(authorities: Authorities) -> None:
            change(authorities, read_key(root_key), address)
            print(f"{address} {done}")

        at_node(Authorities, work, url)


root_command("fund", Authorities.fund, "has money for fees")
root_command("add", Authorities.add, "validates from the next session but one")
root_command("remove", Authorities.remove, "stops validating with the next session but one")

if __name__ == "__main__":
    main()
