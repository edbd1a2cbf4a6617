"""``./scripts/turn-credentials``: a name and password for one person, until a day."""

from __future__ import annotations

import base64
import hmac
import re
import time
from pathlib import Path

import click

from children import PartFailedError

MAX_CONFIG = 64 * 1024
DAY_S = 86_400


def credentials(secret: str, name: str, ends: int) -> tuple[str, str]:
    """User name and password until ``ends`` (Unix seconds), as coturn's ``use-auth-secret`` checks them
    (draft-uberti-behave-turn-rest-00)."""
    user = f"{ends}:{name}"
    digest = hmac.digest(secret.encode(), user.encode(), "sha1")
    return user, base64.b64encode(digest).decode()


def secret_of(config: Path) -> str:
    """``static-auth-secret`` of a turnserver.conf."""
    with config.open() as file:
        found = re.search(r"^static-auth-secret=(\S+)$", file.read(MAX_CONFIG), re.MULTILINE)
    if found is None:
        raise PartFailedError(f"{config} has no static-auth-secret")
    return found[1]


@click.command()
@click.argument("config", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 3650), default=90)
def main(config: Path, name: str, days: int) -> None:
    """What a person puts into config.toml."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name):
        raise click.BadParameter("letters, digits and . _ - only", param_hint="NAME")
    try:
        user, password = credentials(secret_of(config), name, int(time.time()) + days * DAY_S)
    except PartFailedError as error:
        raise click.ClickException(str(error)) from None
    print(f'username = "{user}"')
    print(f'password = "{password}"')


if __name__ == "__main__":
    main()
