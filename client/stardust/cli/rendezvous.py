"""Commands of who runs a rendezvous for others; they need no account and no daemon."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Any

import click

from stardust.cli.app import App, Group, pass_app

if TYPE_CHECKING:
    from stardust.rendezvous.server import Address


class AddressType(click.ParamType["Address"]):
    """``HOST:PORT``; an IPv6 address in brackets."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        from stardust.rendezvous.server import Address

        host, colon, port = str(value).rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not (colon and host and port.isascii() and port.isdigit() and int(port) < 65_536):
            self.fail(f"{value!r} is not HOST:PORT, such as 127.0.0.1:7480 or [::]:7480", param, ctx)
        return Address(host, int(port))


class NetworkType(click.ParamType[IPv4Network | IPv6Network]):
    """An address, or a network such as 10.0.0.0/8."""

    name = "network"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> IPv4Network | IPv6Network:
        try:
            return ip_network(str(value))
        except ValueError:
            self.fail(f"{value!r} is no IP address or network, such as 127.0.0.1 or 10.0.0.0/8", param, ctx)


@click.group(cls=Group, params=[], context_settings={"help_option_names": ["-h", "--help"]})
def rendezvous() -> None:
    """Run a rendezvous: a server that brings people's devices together and sees sealed envelopes only."""


@rendezvous.command("serve")
@click.option(
    "--listen",
    type=AddressType(),
    metavar="HOST:PORT",
    default="127.0.0.1:7480",
    show_default=True,
    help="Where. Without TLS: put a TLS proxy in front of it.",
)
@click.option(
    "--max-connections",
    type=click.IntRange(1, 100_000),
    default=4096,
    show_default=True,
    help="At a time, 32 of them from one address.",
)
@click.option(
    "--metrics",
    type=AddressType(),
    metavar="HOST:PORT",
    help="Answer /health and /metrics (Prometheus) here.",
)
@click.option(
    "--proxy",
    "proxies",
    type=NetworkType(),
    metavar="ADDRESS",
    multiple=True,
    help="Address or network of the TLS proxy, whose X-Forwarded-For is believed. Who comes from there "
    "without it is turned away. May be repeated.",
)
@pass_app
def serve(
    app: App,
    listen: Address,
    max_connections: int,
    metrics: Address | None,
    proxies: tuple[IPv4Network | IPv6Network, ...],
) -> None:
    """Serve until Ctrl-C or SIGTERM. The log goes to standard error, with --json a JSON document a line.

    Nothing is written to disk. No address, topic or envelope is logged.
    """
    from stardust.rendezvous.limits import Limits
    from stardust.rendezvous.serving import run

    limits = Limits(connections=max_connections)
    run(listen, limits, metrics=metrics, proxies=proxies, as_json=app.json)
