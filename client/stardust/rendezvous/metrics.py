"""``/health`` and ``/metrics`` (Prometheus text format 0.0.4) on a port of their own. Numbers only:
no address, no topic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final

from websockets.asyncio.server import Server, ServerConnection
from websockets.http11 import Request, Response

from stardust.rendezvous.server import Address, Rendezvous, listening

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


async def serve_metrics(listen: Address, rendezvous: Rendezvous) -> Server:
    """Raises what ``Rendezvous.start`` raises for its address."""

    def answer(connection: ServerConnection, request: Request) -> Response:
        path = request.path.partition("?")[0]
        if path == "/health":
            return connection.respond(HTTPStatus.OK, "ok\n")
        if path != "/metrics":
            return connection.respond(HTTPStatus.NOT_FOUND, "There are /health and /metrics.\n")
        response = connection.respond(HTTPStatus.OK, text_of(rendezvous))
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = CONTENT_TYPE
        return response

    return await listening(listen, _nothing, process_request=answer, open_timeout=5, max_size=1)


async def _nothing(_: ServerConnection) -> None:
    """Never called: each request has its answer before a WebSocket is opened."""


def text_of(rendezvous: Rendezvous) -> str:
    """All figures, each with what it means."""
    return "\n".join((*_lines(rendezvous), ""))


def _lines(rendezvous: Rendezvous) -> Iterator[str]:
    exchange, store, door = rendezvous.exchange, rendezvous.exchange.store, rendezvous.door
    figures = exchange.figures
    yield from _one("connections", "gauge", "Open connections.", door.open)
    yield from _one(
        "subscriptions", "gauge", "Topics listened to, over all connections.", exchange.subscriptions
    )
    yield from _one("envelopes", "gauge", "Envelopes that are kept now.", store.count)
    yield from _one("envelope_bytes", "gauge", "Bytes that they take.", store.bytes)
    yield from _one("topics", "gauge", "Topics under which something is kept.", store.topics)
    yield from _one("published_total", "counter", "Envelopes taken.", figures.published)
    yield from _one("delivered_total", "counter", "Envelopes handed out.", figures.delivered)
    yield from _one("crowded_out_total", "counter", "Envelopes that had to go early.", store.crowded_out)
    yield from _one("turned_away_total", "counter", "Connections not let in.", door.turned_away)
    yield from _by("refused_total", "Requests refused.", "reason", figures.refused)
    yield from _by("ended_total", "Connections ended from here.", "reason", rendezvous.ended)


def _one(name: str, kind: str, what: str, value: int) -> Iterator[str]:
    yield from _head(name, kind, what)
    yield f"stardust_rendezvous_{name} {value}"


def _by(name: str, what: str, label: str, values: Mapping[str, int]) -> Iterator[str]:
    yield from _head(name, "counter", what)
    for key, value in sorted(values.items()):
        yield f'stardust_rendezvous_{name}{{{label}="{key}"}} {value}'


def _head(name: str, kind: str, what: str) -> Iterator[str]:
    yield f"# HELP stardust_rendezvous_{name} {what}"
    yield f"# TYPE stardust_rendezvous_{name} {kind}"
